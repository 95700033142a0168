/** The balance, shown on every page: read once, and again after everything that changes it. */

import { signal } from "@preact/signals";
import { account as readAccount } from "../api/resources";
import type { Account } from "../api/types";

export const account = signal<Account | null>(null);

export async function refreshAccount(): Promise<Account> {
  const fresh = await readAccount();
  // A slow answer must not replace a newer one.
  if (!account.value || fresh.as_of_entry >= account.value.as_of_entry) account.value = fresh;
  return fresh;
}

export function forgetAccount(): void {
  account.value = null;
}
