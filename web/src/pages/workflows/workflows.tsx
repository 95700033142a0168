import { workflows } from "../../api/resources";
import type { Workflow } from "../../api/types";
import { credits } from "../../i18n/format";
import { messages } from "../../i18n/language";
import { Link } from "../../routing/link";
import { useList } from "../../state/list";
import { Empty } from "../../ui/empty";
import { Icon } from "../../ui/icon";
import { ListFooter } from "../../ui/list-footer";
import { Page } from "../../ui/page";
import { ProblemNotice } from "../../ui/problem-notice";
import { Skeleton } from "../../ui/skeleton";
import { automationName, useAutomations } from "./automations";

export function WorkflowsPage() {
  const t = messages.value.workflows;
  const list = useList((cursor) => workflows({ cursor }));
  const add = (
    <Link to="/workflows/new" class="button button-primary">
      <Icon name="buy" /> {t.add}
    </Link>
  );
  return (
    <Page title={t.title} actions={list.items && list.items.length > 0 && add}>
      <section class="card">
        <ProblemNotice problem={list.problem} onRetry={list.loadMore} />
        {!list.items && !list.problem && <Skeleton rows={5} />}
        {list.items?.length === 0 && (
          <Empty title={t.none} hint={t.noneHint}>
            {add}
          </Empty>
        )}
        {list.items && list.items.length > 0 && <Rows items={list.items} />}
        <ListFooter more={list.more} busy={list.busy} onMore={list.loadMore} />
      </section>
    </Page>
  );
}

function Rows({ items }: { items: Workflow[] }) {
  const t = messages.value.workflows;
  const { value: automations } = useAutomations();
  return (
    <ul class="rows">
      {items.map((workflow) => (
        <li key={workflow.id}>
          <Link to={`/workflows/${workflow.id}`} class="row row-link">
            <span class="row-main">
              <span>{workflow.name}</span>
              <span class="muted">{automationName(automations, workflow.automation_id)}</span>
            </span>
            <span class="figure muted">{t.costPerRun(credits(workflow.credit_cost))}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
