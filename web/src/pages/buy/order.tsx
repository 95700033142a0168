import { useState } from "preact/hooks";
import { buy } from "../../api/resources";
import type { NewPurchase, Package, Purchase } from "../../api/types";
import { credits, money } from "../../i18n/format";
import { language, messages } from "../../i18n/language";
import { askForCard } from "../../omise/card-form";
import { navigate, query } from "../../routing/router";
import { useIntent } from "../../state/intent";
import { Button } from "../../ui/button";
import { Icon } from "../../ui/icon";
import { ProblemNotice } from "../../ui/problem-notice";
import { rememberCheckout } from "./checkout-memory";

type Method = "promptpay" | "card";

/** How to pay for a package, and the button that does. */
export function Order({ offer }: { offer: Package }) {
  const t = messages.value.buy;
  const [method, setMethod] = useState<Method>("promptpay");
  const intent = useIntent(buy, goOn);
  const card = useCardForm(offer, intent.submit);
  const pay = () =>
    method === "card"
      ? card.ask()
      : intent.submit({ package_id: offer.id, payment_method: { type: "promptpay" } });
  const price = money(offer.amount, offer.currency);
  return (
    <>
      <MethodChoice chosen={method} onChoose={setMethod} />
      <ProblemNotice problem={intent.problem} onRetry={pay} />
      {card.failure && (
        <p class="notice notice-problem" role="alert">
          <Icon name="alert" /> {card.failure}
        </p>
      )}
      <div class="order-bar card">
        <p>
          <span class="muted">{t.total}</span>
          <strong class="figure-large">{price}</strong>
        </p>
        <Button kind="primary" class="large" busy={intent.busy || card.busy} onClick={pay}>
          {t.pay(price)}
        </Button>
      </div>
    </>
  );
}

function goOn(purchase: Purchase): void {
  rememberCheckout(purchase.id, query.value.get("return"));
  navigate(`/buy/${purchase.id}`);
}

/** Omise's form for a card; a token buys at once. */
function useCardForm(offer: Package, submit: (order: NewPurchase) => Promise<void>) {
  const t = messages.value.buy;
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const words = {
    frameLabel: messages.value.product,
    frameDescription: credits(offer.credits + offer.bonus_credits),
    submitLabel: t.pay(money(offer.amount, offer.currency)),
    locale: language.value,
  };
  const ask = async () => {
    if (busy) return;
    setBusy(true);
    setFailure(null);
    try {
      const outcome = await askForCard({
        ...words,
        amount: offer.amount,
        currency: offer.currency,
      });
      if (outcome.kind === "stuck") setFailure(t.formFailed);
      if (outcome.kind === "token") await submit(cardOrder(offer, outcome.token));
    } catch {
      setFailure(t.formFailed);
    } finally {
      setBusy(false);
    }
  };
  return { busy, failure, ask };
}

function cardOrder(offer: Package, token: string): NewPurchase {
  const returnUri = `${window.location.origin}/buy/return`;
  return {
    package_id: offer.id,
    payment_method: { type: "card", token, return_uri: returnUri },
  };
}

function MethodChoice({ chosen, onChoose }: { chosen: Method; onChoose: (it: Method) => void }) {
  const t = messages.value.buy;
  const methods = [
    { method: "promptpay", icon: "qr", name: t.promptpay, hint: t.promptpayHint },
    { method: "card", icon: "card", name: t.card, hint: t.cardHint },
  ] as const;
  return (
    <fieldset class="option-cards methods">
      <legend>{t.method}</legend>
      {methods.map(({ method, icon, name, hint }) => (
        <label key={method} class="option-card">
          <input
            type="radio"
            name="method"
            value={method}
            checked={method === chosen}
            onChange={() => onChoose(method)}
          />
          <Icon name={icon} />
          <span class="option-body">
            <strong>{name}</strong>
            <span class="muted">{hint}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
