import { purchases } from "../../api/resources";
import type { Purchase } from "../../api/types";
import { credits, money } from "../../i18n/format";
import { messages } from "../../i18n/language";
import { Link } from "../../routing/link";
import { Icon } from "../../ui/icon";

const LOOKED_AT = "5";

/** Find a payment that was begun and can still be made; none also if that can't be told. */
export async function findUnfinished(): Promise<Purchase | null> {
  const newest = await purchases({ limit: LOOKED_AT }).catch(() => null);
  return newest?.data.find((it) => it.status === "pending" && it.payment) ?? null;
}

/** The way back to a payment. */
export function Unfinished({ purchase: waiting }: { purchase: Purchase }) {
  const t = messages.value.buy;
  const { credits: count, bonus_credits, amount, currency } = waiting;
  return (
    <div class="notice">
      <Icon name="clock" />
      <p class="notice-body">
        {t.unfinished} {credits(count + bonus_credits)}, {money(amount, currency)}.{" "}
        <Link to={`/buy/${waiting.id}`}>{t.continue}</Link>
      </p>
    </div>
  );
}
