/**
 * Which purchase this tab is paying, and where the person came from.
 *
 * A bank sends people back to an address that was fixed before the purchase had its id.
 */

const KEY = "credit-engine.checkout";

export interface Checkout {
  purchaseId: string;
  returnTo: string | null;
}

export function rememberCheckout(purchaseId: string, returnTo: string | null): void {
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ purchaseId, returnTo }));
  } catch {
    // Storage is off: the newest purchase is a good guess.
  }
}

export function rememberedCheckout(): Checkout | null {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? "null");
  } catch {
    return null;
  }
}
