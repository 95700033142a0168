import { workflow as readWorkflow, runs } from "../../api/resources";
import type { Workflow } from "../../api/types";
import { labelOf } from "../../forms/schema";
import { credits } from "../../i18n/format";
import { messages } from "../../i18n/language";
import { Link } from "../../routing/link";
import { useList } from "../../state/list";
import { useResource } from "../../state/resource";
import { Empty } from "../../ui/empty";
import { ListFooter } from "../../ui/list-footer";
import { Page } from "../../ui/page";
import { ProblemNotice } from "../../ui/problem-notice";
import { Skeleton } from "../../ui/skeleton";
import { RunRows } from "../runs/run-rows";
import { ArchiveButton } from "./archive-button";
import { automationName, useAutomations } from "./automations";
import { RunPanel } from "./run-panel";

/** One workflow: what it is, run it, and what came of it. */
export function WorkflowPage({ id }: { id: string }) {
  const t = messages.value.workflows;
  const { value: workflow, problem, reload } = useResource(() => readWorkflow(id));
  const actions = workflow && (
    <>
      <Link to={`/workflows/${id}/edit`} class="button button-secondary">
        {t.edit}
      </Link>
      <ArchiveButton id={id} />
    </>
  );
  return (
    <Page title={workflow?.name ?? t.title} actions={actions}>
      <ProblemNotice problem={problem} onRetry={reload} />
      {!workflow && !problem && <Skeleton rows={6} />}
      {workflow && (
        <div class="two-columns">
          <div class="stack">
            <RunPanel workflow={workflow} />
            <Settings workflow={workflow} />
          </div>
          <History id={id} />
        </div>
      )}
    </Page>
  );
}

function Settings({ workflow }: { workflow: Workflow }) {
  const t = messages.value.workflows;
  const { value: automations } = useAutomations();
  return (
    <section class="card" aria-labelledby="settings-title">
      <h2 id="settings-title">{t.settings}</h2>
      <dl class="settings">
        <dt>{t.automation}</dt>
        <dd>{automationName(automations, workflow.automation_id)}</dd>
        <dt>{t.cost}</dt>
        <dd>{credits(workflow.credit_cost)}</dd>
        {Object.entries(workflow.parameters).map(([name, value]) => (
          <>
            <dt>{labelOf(name, {})}</dt>
            <dd>
              {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
              <pre tabIndex={0}>
                {typeof value === "string" ? value : JSON.stringify(value, null, 2)}
              </pre>
            </dd>
          </>
        ))}
      </dl>
    </section>
  );
}

function History({ id }: { id: string }) {
  const t = messages.value.workflows;
  const list = useList((cursor) => runs({ workflow_id: id, limit: "10", cursor }));
  return (
    <section class="card" aria-labelledby="history-title">
      <h2 id="history-title">{t.history}</h2>
      <ProblemNotice problem={list.problem} onRetry={list.loadMore} />
      {!list.items && !list.problem && <Skeleton rows={4} />}
      {list.items?.length === 0 && <Empty title={t.noHistory} />}
      {list.items && list.items.length > 0 && <RunRows runs={list.items} />}
      <ListFooter more={list.more} busy={list.busy} onMore={list.loadMore} />
    </section>
  );
}
