import { useEffect } from "preact/hooks";
import type { Purchase } from "../../api/types";
import { messages } from "../../i18n/language";
import { Button } from "../../ui/button";
import { rememberCheckout, rememberedCheckout } from "./checkout-memory";

const SENT_KEY = "credit-engine.sent-to-bank";

/** A card payment that is not decided yet: with the bank, or being confirmed. */
export function CardProgress({ purchase }: { purchase: Purchase }) {
  const t = messages.value.checkout;
  const bank = purchase.payment?.authorize_uri ?? null;
  useEffect(() => {
    if (bank && !wasSent(purchase.id)) goToBank(purchase.id, bank);
  }, [bank, purchase.id]);
  return (
    <section class="card card-progress">
      <p class="waiting" role="status">
        <span class="spinner" aria-hidden="true" />
        {bank && !wasSent(purchase.id) ? t.toBank : t.confirming}
      </p>
      <p class="muted">{t.confirmingHint}</p>
      {bank && <Button onClick={() => goToBank(purchase.id, bank)}>{t.goToBank}</Button>}
    </section>
  );
}

/** Leave for the bank's page; once by itself, then only when the person asks. */
function goToBank(purchaseId: string, bank: string): void {
  rememberCheckout(purchaseId, rememberedCheckout()?.returnTo ?? null);
  try {
    sessionStorage.setItem(SENT_KEY, purchaseId);
  } catch {
    // Storage is off: the button leads there too.
  }
  if (new URL(bank).protocol.startsWith("http")) window.location.assign(bank);
}

function wasSent(purchaseId: string): boolean {
  try {
    return sessionStorage.getItem(SENT_KEY) === purchaseId;
  } catch {
    return true;
  }
}
