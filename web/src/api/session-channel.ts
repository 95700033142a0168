/**
 * Tabs of one browser share a session by telling each other.
 *
 * A refresh token may be used once. A duplicated tab starts with a copy of it, so tabs take turns
 * (Web Locks) and tell each other the successor: using the copy later would end the session. A tab
 * that was opened by a link has nothing and asks the others.
 */

import type { Tokens } from "./types";

export interface SharedSession {
  id: string;
  tokens: Tokens;
}

type Message =
  | { kind: "wanted" }
  | { kind: "tokens"; session: SharedSession }
  | { kind: "ended"; id: string };

const NAME = "credit-engine.session";
const ANSWER_MS = 150;

interface Listener {
  /** The session to share, if this tab has one. */
  offer(): SharedSession | null;
  adopt(session: SharedSession): void;
  ended(id: string): void;
}

const channel = new BroadcastChannel(NAME);
let answered: ((session: SharedSession | null) => void) | null = null;

const post = (message: Message): void => channel.postMessage(message);

export function listen(listener: Listener): void {
  channel.onmessage = ({ data }: MessageEvent<Message>) => {
    if (data.kind === "ended") listener.ended(data.id);
    if (data.kind === "tokens") {
      listener.adopt(data.session);
      answered?.(data.session);
    }
    const offered = data.kind === "wanted" ? listener.offer() : null;
    if (offered) tellTokens(offered);
  };
}

export const tellTokens = (session: SharedSession): void => post({ kind: "tokens", session });
export const tellEnd = (id: string): void => post({ kind: "ended", id });

/** Ask the other tabs for their session; null when none answers at once. */
export function askOtherTabs(): Promise<SharedSession | null> {
  return new Promise((resolve) => {
    answered = (session) => {
      answered = null;
      resolve(session);
    };
    setTimeout(() => answered?.(null), ANSWER_MS);
    post({ kind: "wanted" });
  });
}

/** Do something while no other tab does. */
export function exclusively<Result>(work: () => Promise<Result>): Promise<Result> {
  return "locks" in navigator ? navigator.locks.request(NAME, work) : work();
}
