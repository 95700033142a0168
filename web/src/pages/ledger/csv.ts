/** Ledger entries as CSV (RFC 4180), for spreadsheets. */

import type { LedgerEntry } from "../../api/types";

const COLUMNS = [
  "entry_no",
  "created_at",
  "type",
  "amount",
  "balance_after",
  "held_after",
  "grants",
  "reference_kind",
  "reference_id",
  "id",
] as const;

/** Names, then one line per entry: times in UTC, numbers without separators. */
export function toCsv(entries: LedgerEntry[]): string {
  const lines = entries.map((entry) => {
    const values: Record<(typeof COLUMNS)[number], string | number> = {
      ...entry,
      grants: entry.grants.map((it) => `${it.grant_id}:${it.amount}`).join(" "),
      reference_kind: entry.reference.kind,
      reference_id: entry.reference.id,
    };
    return COLUMNS.map((name) => cell(values[name])).join(",");
  });
  return `${[COLUMNS.join(","), ...lines].join("\r\n")}\r\n`;
}

/** A text that a spreadsheet would take for a formula gets an apostrophe; numbers stay numbers. */
function cell(value: string | number): string {
  if (typeof value === "number") return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Hand a text to the person as a file. */
export function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
