import type { LedgerEntry } from "../../api/types";
import { dateTime, number, signed } from "../../i18n/format";
import { messages } from "../../i18n/language";
import { Link } from "../../routing/link";
import { account } from "../../state/account";
import { type GrantNames, grantNames, grantsOf } from "./grants";

/** Ledger entries: a table where there is room, blocks where there is not. */
export function Entries({ entries }: { entries: LedgerEntry[] }) {
  const t = messages.value.ledger;
  const names = grantNames(entries, account.value);
  return (
    <table class="ledger">
      <caption class="visually-hidden">{t.title}</caption>
      <thead>
        <tr>
          <th scope="col" class="figure">
            {t.no}
          </th>
          <th scope="col">{t.when}</th>
          <th scope="col">{t.type}</th>
          <th scope="col" class="figure">
            {t.amount}
          </th>
          <th scope="col" class="figure">
            {t.balance}
          </th>
          <th scope="col">{t.paidBy}</th>
          <th scope="col">{t.reference}</th>
        </tr>
      </thead>
      <tbody>
        {entries.map((entry) => (
          <Row key={entry.id} entry={entry} names={names} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ entry, names }: { entry: LedgerEntry; names: GrantNames }) {
  const t = messages.value.ledger;
  return (
    <tr>
      <td class="figure muted cell-no">{number(entry.entry_no)}</td>
      <td class="cell-when">
        <time dateTime={entry.created_at}>{dateTime(entry.created_at)}</time>
      </td>
      <td class="cell-type">{t.types[entry.type]}</td>
      <td class={`figure cell-amount ${entry.amount > 0 ? "gain" : ""}`}>{signed(entry.amount)}</td>
      <td class="figure cell-balance" data-label={t.balance}>
        {number(entry.balance_after)}
      </td>
      <td class="muted cell-grants">{grantsOf(entry, names)}</td>
      <td class="cell-reference">
        <Reference entry={entry} />
      </td>
    </tr>
  );
}

const PAGES: Record<string, string> = { purchase: "/buy", run: "/runs" };

function Reference({ entry: { reference } }: { entry: LedgerEntry }) {
  const t = messages.value.ledger;
  const page = PAGES[reference.kind];
  if (!page) return <code>{reference.kind}</code>;
  return (
    <Link to={`${page}/${reference.id}`}>{t.references[reference.kind] ?? reference.kind}</Link>
  );
}
