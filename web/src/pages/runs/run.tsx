import { useEffect } from "preact/hooks";
import { run as readRun, workflow as readWorkflow } from "../../api/resources";
import type { Run } from "../../api/types";
import { credits, dateTime, duration, number } from "../../i18n/format";
import { messages } from "../../i18n/language";
import { Link } from "../../routing/link";
import { refreshAccount } from "../../state/account";
import { usePolling } from "../../state/polling";
import { useResource } from "../../state/resource";
import { RunBadge } from "../../ui/badge";
import { announce } from "../../ui/live-region";
import { Page } from "../../ui/page";
import { ProblemNotice } from "../../ui/problem-notice";
import { Skeleton } from "../../ui/skeleton";
import { Output } from "./output";

/** One run, followed until it is over. */
export function RunPage({ id }: { id: string }) {
  const t = messages.value.runs;
  const { value: run, problem, reload } = useResource(() => readRun(id));
  const isOver = run?.status === "succeeded" || run?.status === "failed";
  usePolling(reload, Boolean(run) && !isOver);
  useEffect(() => {
    if (!run) return;
    announce(messages.value.runs.statuses[run.status]);
    refreshAccount().catch(() => undefined); // the balance in the top bar; nothing else needs it
  }, [run?.status]);
  return (
    <Page title={t.one} actions={run && <RunBadge status={run.status} />}>
      <ProblemNotice problem={problem} onRetry={reload} />
      {!run && !problem && <Skeleton rows={6} />}
      {run && (
        <>
          <Facts run={run} />
          <Result run={run} />
        </>
      )}
    </Page>
  );
}

function Facts({ run }: { run: Run }) {
  const t = messages.value.runs;
  const { value: workflow } = useResource(() => readWorkflow(run.workflow_id), run.workflow_id);
  const took = run.finished_at ? duration(run.started_at ?? run.created_at, run.finished_at) : "–";
  return (
    <dl class="facts card">
      <div>
        <dt>{t.workflow}</dt>
        <dd>
          <Link to={`/workflows/${run.workflow_id}`}>{workflow?.name ?? t.again}</Link>
        </dd>
      </div>
      <div>
        <dt>{t.started}</dt>
        <dd>{dateTime(run.created_at)}</dd>
      </div>
      <div>
        <dt>{t.took}</dt>
        <dd>{took}</dd>
      </div>
      <div>
        <dt>{t.cost}</dt>
        <dd>{credits(run.credit_cost)}</dd>
      </div>
      <div>
        <dt>{t.balanceAfter}</dt>
        <dd>{number(run.balance_after)}</dd>
      </div>
    </dl>
  );
}

function Result({ run }: { run: Run }) {
  const t = messages.value;
  if (run.status === "failed") {
    return (
      <div class="notice notice-problem" role="status">
        <div class="notice-body">
          <p>
            <strong>{t.runs.failed}</strong>{" "}
            {run.error && (t.problems.codes[run.error.code] ?? run.error.message)}
          </p>
          <p>{t.runs.givenBack(credits(run.credit_cost))}</p>
        </div>
      </div>
    );
  }
  return (
    <section class="card" aria-labelledby="output-title">
      <h2 id="output-title">{t.runs.output}</h2>
      {run.status !== "succeeded" && (
        <>
          <p class="muted">{t.runs.waiting}</p>
          <Skeleton rows={4} />
        </>
      )}
      {run.status === "succeeded" && <Output output={run.output} />}
    </section>
  );
}
