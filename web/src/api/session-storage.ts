/**
 * What survives a page load: a session's id and its refresh token, in this tab's session storage.
 *
 * The access token never gets here. ADR 20 says why.
 */

const KEY = "credit-engine.session";

export interface KeptSession {
  /** Made up here at sign-in, so that tabs know which of them share a session. */
  id: string;
  refreshToken: string;
}

let kept: KeptSession | null = null;

export function keptSession(): KeptSession | null {
  kept ??= read();
  return kept;
}

export function keepSession(session: KeptSession | null): void {
  kept = session;
  try {
    if (session) sessionStorage.setItem(KEY, JSON.stringify(session));
    else sessionStorage.removeItem(KEY);
  } catch {
    // Storage is off: the session lives as long as the page.
  }
}

function read(): KeptSession | null {
  try {
    const { id, refreshToken } = JSON.parse(sessionStorage.getItem(KEY) ?? "{}");
    return id && refreshToken ? { id, refreshToken } : null;
  } catch {
    return null;
  }
}
