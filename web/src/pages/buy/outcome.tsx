import type { Purchase } from "../../api/types";
import { credits, number } from "../../i18n/format";
import { messages } from "../../i18n/language";
import { Link } from "../../routing/link";
import { account } from "../../state/account";
import { Icon } from "../../ui/icon";
import { rememberedCheckout } from "./checkout-memory";

/** How a purchase ended, and where to go from here. */
export function Outcome({ purchase }: { purchase: Purchase }) {
  return purchase.status === "completed" ? (
    <Paid purchase={purchase} />
  ) : (
    <NotPaid purchase={purchase} />
  );
}

function Paid({ purchase }: { purchase: Purchase }) {
  const t = messages.value.checkout;
  const checkout = rememberedCheckout();
  const back = checkout?.purchaseId === purchase.id ? checkout.returnTo : null;
  return (
    <section class="card outcome outcome-good">
      <span class="outcome-mark">
        <Icon name="check" />
      </span>
      <p class="outcome-title">{t.completed(credits(purchase.credits + purchase.bonus_credits))}</p>
      <p class="muted">
        {t.newBalance}{" "}
        <strong class="figure">{account.value ? number(account.value.balance) : "…"}</strong>
      </p>
      <Link to={back ?? "/workflows"} class="button button-primary">
        {back ? t.goBack : t.goWorkflows}
      </Link>
    </section>
  );
}

function NotPaid({ purchase }: { purchase: Purchase }) {
  const t = messages.value.checkout;
  const checkout = rememberedCheckout();
  const back = checkout?.purchaseId === purchase.id ? checkout.returnTo : null;
  const shop = back ? `/buy?${new URLSearchParams({ return: back })}` : "/buy";
  return (
    <section class="card outcome outcome-bad">
      <span class="outcome-mark">
        <Icon name={purchase.status === "expired" ? "clock" : "cross"} />
      </span>
      <p class="outcome-title">{reasonOf(purchase)}</p>
      <p class="muted">{hintOf(purchase)}</p>
      <Link to={shop} class="button button-primary">
        {t.again}
      </Link>
    </section>
  );
}

function reasonOf({ status, failure }: Purchase): string {
  const t = messages.value.checkout;
  return failure ? (t.failures[failure.code] ?? failure.message) : t.titles[status];
}

function hintOf({ status }: Purchase): string {
  const t = messages.value.checkout;
  if (status === "expired") return t.expiredHint;
  if (status === "disputed") return t.disputedHint;
  return status === "refunded" ? t.refundedHint : t.failedHint;
}
