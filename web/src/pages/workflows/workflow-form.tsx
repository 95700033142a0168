import { useRef, useState } from "preact/hooks";
import { type Problem, problemOf } from "../../api/problem";
import type { JsonObject, ParametersSchema } from "../../api/types";
import { Field } from "../../forms/field";
import { focusFirstError } from "../../forms/focus";
import { check, type Draft, draftOf, parametersOf } from "../../forms/schema";
import { SchemaFields } from "../../forms/schema-fields";
import { type FieldErrors, serverErrors } from "../../forms/server-errors";
import { messages } from "../../i18n/language";
import { Button } from "../../ui/button";
import { ProblemNotice } from "../../ui/problem-notice";

interface WorkflowFormProps {
  schema: ParametersSchema;
  name?: string;
  parameters?: JsonObject;
  submitLabel: string;
  save: (name: string, parameters: JsonObject) => Promise<void>;
}

const LONGEST_NAME = 100;

/** A workflow's name and settings, the settings as the automation's JSON Schema has them. */
export function WorkflowForm({
  schema,
  name: givenName = "",
  parameters = {},
  submitLabel,
  save,
}: WorkflowFormProps) {
  const t = messages.value.workflows;
  const form = useRef<HTMLFormElement>(null);
  const [name, setName] = useState(givenName);
  const [draft, setDraft] = useState<Draft>(() => draftOf(schema, parameters));
  const { errors, problem, busy, submit } = useSaving(save);

  const onSubmit = async (event: Event) => {
    event.preventDefault();
    await submit(schema, name, draft);
    focusFirstError(form.current);
  };

  return (
    <form ref={form} onSubmit={onSubmit} noValidate class="card stack">
      <Field label={t.name} hint={t.nameHint} error={errors.name} required>
        {(ids) => (
          <input
            {...ids}
            name="name"
            value={name}
            maxLength={LONGEST_NAME}
            autoComplete="off"
            onInput={(event) => setName(event.currentTarget.value)}
          />
        )}
      </Field>
      <SchemaFields
        schema={schema}
        draft={draft}
        errors={errors}
        onChange={(field, value) => setDraft((before) => ({ ...before, [field]: value }))}
      />
      <ProblemNotice problem={problem} />
      <div class="actions">
        <Button type="submit" kind="primary" busy={busy}>
          {submitLabel}
        </Button>
      </div>
    </form>
  );
}

function useSaving(save: WorkflowFormProps["save"]) {
  const [errors, setErrors] = useState<FieldErrors>({});
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);

  const submit = async (schema: ParametersSchema, name: string, draft: Draft) => {
    if (busy) return;
    const found = check(schema, draft);
    if (!name.trim()) found.name = messages.value.form.required;
    setErrors(found);
    setProblem(null);
    if (Object.keys(found).length) return;
    setBusy(true);
    try {
      await save(name.trim(), parametersOf(schema, draft));
    } catch (error) {
      const refused = problemOf(error);
      setProblem(refused);
      setErrors(errorsOf(refused));
      setBusy(false);
    }
  };
  return { errors, problem, busy, submit };
}

function errorsOf(problem: Problem): FieldErrors {
  const errors = { ...serverErrors(problem), ...serverErrors(problem, "/parameters") };
  const taken = messages.value.problems.codes.workflow_name_taken;
  return problem.code === "workflow_name_taken" && taken ? { ...errors, name: taken } : errors;
}
