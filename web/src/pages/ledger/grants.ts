/** Which credits an entry used or made, in words. */

import type { Account, LedgerEntry } from "../../api/types";
import { number, signed } from "../../i18n/format";
import { messages } from "../../i18n/language";

const MAKERS: Partial<Record<LedgerEntry["type"], "paid" | "bonus" | "promo">> = {
  purchase: "paid",
  bonus: "bonus",
  promo: "promo",
};

export type GrantNames = Map<string, string>;

/** Name grants by what made them, as far as that is known from what has been loaded. */
export function grantNames(entries: LedgerEntry[], account: Account | null): GrantNames {
  const t = messages.value;
  const names: GrantNames = new Map();
  for (const { id, kind } of account?.grants ?? []) names.set(id, t.grants[kind]);
  for (const { type, entry_no, grants } of entries) {
    const kind = MAKERS[type];
    const made = grants[0]?.grant_id;
    if (kind && made) names.set(made, `${t.grants[kind]} ${t.ledger.grantOf(number(entry_no))}`);
  }
  return names;
}

/** Such as “Bonus of entry 2 −10, Bought of entry 1 −5”. */
export function grantsOf(entry: LedgerEntry, names: GrantNames): string {
  return entry.grants
    .map(({ grant_id, amount }) => `${names.get(grant_id) ?? shortId(grant_id)} ${signed(amount)}`)
    .join(", ");
}

function shortId(id: string): string {
  return `${id.slice(0, 8)}…`;
}
