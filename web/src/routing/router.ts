/** Addresses of the console: the History API and one table of patterns. */

import { computed, signal } from "@preact/signals";

const address = signal(new URL(window.location.href));

export const path = computed(() => address.value.pathname);
export const query = computed(() => address.value.searchParams);
/** The address within the console, to come back to. */
export const here = computed(() => `${address.value.pathname}${address.value.search}`);

window.addEventListener("popstate", () => {
  address.value = new URL(window.location.href);
});

export function navigate(to: string, { replace = false } = {}): void {
  const target = localTarget(to);
  if (replace) history.replaceState(null, "", target);
  else history.pushState(null, "", target);
  address.value = new URL(target);
  window.scrollTo(0, 0);
}

/** An address of ours, whatever a link's query parameter says: never another origin. */
export function localTarget(to: string): URL {
  const target = new URL(to, window.location.origin);
  return target.origin === window.location.origin ? target : new URL("/", window.location.origin);
}

/**
 * Match a pattern such as `/runs/:id`.
 *
 * @returns the named parts, or null when the path is another one
 */
export function match(pattern: string, pathname: string): Record<string, string> | null {
  const names = pattern.split("/");
  const parts = pathname.replace(/(.)\/$/, "$1").split("/");
  if (names.length !== parts.length) return null;
  const found: Record<string, string> = {};
  for (const [index, name] of names.entries()) {
    const part = parts[index] ?? "";
    if (name.startsWith(":")) found[name.slice(1)] = part;
    else if (name !== part) return null;
  }
  return found;
}
