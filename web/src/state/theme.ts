import { signal } from "@preact/signals";
import { remember } from "../i18n/language";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

const root = document.documentElement;
const chosen = THEMES.find((it) => it === root.dataset.theme);

export const theme = signal<Theme>(chosen ?? "system");

export function setTheme(wanted: Theme): void {
  theme.value = wanted;
  if (wanted === "system") delete root.dataset.theme;
  else root.dataset.theme = wanted;
  remember("theme", wanted);
}
