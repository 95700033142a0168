/** Numbers, money and times in the language of the page. Amounts of money come in satang. */

import { locale, messages } from "./language";

const SATANG_PER_BAHT = 100;

export function number(value: number): string {
  return new Intl.NumberFormat(locale.value).format(value);
}

export function signed(value: number): string {
  const format = new Intl.NumberFormat(locale.value, { signDisplay: "exceptZero" });
  return format.format(value).replace("-", "−"); // as wide as the plus, and read as “minus”
}

/** Such as “1,250 credits”. */
export function credits(count: number): string {
  return messages.value.credits(count, number(count));
}

/**
 * Such as ฿449.00.
 *
 * @param satang the amount in the currency's smallest unit
 * @param currency its ISO 4217 code
 */
export function money(satang: number, currency: string): string {
  return new Intl.NumberFormat(locale.value, {
    style: "currency",
    currency,
    currencyDisplay: "narrowSymbol",
  }).format(satang / SATANG_PER_BAHT);
}

export function date(iso: string | number): string {
  return new Intl.DateTimeFormat(locale.value, { dateStyle: "medium" }).format(new Date(iso));
}

export function dateTime(iso: string): string {
  return new Intl.DateTimeFormat(locale.value, {
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
  }).format(new Date(iso));
}

export function weekday(day: Date, wanted: "short" | "long"): string {
  // Thai has no three letters for a day: its short names are as long as the long ones.
  const width = wanted === "short" && locale.value === "th-TH" ? "narrow" : wanted;
  return new Intl.DateTimeFormat(locale.value, { weekday: width }).format(day);
}

const SECONDS = { hour: 3600, minute: 60 };

/** Such as 23:59:07, or 04:12 below an hour. */
export function countdown(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const hours = Math.floor(whole / SECONDS.hour);
  const minutes = Math.floor((whole % SECONDS.hour) / SECONDS.minute);
  const parts = hours
    ? [hours, minutes, whole % SECONDS.minute]
    : [minutes, whole % SECONDS.minute];
  return parts.map((part) => String(part).padStart(2, "0")).join(":");
}

/** How long something took, such as “14 s”; the API's times are whole seconds. */
export function duration(from: string, to: string): string {
  const seconds = (Date.parse(to) - Date.parse(from)) / 1000;
  if (seconds < 1) return messages.value.runs.seconds("< 1");
  const shown = new Intl.NumberFormat(locale.value, { maximumFractionDigits: 1 }).format(seconds);
  return messages.value.runs.seconds(shown);
}
