/** The API's routes, one function each. */

import { exchange } from "./http";
import { call } from "./session";
import type {
  Account,
  Automation,
  JsonObject,
  LedgerEntry,
  NewPurchase,
  Package,
  Page,
  Purchase,
  Run,
  User,
  Workflow,
} from "./types";

export type Query = Record<string, string | undefined>;

export const register = (email: string, password: string) =>
  exchange<User>({ method: "POST", path: "/v1/auth/register", body: { email, password } });

export const me = () => call<User>({ path: "/v1/me" });
export const account = () => call<Account>({ path: "/v1/account" });

export const packages = async () =>
  (await exchange<{ data: Package[] }>({ path: "/v1/packages" })).data;
export const automations = async () =>
  (await exchange<{ data: Automation[] }>({ path: "/v1/automations" })).data;

export const ledger = (query: Query) =>
  call<Page<LedgerEntry>>({ path: "/v1/account/ledger", query });

export const purchases = (query: Query) => call<Page<Purchase>>({ path: "/v1/purchases", query });
export const purchase = (id: string) => call<Purchase>({ path: `/v1/purchases/${id}` });
export const buy = (order: NewPurchase, idempotencyKey: string) =>
  call<Purchase>({
    method: "POST",
    path: "/v1/purchases",
    body: { ...order },
    idempotencyKey,
  });

export const workflows = (query: Query) => call<Page<Workflow>>({ path: "/v1/workflows", query });
export const workflow = (id: string) => call<Workflow>({ path: `/v1/workflows/${id}` });
export const createWorkflow = (name: string, automationId: string, parameters: JsonObject) =>
  call<Workflow>({
    method: "POST",
    path: "/v1/workflows",
    body: { name, automation_id: automationId, parameters },
  });
export const changeWorkflow = (current: Workflow, name: string, parameters: JsonObject) =>
  call<Workflow>({
    method: "PATCH",
    path: `/v1/workflows/${current.id}`,
    body: { name, parameters },
    ifMatch: String(current.version),
  });
export const archiveWorkflow = (id: string) =>
  call<void>({ method: "DELETE", path: `/v1/workflows/${id}` });

export const startRun = (workflowId: string, input: JsonObject | null, idempotencyKey: string) =>
  call<Run>({
    method: "POST",
    path: `/v1/workflows/${workflowId}/runs`,
    body: input ? { input } : {},
    idempotencyKey,
  });
export const runs = (query: Query) => call<Page<Run>>({ path: "/v1/runs", query });
export const run = (id: string) => call<Run>({ path: `/v1/runs/${id}` });
