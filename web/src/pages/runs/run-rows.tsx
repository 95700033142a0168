import { allPages } from "../../api/pages";
import { workflows } from "../../api/resources";
import type { Run } from "../../api/types";
import { credits, dateTime } from "../../i18n/format";
import { messages } from "../../i18n/language";
import { Link } from "../../routing/link";
import { useResource } from "../../state/resource";
import { RunBadge } from "../../ui/badge";

const MAX_PAGES = 5;

export type WorkflowNames = Map<string, string>;

/** What the person's workflows are called, archived ones too. */
export function useWorkflowNames(): WorkflowNames | null {
  const { value } = useResource(async () => {
    const [live, archived] = await Promise.all([
      allPages(workflows, {}, MAX_PAGES),
      allPages(workflows, { archived: "true" }, MAX_PAGES),
    ]);
    return new Map([...live.items, ...archived.items].map((it) => [it.id, it.name]));
  });
  return value;
}

interface RunRowsProps {
  runs: Run[];
  /** Left out where all runs are of one workflow. */
  names?: WorkflowNames | null;
}

export function RunRows({ runs, names }: RunRowsProps) {
  return (
    <ul class="rows">
      {runs.map((run) => (
        <li key={run.id}>
          <Link to={`/runs/${run.id}`} class="row row-link">
            <span class="badge-cell">
              <RunBadge status={run.status} />
            </span>
            <span class="row-main">
              {names !== undefined && <span>{nameOf(run, names)}</span>}
              <time class="muted" dateTime={run.created_at}>
                {dateTime(run.created_at)}
              </time>
            </span>
            <span class="figure muted">{credits(run.credit_cost)}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}

function nameOf(run: Run, names: WorkflowNames | null): string {
  return names ? (names.get(run.workflow_id) ?? messages.value.runs.one) : "…";
}
