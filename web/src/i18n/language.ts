/** The language that the console speaks: English is there at once, others are loaded. */

import { computed, signal } from "@preact/signals";
import { en, type Messages } from "./en";

export type Language = "en" | "th";

export const LANGUAGES: Record<Language, string> = { en: "English", th: "ไทย" };

const load: Record<Language, () => Promise<Messages>> = {
  en: async () => en,
  th: async () => (await import("./th")).th,
};

export const language = signal<Language>("en");
export const messages = signal<Messages>(en);
/** For `Intl`: British order of day and month, and 24 hours, in English. */
export const locale = computed(() => (language.value === "th" ? "th-TH" : "en-GB"));

/** Speak a language from now on. */
export async function speak(wanted: Language): Promise<void> {
  messages.value = await load[wanted]();
  language.value = wanted;
  document.documentElement.lang = wanted;
}

/** The language that `preferences.js` found before the first paint. */
export function preferredLanguage(): Language {
  return document.documentElement.lang === "th" ? "th" : "en";
}

export function rememberLanguage(wanted: Language): void {
  remember("language", wanted);
}

export function remember(name: "language" | "theme", value: string): void {
  try {
    localStorage.setItem(name, value);
  } catch {
    // Storage is off: it holds until the page is closed.
  }
}
