import { useState } from "preact/hooks";
import { runs } from "../../api/resources";
import type { RunStatus } from "../../api/types";
import { messages } from "../../i18n/language";
import { Link } from "../../routing/link";
import { useList } from "../../state/list";
import { Empty } from "../../ui/empty";
import { ListFooter } from "../../ui/list-footer";
import { Page } from "../../ui/page";
import { ProblemNotice } from "../../ui/problem-notice";
import { Skeleton } from "../../ui/skeleton";
import { RunRows, useWorkflowNames } from "./run-rows";

const STATUSES: RunStatus[] = ["queued", "running", "succeeded", "failed"];

export function RunsPage() {
  const t = messages.value.runs;
  const [status, setStatus] = useState("");
  const list = useList((cursor) => runs({ status, cursor }), status);
  const names = useWorkflowNames();
  return (
    <Page title={t.title}>
      <StatusFilter chosen={status} onChoose={setStatus} />
      <section class="card">
        <ProblemNotice problem={list.problem} onRetry={list.loadMore} />
        {!list.items && !list.problem && <Skeleton rows={6} />}
        {list.items?.length === 0 && !list.more && <NoRuns filtered={Boolean(status)} />}
        {list.items && list.items.length > 0 && <RunRows runs={list.items} names={names} />}
        <ListFooter more={list.more} busy={list.busy} onMore={list.loadMore} />
      </section>
    </Page>
  );
}

function NoRuns({ filtered }: { filtered: boolean }) {
  const t = messages.value;
  if (filtered) return <Empty title={t.runs.noneFiltered} />;
  return (
    <Empty title={t.runs.none} hint={t.runs.noneHint}>
      <Link to="/workflows" class="button button-secondary">
        {t.nav.workflows}
      </Link>
    </Empty>
  );
}

function StatusFilter({ chosen, onChoose }: { chosen: string; onChoose: (it: string) => void }) {
  const t = messages.value.runs;
  return (
    <fieldset class="segments filter">
      <legend class="visually-hidden">{t.status}</legend>
      {["", ...STATUSES].map((status) => (
        <label key={status}>
          <input
            type="radio"
            name="status"
            checked={status === chosen}
            onChange={() => onChoose(status)}
          />
          <span>{status ? t.statuses[status as RunStatus] : t.allStatuses}</span>
        </label>
      ))}
    </fieldset>
  );
}
