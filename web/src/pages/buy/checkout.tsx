import { useEffect } from "preact/hooks";
import { purchase as readPurchase } from "../../api/resources";
import type { Purchase } from "../../api/types";
import { credits, money } from "../../i18n/format";
import { messages } from "../../i18n/language";
import { refreshAccount } from "../../state/account";
import { usePolling } from "../../state/polling";
import { useResource } from "../../state/resource";
import { announce } from "../../ui/live-region";
import { Page } from "../../ui/page";
import { ProblemNotice } from "../../ui/problem-notice";
import { Skeleton } from "../../ui/skeleton";
import { CardProgress } from "./card-progress";
import { Outcome } from "./outcome";
import { PromptPay } from "./promptpay";

/** One purchase, from the QR code or the bank to the credits; it turns by itself. */
export function CheckoutPage({ id }: { id: string }) {
  const t = messages.value.checkout;
  const { value: purchase, problem, reload } = useResource(() => readPurchase(id));
  const status = purchase?.status;
  usePolling(reload, status === "pending");
  useEffect(() => {
    if (!status || status === "pending") return;
    announce(messages.value.checkout.titles[status]);
    refreshAccount().catch(() => undefined); // the balance is a nicety here
  }, [status]);
  return (
    <Page title={status ? t.titles[status] : t.title} narrow>
      <ProblemNotice problem={problem} onRetry={reload} />
      {!purchase && !problem && <Skeleton rows={8} />}
      {purchase && (
        <>
          <Progress purchase={purchase} />
          <Summary purchase={purchase} />
        </>
      )}
    </Page>
  );
}

function Progress({ purchase }: { purchase: Purchase }) {
  if (purchase.status !== "pending") return <Outcome purchase={purchase} />;
  return isCard(purchase) ? (
    <CardProgress purchase={purchase} />
  ) : (
    <PromptPay purchase={purchase} />
  );
}

function isCard(purchase: Purchase): boolean {
  return purchase.payment_method.type === "card";
}

function Summary({ purchase }: { purchase: Purchase }) {
  const t = messages.value;
  return (
    <section class="card" aria-labelledby="summary-title">
      <h2 id="summary-title">{t.checkout.summary}</h2>
      <dl class="summary">
        <dt>{t.buy.choose}</dt>
        <dd>{credits(purchase.credits + purchase.bonus_credits)}</dd>
        <dt>{t.checkout.amount}</dt>
        <dd>{money(purchase.amount, purchase.currency)}</dd>
        <dt>{t.checkout.method}</dt>
        <dd>{isCard(purchase) ? t.buy.card : t.buy.promptpay}</dd>
        <dt>{t.checkout.reference}</dt>
        <dd>
          <code>{purchase.id}</code>
        </dd>
      </dl>
    </section>
  );
}
