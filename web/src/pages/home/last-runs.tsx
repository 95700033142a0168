import { runs } from "../../api/resources";
import { messages } from "../../i18n/language";
import { Link } from "../../routing/link";
import { useResource } from "../../state/resource";
import { Empty } from "../../ui/empty";
import { ProblemNotice } from "../../ui/problem-notice";
import { Skeleton } from "../../ui/skeleton";
import { RunRows, useWorkflowNames } from "../runs/run-rows";

const SHOWN = "5";

export function LastRuns() {
  const t = messages.value.home;
  const { value, problem, reload } = useResource(() => runs({ limit: SHOWN }));
  const names = useWorkflowNames();
  return (
    <section class="card" aria-labelledby="last-runs-title">
      <div class="card-header">
        <h2 id="last-runs-title">{t.lastRuns}</h2>
        <Link to="/runs">{t.allRuns}</Link>
      </div>
      <ProblemNotice problem={problem} onRetry={reload} />
      {!value && !problem && <Skeleton rows={4} />}
      {value?.data.length === 0 && (
        <Empty title={t.noRuns} hint={t.noRunsHint}>
          <Link to="/workflows/new" class="button button-secondary">
            {t.firstWorkflow}
          </Link>
        </Empty>
      )}
      {value && value.data.length > 0 && <RunRows runs={value.data} names={names} />}
    </section>
  );
}
