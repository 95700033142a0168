import type { TargetedEvent } from "preact";
import type { ParametersSchema, PropertySchema } from "../api/types";
import { messages } from "../i18n/language";
import { Field, type FieldIds } from "./field";
import { choiceLabel, controlOf, type Draft, labelOf } from "./schema";

interface SchemaFieldsProps {
  schema: ParametersSchema;
  draft: Draft;
  errors: Record<string, string>;
  onChange: (name: string, value: string | boolean) => void;
}

/** The fields of an automation's parameters. */
export function SchemaFields({ schema, draft, errors, onChange }: SchemaFieldsProps) {
  const required = new Set(schema.required ?? []);
  return (
    <>
      {Object.entries(schema.properties ?? {}).map(([name, property]) => (
        <SchemaField
          key={name}
          name={name}
          schema={property}
          required={required.has(name)}
          value={draft[name] ?? ""}
          error={errors[name]}
          onChange={(value) => onChange(name, value)}
        />
      ))}
    </>
  );
}

interface SchemaFieldProps {
  name: string;
  schema: PropertySchema;
  required: boolean;
  value: string | boolean;
  error: string | undefined;
  onChange: (value: string | boolean) => void;
}

function SchemaField({ name, schema, required, value, error, onChange }: SchemaFieldProps) {
  if (typeof value === "boolean") {
    return <Switch {...{ name, schema, error, onChange }} checked={value} />;
  }
  return (
    <Field
      label={labelOf(name, schema)}
      hint={schema.description}
      error={error}
      required={required}
      optional={!required}
    >
      {(ids) => <Text {...{ ids, name, schema, value, onChange }} />}
    </Field>
  );
}

interface TextProps {
  ids: FieldIds;
  name: string;
  schema: PropertySchema;
  value: string;
  onChange: (value: string) => void;
}

type TextControl = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

function Text({ ids, name, schema, value, onChange }: TextProps) {
  const onInput = (event: TargetedEvent<TextControl>) => onChange(event.currentTarget.value);
  const shared = { ...ids, name, value, onInput };
  switch (controlOf(schema)) {
    case "choice":
      return (
        <select {...shared}>
          <option value="">{messages.value.form.automatic}</option>
          {(schema.enum ?? []).map((it) => (
            <option key={JSON.stringify(it)} value={JSON.stringify(it)}>
              {choiceLabel(it)}
            </option>
          ))}
        </select>
      );
    case "long_text":
      return <LongText shared={shared} onChange={onChange} />;
    case "json":
      return <textarea {...shared} rows={4} spellcheck={false} />;
    case "number":
      return <input {...shared} type="text" inputMode="decimal" />;
    case "url":
      return <input {...shared} type="url" inputMode="url" placeholder="https://" />;
    default:
      return <input {...shared} type="text" />;
  }
}

interface LongTextProps {
  shared: FieldIds & {
    name: string;
    value: string;
    onInput: (event: TargetedEvent<TextControl>) => void;
  };
  onChange: (value: string) => void;
}

function LongText({ shared, onChange }: LongTextProps) {
  const label = messages.value.form.loadFile;
  const load = async (event: TargetedEvent<HTMLInputElement>) => {
    const file = event.currentTarget.files?.[0];
    if (file) onChange(await file.text());
  };
  return (
    <>
      <textarea {...shared} rows={7} spellcheck={false} class="code" />
      <label class="file-picker">
        {label}
        <input type="file" accept=".csv,.tsv,.txt,text/*" onChange={load} />
      </label>
    </>
  );
}

interface SwitchProps {
  name: string;
  schema: PropertySchema;
  checked: boolean;
  error: string | undefined;
  onChange: (value: boolean) => void;
}

function Switch({ name, schema, checked, error, onChange }: SwitchProps) {
  return (
    <div class="field">
      <label class="check">
        <input
          type="checkbox"
          name={name}
          checked={checked}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
        <span>
          {labelOf(name, schema)}
          {schema.description && <span class="hint block">{schema.description}</span>}
          {error && <span class="field-error block">{error}</span>}
        </span>
      </label>
    </div>
  );
}
