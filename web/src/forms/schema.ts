/** From a JSON Schema to fields, and from what was typed to parameters. */

import type { Json, JsonObject, ParametersSchema, PropertySchema } from "../api/types";
import { number } from "../i18n/format";
import { messages } from "../i18n/language";

export type Control = "text" | "url" | "number" | "long_text" | "choice" | "switch" | "json";

/** What stands in a form: text, or a switch. An empty text means: not given. */
export type Draft = Record<string, string | boolean>;

const LONG_TEXT = 500;

export function controlOf(schema: PropertySchema): Control {
  if (schema.enum) return "choice";
  if (schema.type === "boolean") return "switch";
  if (schema.type === "integer" || schema.type === "number") return "number";
  if (schema.type !== "string") return "json";
  if (schema.format === "uri" || /^\^\(?\[?h/i.test(schema.pattern ?? "")) return "url";
  return (schema.maxLength ?? LONG_TEXT + 1) > LONG_TEXT ? "long_text" : "text";
}

const ABBREVIATIONS = /\b(csv|html|id|ip|json|url)\b/g;

/** A name for people: `has_header` becomes “Has header”, `csv` becomes “CSV”. */
export function labelOf(name: string, schema: PropertySchema): string {
  const words = name.replaceAll("_", " ").replace(ABBREVIATIONS, (it) => it.toUpperCase());
  return schema.title ?? words.charAt(0).toUpperCase() + words.slice(1);
}

export function draftOf(schema: ParametersSchema, parameters: JsonObject): Draft {
  const entries = Object.entries(schema.properties ?? {}).map(([name, property]) => {
    const value = parameters[name] ?? property.default;
    return [name, shown(controlOf(property), value)] as const;
  });
  return Object.fromEntries(entries);
}

function shown(control: Control, value: Json | undefined): string | boolean {
  if (control === "switch") return value === true;
  if (value === undefined) return "";
  if (control === "choice" || control === "json") return JSON.stringify(value);
  return String(value);
}

/** The parameters that a draft stands for; call it once `check` finds nothing. */
export function parametersOf(schema: ParametersSchema, draft: Draft): JsonObject {
  const parameters: JsonObject = {};
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const value = draft[name] ?? "";
    if (value !== "") parameters[name] = meant(controlOf(property), value);
  }
  return parameters;
}

function meant(control: Control, value: string | boolean): Json {
  if (typeof value === "boolean") return value;
  if (control === "number") return Number(value);
  if (control === "choice" || control === "json") return JSON.parse(value);
  return value;
}

/** What is wrong with a draft, by field. The API checks all of it again. */
export function check(schema: ParametersSchema, draft: Draft): Record<string, string> {
  const required = new Set(schema.required ?? []);
  const errors: Record<string, string> = {};
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const value = draft[name] ?? "";
    const error = value === "" ? missing(required.has(name)) : invalid(property, value);
    if (error) errors[name] = error;
  }
  return errors;
}

function missing(isRequired: boolean): string | null {
  return isRequired ? messages.value.form.required : null;
}

function invalid(schema: PropertySchema, value: string | boolean): string | null {
  if (typeof value === "boolean") return null;
  const control = controlOf(schema);
  if (control === "choice") return null;
  if (control === "json") return isJson(value) ? null : messages.value.form.json;
  return control === "number" ? invalidNumber(schema, Number(value)) : invalidText(schema, value);
}

function invalidNumber(schema: PropertySchema, value: number): string | null {
  const t = messages.value.form;
  const isWhole = schema.type !== "integer" || Number.isInteger(value);
  if (Number.isNaN(value) || !isWhole) return t.number;
  if (schema.minimum !== undefined && value < schema.minimum) return t.tooSmall(schema.minimum);
  if (schema.maximum !== undefined && value > schema.maximum) return t.tooLarge(schema.maximum);
  return null;
}

function invalidText(schema: PropertySchema, value: string): string | null {
  const t = messages.value.form;
  const length = [...value].length;
  const isUrl = controlOf(schema) === "url";
  if (schema.pattern && !new RegExp(schema.pattern, "u").test(value)) {
    return isUrl ? t.url : t.pattern;
  }
  if (length < (schema.minLength ?? 0)) return t.tooShort(schema.minLength ?? 0);
  if (length > (schema.maxLength ?? length)) return t.tooLong(schema.maxLength ?? 0);
  return null;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** A choice for people: characters that cannot be seen have names. */
export function choiceLabel(value: Json): string {
  if (value === "\t") return messages.value.form.tab;
  if (value === " ") return messages.value.form.space;
  return typeof value === "number" ? number(value) : String(value);
}
