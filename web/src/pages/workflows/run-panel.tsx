import { useState } from "preact/hooks";
import type { Problem } from "../../api/problem";
import { startRun } from "../../api/resources";
import type { JsonObject, Workflow } from "../../api/types";
import { Field } from "../../forms/field";
import { credits } from "../../i18n/format";
import { messages } from "../../i18n/language";
import { Link } from "../../routing/link";
import { here, navigate } from "../../routing/router";
import { useIntent } from "../../state/intent";
import { Button } from "../../ui/button";
import { Icon } from "../../ui/icon";
import { ProblemNotice } from "../../ui/problem-notice";

/** Runs a workflow: once per intent, and to the shop when the credits do not suffice. */
export function RunPanel({ workflow }: { workflow: Workflow }) {
  const t = messages.value.workflows;
  const [text, setText] = useState("");
  const [isInvalid, setInvalid] = useState(false);
  const intent = useIntent(
    (input: JsonObject | null, key) => startRun(workflow.id, input, key),
    (run) => navigate(`/runs/${run.id}`),
  );
  const start = () => {
    const input = inputOf(text);
    setInvalid(input === undefined);
    if (input !== undefined) intent.submit(input);
  };
  return (
    <section class="card run-panel" aria-label={t.run}>
      <Button kind="primary" busy={intent.busy} onClick={start} class="wide large">
        <Icon name="runs" />
        {intent.busy ? t.starting : t.runFor(credits(workflow.credit_cost))}
      </Button>
      {intent.problem?.code === "insufficient_credits" ? (
        <NotEnough problem={intent.problem} />
      ) : (
        <ProblemNotice problem={intent.problem} onRetry={start} />
      )}
      <RunInput text={text} onChange={setText} isInvalid={isInvalid} />
    </section>
  );
}

function RunInput(props: { text: string; onChange: (text: string) => void; isInvalid: boolean }) {
  const t = messages.value.workflows;
  return (
    <details>
      <summary>{t.input}</summary>
      <Field
        label={t.input}
        hint={t.inputHint}
        error={props.isInvalid ? t.inputInvalid : undefined}
        optional
      >
        {(ids) => (
          <textarea
            {...ids}
            class="code"
            rows={4}
            spellcheck={false}
            value={props.text}
            onInput={(event) => props.onChange(event.currentTarget.value)}
          />
        )}
      </Field>
    </details>
  );
}

/** The way to the shop and back. */
function NotEnough({ problem }: { problem: Problem }) {
  const t = messages.value.workflows;
  const { required = 0, available = 0, shortfall = 0 } = problem;
  const shop = new URLSearchParams({ return: here.value, need: String(shortfall) });
  return (
    <div class="notice notice-attention" role="alert">
      <Icon name="alert" />
      <div class="notice-body">
        <p>
          <strong>{t.missing}</strong> {t.missingDetail(credits(required), credits(available))}
        </p>
        <Link to={`/buy?${shop}`} class="button button-primary">
          {t.topUp}
        </Link>
      </div>
    </div>
  );
}

/** The input that a text stands for: null for none, undefined when it is no JSON object. */
function inputOf(text: string): JsonObject | null | undefined {
  if (!text.trim()) return null;
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? (value as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}
