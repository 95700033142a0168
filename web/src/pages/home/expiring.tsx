import type { Account, Grant } from "../../api/types";
import { date, number } from "../../i18n/format";
import { messages } from "../../i18n/language";
import { Empty } from "../../ui/empty";
import { Skeleton } from "../../ui/skeleton";

const SHOWN = 4;

/** The credits whose last day comes first. */
export function Expiring({ account }: { account: Account | null }) {
  const t = messages.value.home;
  const grants = account ? soonestFirst(account.grants).slice(0, SHOWN) : null;
  return (
    <section class="card" aria-labelledby="expiring-title">
      <h2 id="expiring-title">{t.expires}</h2>
      {!grants && <Skeleton rows={3} />}
      {grants?.length === 0 && <Empty title={t.noExpiry} hint={t.noExpiryHint} />}
      {grants && grants.length > 0 && (
        <ul class="rows">
          {grants.map((grant) => (
            <GrantRow key={grant.id} grant={grant} />
          ))}
        </ul>
      )}
    </section>
  );
}

function GrantRow({ grant }: { grant: Grant }) {
  const t = messages.value;
  return (
    <li class="row">
      <span class="row-main">
        <span>{t.grants[grant.kind]}</span>
        <span class="muted">{grant.expires_at && t.home.expiresOn(date(grant.expires_at))}</span>
      </span>
      <span class="figure">
        {number(grant.remaining)}
        <span class="muted"> / {number(grant.granted)}</span>
      </span>
    </li>
  );
}

function soonestFirst(grants: Grant[]): Grant[] {
  return grants
    .filter((it) => it.expires_at)
    .toSorted((a, b) => Date.parse(a.expires_at ?? "") - Date.parse(b.expires_at ?? ""));
}
