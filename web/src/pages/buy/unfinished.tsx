import { purchases } from "../../api/resources";
import { credits, money } from "../../i18n/format";
import { messages } from "../../i18n/language";
import { Link } from "../../routing/link";
import { useResource } from "../../state/resource";
import { Icon } from "../../ui/icon";

const LOOKED_AT = "5";

/** A payment that was begun and can still be made. */
export function Unfinished() {
  const t = messages.value.buy;
  const { value } = useResource(() => purchases({ limit: LOOKED_AT }));
  const waiting = value?.data.find((it) => it.status === "pending" && it.payment);
  if (!waiting) return null;
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
