import { useState } from "preact/hooks";
import { createWorkflow } from "../../api/resources";
import type { Automation } from "../../api/types";
import { credits } from "../../i18n/format";
import { messages } from "../../i18n/language";
import { navigate } from "../../routing/router";
import { Page } from "../../ui/page";
import { ProblemNotice } from "../../ui/problem-notice";
import { Skeleton } from "../../ui/skeleton";
import { useAutomations } from "./automations";
import { WorkflowForm } from "./workflow-form";

export function NewWorkflowPage() {
  const t = messages.value.workflows;
  const { value: automations, problem, reload } = useAutomations();
  const [chosenId, setChosenId] = useState<string | null>(null);
  const chosen = automations?.find((it) => it.id === chosenId) ?? automations?.[0];
  return (
    <Page title={t.add} narrow>
      <ProblemNotice problem={problem} onRetry={reload} />
      {!automations && !problem && <Skeleton rows={6} />}
      {automations && chosen && (
        <>
          <AutomationChoice automations={automations} chosen={chosen} onChoose={setChosenId} />
          <WorkflowForm
            key={chosen.id}
            schema={chosen.parameters_schema}
            submitLabel={t.create}
            save={async (name, parameters) => {
              const made = await createWorkflow(name, chosen.id, parameters);
              navigate(`/workflows/${made.id}`);
            }}
          />
        </>
      )}
    </Page>
  );
}

interface AutomationChoiceProps {
  automations: Automation[];
  chosen: Automation;
  onChoose: (id: string) => void;
}

function AutomationChoice({ automations, chosen, onChoose }: AutomationChoiceProps) {
  const t = messages.value.workflows;
  return (
    <fieldset class="option-cards">
      <legend>{t.choose}</legend>
      {automations.map((automation) => (
        <label key={automation.id} class="option-card">
          <input
            type="radio"
            name="automation"
            value={automation.id}
            checked={automation.id === chosen.id}
            onChange={() => onChoose(automation.id)}
          />
          <span class="option-body">
            <strong>{automation.name}</strong>
            <span class="muted">{automation.description}</span>
            <span class="tag">{t.costPerRun(credits(automation.credit_cost))}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
