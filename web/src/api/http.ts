/** One HTTP exchange with the API: time-out, correlation id, problem details. */

import { refusal, unreachable } from "./problem";
import type { JsonObject } from "./types";

const TIMEOUT_MS = 35_000; // longer than the gateway's own 29 s: its answer is worth waiting for

export interface Exchange {
  method?: "GET" | "POST" | "PATCH" | "DELETE";
  path: string;
  query?: Record<string, string | undefined>;
  body?: JsonObject;
  idempotencyKey?: string;
  ifMatch?: string;
}

/**
 * Send one request.
 *
 * @param exchange what to send
 * @param accessToken on whose behalf; none for the public routes
 * @throws ApiError if it is refused or gets no answer
 */
export async function exchange<Answer>(
  { method = "GET", path, query, body, idempotencyKey, ifMatch }: Exchange,
  accessToken?: string,
): Promise<Answer> {
  const correlationId = crypto.randomUUID();
  const headers = new Headers({ "X-Correlation-Id": correlationId });
  if (accessToken) headers.set("Authorization", `Bearer ${accessToken}`);
  if (body) headers.set("Content-Type", "application/json");
  if (idempotencyKey) headers.set("Idempotency-Key", `"${idempotencyKey}"`);
  if (ifMatch) headers.set("If-Match", `"${ifMatch}"`);
  const request: RequestInit = { method, headers, signal: AbortSignal.timeout(TIMEOUT_MS) };
  // As bytes, U+FFFD cannot be told from what a gateway puts in the place of broken ones.
  if (body) request.body = JSON.stringify(body).replaceAll("\ufffd", "\\ufffd");
  const response = await fetch(`${path}${queryString(query)}`, request).catch(() => {
    throw unreachable(correlationId);
  });
  if (!response.ok) throw await refusal(response, correlationId);
  if (response.status === 204) return undefined as Answer;
  return response.json().catch(() => {
    throw unreachable(correlationId);
  });
}

function queryString(query: Exchange["query"]): string {
  const given = Object.entries(query ?? {}).filter((it): it is [string, string] => Boolean(it[1]));
  return given.length ? `?${new URLSearchParams(given)}` : "";
}
