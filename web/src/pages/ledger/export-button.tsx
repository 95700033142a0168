import { useState } from "preact/hooks";
import { allPages } from "../../api/pages";
import { type Problem, problemOf } from "../../api/problem";
import { ledger, type Query } from "../../api/resources";
import { messages } from "../../i18n/language";
import { Button } from "../../ui/button";
import { Icon } from "../../ui/icon";
import { announce } from "../../ui/live-region";
import { ProblemNotice } from "../../ui/problem-notice";
import { download, toCsv } from "./csv";

const MAX_PAGES = 100; // ten thousand entries

/** Saves the entries that the filter lets through as a CSV file. */
export function ExportButton({ query }: { query: Query }) {
  const t = messages.value.ledger;
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [truncated, setTruncated] = useState(false);
  const save = async () => {
    setBusy(true);
    setProblem(null);
    try {
      const { items, truncated: cut } = await allPages(ledger, query, MAX_PAGES);
      setTruncated(cut);
      download(`ledger-${new Date().toISOString().slice(0, 10)}.csv`, toCsv(items));
      announce(t.export);
    } catch (error) {
      setProblem(problemOf(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <div>
      <Button onClick={save} busy={busy}>
        <Icon name="download" /> {busy ? t.exporting : t.export}
      </Button>
      {truncated && <p class="hint">{t.exportTruncated}</p>}
      <ProblemNotice problem={problem} onRetry={save} />
    </div>
  );
}
