/** Who is signed in, and the tokens that prove it. */

import { signal } from "@preact/signals";
import { type Exchange, exchange } from "./http";
import { ApiError } from "./problem";
import {
  askOtherTabs,
  exclusively,
  listen,
  type SharedSession,
  tellEnd,
  tellTokens,
} from "./session-channel";
import { keepSession, keptSession } from "./session-storage";
import type { Tokens } from "./types";

export type SessionState = "starting" | "unreachable" | "signed_out" | "expired" | "signed_in";

export const sessionState = signal<SessionState>("starting");

let current: SharedSession | null = null;
let refreshing: Promise<void> | null = null;

export const accessToken = (): string => current?.tokens.access_token ?? "";

function use(session: SharedSession): void {
  current = session;
  keepSession({ id: session.id, refreshToken: session.tokens.refresh_token });
  sessionState.value = "signed_in";
}

function end(state: "signed_out" | "expired"): void {
  current = null;
  keepSession(null);
  sessionState.value = state;
}

/** Take up the session of this tab, or of another one; leaves `starting`. */
export async function startSession(): Promise<void> {
  const kept = keptSession();
  listen({
    offer: () => current,
    adopt: (session) => session.id === keptSession()?.id && use(session),
    ended: (id) => id === keptSession()?.id && end("signed_out"),
  });
  if (kept) {
    sessionState.value = "starting";
    await refresh().catch(() => {
      if (sessionState.value === "starting") sessionState.value = "unreachable";
    });
    return;
  }
  const shared = await askOtherTabs();
  if (shared) use(shared);
  else end("signed_out");
}

/** @throws ApiError if e-mail and password are not accepted */
export async function signIn(email: string, password: string): Promise<void> {
  const body = { email, password };
  const tokens = await exchange<Tokens>({ method: "POST", path: "/v1/auth/login", body });
  use({ id: crypto.randomUUID(), tokens });
}

/** End the session here, in the tabs that share it, and at the API if it can be reached. */
export async function signOut(): Promise<void> {
  const kept = keptSession();
  const body = { refresh_token: kept?.refreshToken ?? "" };
  await call({ method: "POST", path: "/v1/auth/logout", body }).catch(() => undefined);
  if (kept) tellEnd(kept.id);
  end("signed_out");
}

/**
 * Call the API as the user who is signed in; an access token that is over is renewed once.
 *
 * @throws ApiError if it is refused; `unauthorized` when the session is over
 */
export async function call<Answer>(request: Exchange): Promise<Answer> {
  const used = accessToken();
  try {
    return await exchange<Answer>(request, used);
  } catch (error) {
    if (!isUnauthorized(error)) throw error;
    if (used === accessToken()) await refresh();
    return exchange<Answer>(request, accessToken());
  }
}

function refresh(): Promise<void> {
  refreshing ??= exclusively(renew).finally(() => {
    refreshing = null;
  });
  return refreshing;
}

async function renew(): Promise<void> {
  const used = accessToken();
  // What the tab that just held the lock told this one is delivered before the next task.
  await new Promise((resolve) => setTimeout(resolve));
  const kept = keptSession();
  if (!kept || used !== accessToken()) return;
  try {
    const body = { refresh_token: kept.refreshToken };
    const tokens = await exchange<Tokens>({ method: "POST", path: "/v1/auth/refresh", body });
    use({ id: kept.id, tokens });
    tellTokens({ id: kept.id, tokens });
  } catch (error) {
    if (isUnauthorized(error)) end("expired");
    throw error;
  }
}

function isUnauthorized(error: unknown): boolean {
  return error instanceof ApiError && error.problem.status === 401;
}
