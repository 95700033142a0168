/**
 * Omise's own card form, in an iframe of Omise's: card data never is in this page (PCI SAQ A).
 *
 * Interface: https://docs.omise.co/omise-js. The script is loaded when a person wants to pay by
 * card, not before; its address and the public key are settings of the deployment.
 */

interface CardFormSettings {
  publicKey: string;
  amount: number;
  currency: string;
  frameLabel: string;
  frameDescription: string;
  submitLabel: string;
  locale: string;
  defaultPaymentMethod: "credit_card";
  onCreateTokenSuccess: (token: string) => void;
  onFormClosed: () => void;
}

interface OmiseCardForm {
  configure(settings: { publicKey: string }): void;
  open(settings: Omit<CardFormSettings, "publicKey">): boolean;
}

declare global {
  interface Window {
    OmiseCard?: OmiseCardForm;
  }
}

interface Settings {
  omise_js_url: string;
  omise_public_key: string;
}

export type CardOutcome = { kind: "token"; token: string } | { kind: "closed" } | { kind: "stuck" };

const FRAME_ID = "omise-checkout-iframe-app"; // given by omise.js to its iframe
const OPEN_MS = 6_000; // omise.js gives up silently after 3 s

const LOAD_MS = 15_000;

let form: Promise<OmiseCardForm> | null = null;

async function loadForm(): Promise<OmiseCardForm> {
  const response = await fetch("/config.json", { signal: AbortSignal.timeout(OPEN_MS) });
  const settings: Settings = await response.json();
  await loadScript(settings.omise_js_url);
  const loaded = window.OmiseCard;
  if (!loaded) throw new Error("omise.js is not what it should be");
  loaded.configure({ publicKey: settings.omise_public_key });
  return loaded;
}

function loadScript(url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    const fail = () => {
      script.remove();
      reject(new Error("omise.js could not be loaded"));
    };
    const timer = setTimeout(fail, LOAD_MS);
    script.src = url;
    script.onload = () => {
      clearTimeout(timer);
      resolve();
    };
    script.onerror = () => {
      clearTimeout(timer);
      fail();
    };
    document.head.append(script);
  });
}

/** Get the form ready. @throws Error if it can't be loaded; the next call tries again */
export function prepareCardForm(): Promise<unknown> {
  form ??= loadForm().catch((error: unknown) => {
    form = null;
    throw error;
  });
  return form;
}

/**
 * Let a person enter a card.
 *
 * @param order what is paid, in satang, and the words of the form
 * @returns a token for one charge, or how it ended without one
 */
export async function askForCard(
  order: Pick<
    CardFormSettings,
    "amount" | "currency" | "frameLabel" | "frameDescription" | "submitLabel" | "locale"
  >,
): Promise<CardOutcome> {
  await prepareCardForm();
  return new Promise((resolve) => {
    window.OmiseCard?.open({
      ...order,
      defaultPaymentMethod: "credit_card",
      onCreateTokenSuccess: (token) => resolve({ kind: "token", token }),
      onFormClosed: () => resolve({ kind: "closed" }),
    });
    setTimeout(() => isOpen() || resolve({ kind: "stuck" }), OPEN_MS);
  });
}

function isOpen(): boolean {
  return document.getElementById(FRAME_ID)?.style.display === "block";
}
