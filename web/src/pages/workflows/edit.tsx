import { useState } from "preact/hooks";
import { ApiError } from "../../api/problem";
import { changeWorkflow, workflow as readWorkflow } from "../../api/resources";
import type { Workflow } from "../../api/types";
import { messages } from "../../i18n/language";
import { navigate } from "../../routing/router";
import { useResource } from "../../state/resource";
import { announce } from "../../ui/live-region";
import { Page } from "../../ui/page";
import { ProblemNotice } from "../../ui/problem-notice";
import { Skeleton } from "../../ui/skeleton";
import { useAutomations } from "./automations";
import { WorkflowForm } from "./workflow-form";

/** Change a workflow's name and settings, unless someone else did so meanwhile. */
export function EditWorkflowPage({ id }: { id: string }) {
  const t = messages.value.workflows;
  const { value: workflow, problem, reload } = useResource(() => readWorkflow(id));
  const { value: automations } = useAutomations();
  const [changed, setChanged] = useState(false);
  const schema = automations?.find((it) => it.id === workflow?.automation_id)?.parameters_schema;

  const save = async (current: Workflow, ...[name, parameters]: Parameters<SaveWorkflow>) => {
    try {
      await changeWorkflow(current, name, parameters);
    } catch (error) {
      if (!(error instanceof ApiError) || error.problem.code !== "version_conflict") throw error;
      setChanged(true);
      return reload();
    }
    announce(t.saved);
    navigate(`/workflows/${id}`);
  };

  return (
    <Page title={t.edit} narrow>
      <ProblemNotice problem={problem} onRetry={reload} />
      {changed && (
        <p class="notice" role="alert">
          {t.changed}
        </p>
      )}
      {!schema && !problem && <Skeleton rows={6} />}
      {workflow && schema && (
        <WorkflowForm
          key={workflow.version}
          schema={schema}
          name={workflow.name}
          parameters={workflow.parameters}
          submitLabel={t.save}
          save={(name, parameters) => save(workflow, name, parameters)}
        />
      )}
    </Page>
  );
}

type SaveWorkflow = (name: string, parameters: Workflow["parameters"]) => Promise<void>;
