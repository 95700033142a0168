/** What an automation found, readable whatever it is: facts, tables, and JSON for the rest. */

import type { Json, JsonObject } from "../../api/types";
import { labelOf } from "../../forms/schema";
import { dateTime, number } from "../../i18n/format";
import { messages } from "../../i18n/language";
import { CopyButton } from "../../ui/copy-button";

const MAX_ROWS = 200;
const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
const WEB_ADDRESS = /^https?:\/\/\S+$/;

export function Output({ output }: { output: JsonObject | null }) {
  const t = messages.value;
  if (!output || Object.keys(output).length === 0) return <p class="muted">{t.runs.noOutput}</p>;
  const entries = Object.entries(output);
  const facts = entries.filter(([, value]) => !isNested(value));
  const rest = entries.filter(([, value]) => isNested(value));
  const source = JSON.stringify(output, null, 2);
  return (
    <div class="stack">
      {facts.length > 0 && <Facts facts={facts} />}
      {rest.map(([name, value]) => (
        <Nested key={name} name={name} value={value} />
      ))}
      <details>
        <summary>{t.runs.raw}</summary>
        <div class="code-block">
          <CopyButton text={source} label={t.actions.copy} />
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
          <pre tabIndex={0}>{source}</pre>
        </div>
      </details>
    </div>
  );
}

function Facts({ facts }: { facts: [string, Json][] }) {
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{labelOf(name, {})}</dt>
          <dd>
            <Scalar value={value} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Nested({ name, value }: { name: string; value: Json }) {
  const rows = tableRows(value);
  if (rows) return <Table name={labelOf(name, {})} rows={rows} />;
  const source = JSON.stringify(value, null, 2);
  return (
    <section>
      <h3>{labelOf(name, {})}</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre tabIndex={0}>{source}</pre>
    </section>
  );
}

function Table({ name, rows }: { name: string; rows: JsonObject[] }) {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const [key = "", ...others] = columns;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section class="table-scroll" aria-label={name} tabIndex={0}>
      <table>
        <caption>{name}</caption>
        <thead>
          <tr>
            {columns.map((it) => (
              <th key={it} scope="col" class={isNumeric(rows, it) ? "figure" : ""}>
                {labelOf(it, {})}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, MAX_ROWS).map((row, index) => (
            <tr key={index}>
              <th scope="row">
                <Scalar value={row[key] ?? null} />
              </th>
              {others.map((it) => (
                <td key={it} class={isNumeric(rows, it) ? "figure" : ""}>
                  <Scalar value={row[it] ?? null} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Scalar({ value }: { value: Json }) {
  const t = messages.value.runs;
  if (value === null || value === "") return <span class="muted">–</span>;
  if (typeof value === "boolean") return <>{value ? t.yes : t.no}</>;
  if (typeof value === "number") return <>{number(value)}</>;
  if (typeof value !== "string") return <code>{JSON.stringify(value)}</code>;
  if (TIMESTAMP.test(value)) return <>{dateTime(value)}</>;
  if (WEB_ADDRESS.test(value)) {
    return (
      <a href={value} target="_blank" rel="noopener noreferrer">
        {value}
      </a>
    );
  }
  return <>{value}</>;
}

function isNested(value: Json): boolean {
  return typeof value === "object" && value !== null;
}

function isNumeric(rows: JsonObject[], column: string): boolean {
  return rows.every((row) => row[column] === null || typeof row[column] === "number");
}

function tableRows(value: Json): JsonObject[] | null {
  const isTable = Array.isArray(value) && value.length > 0 && value.every(isObject);
  return isTable ? (value as JsonObject[]) : null;
}

function isObject(value: Json): boolean {
  return isNested(value) && !Array.isArray(value);
}
