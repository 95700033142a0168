import { useEffect, useState } from "preact/hooks";
import type { Purchase } from "../../api/types";
import { countdown, money } from "../../i18n/format";
import { messages } from "../../i18n/language";
import { announce } from "../../ui/live-region";

const TICK_MS = 1_000;
const REMINDERS_SECONDS = [300, 60];

/** A PromptPay QR code with the time that is left for it. */
export function PromptPay({ purchase }: { purchase: Purchase }) {
  const t = messages.value.checkout;
  const price = money(purchase.amount, purchase.currency);
  const code = purchase.payment?.qr_code_uri;
  return (
    <section class="card promptpay" aria-label={t.scan}>
      <div class="qr">
        {code ? (
          <img src={code} alt={t.qrAlt(price)} width="280" height="280" />
        ) : (
          <p class="muted" role="status">
            {t.preparing}
          </p>
        )}
      </div>
      <div class="promptpay-side">
        <p class="figure-large">{price}</p>
        <p class="waiting">
          <span class="spinner" aria-hidden="true" />
          {t.waiting}
        </p>
        <TimeLeft until={purchase.payment?.expires_at ?? null} />
        <ol class="steps">
          {t.steps.map((step) => (
            <li key={step}>{step}</li>
          ))}
        </ol>
        {code && (
          <a href={code} target="_blank" rel="noopener noreferrer" class="button button-secondary">
            {t.openQr}
          </a>
        )}
      </div>
    </section>
  );
}

function TimeLeft({ until }: { until: string | null }) {
  const t = messages.value.checkout;
  const seconds = useSecondsUntil(until);
  useEffect(() => {
    if (seconds !== null && REMINDERS_SECONDS.includes(seconds)) {
      announce(`${t.timeLeft}: ${countdown(seconds)}`);
    }
  }, [seconds, t]);
  if (seconds === 0) return <p class="time-left">{t.timeUp}</p>;
  return (
    <p class="time-left" role="timer">
      <span class="muted">{t.timeLeft}</span>{" "}
      <span class="figure">{seconds === null ? "--:--" : countdown(seconds)}</span>
    </p>
  );
}

/** Whole seconds until a time, renewed every second; null without a time. */
function useSecondsUntil(until: string | null): number | null {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return until ? Math.max(0, Math.floor((Date.parse(until) - now) / TICK_MS)) : null;
}
