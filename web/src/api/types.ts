/** The API's resources, as far as the console reads them. Money in satang, credits whole. */

export interface Tokens {
  access_token: string;
  expires_in: number;
  refresh_token: string;
}

export interface User {
  id: string;
  email: string;
  created_at: string;
}

export interface Page<Item> {
  data: Item[];
  next_cursor: string | null;
}

export interface Package {
  id: string;
  name: string;
  credits: number;
  bonus_credits: number;
  amount: number;
  currency: string;
  expires_after_days: number | null;
}

export type PurchaseStatus =
  | "pending"
  | "completed"
  | "failed"
  | "expired"
  | "disputed"
  | "refunded";

export interface Failure {
  code: string;
  message: string;
}

export interface Purchase {
  id: string;
  status: PurchaseStatus;
  package_id: string;
  credits: number;
  bonus_credits: number;
  amount: number;
  currency: string;
  payment_method: { type: "promptpay" | "card" };
  payment: {
    charge_id: string;
    qr_code_uri: string | null;
    authorize_uri: string | null;
    expires_at: string | null;
  } | null;
  failure: Failure | null;
  created_at: string;
  completed_at: string | null;
}

export type PaymentMethod =
  | { type: "promptpay" }
  | { type: "card"; token: string; return_uri: string };

export interface NewPurchase {
  package_id: string;
  payment_method: PaymentMethod;
}

export type GrantKind = "paid" | "bonus" | "promo" | "refund";

export interface Grant {
  id: string;
  kind: GrantKind;
  remaining: number;
  granted: number;
  expires_at: string | null;
  source: string;
}

export interface Account {
  balance: number;
  held: number;
  debt: number;
  grants: Grant[];
  as_of_entry: number;
}

export const ENTRY_TYPES = [
  "purchase",
  "bonus",
  "promo",
  "spend",
  "spend_refund",
  "expire",
  "reserve",
  "capture",
  "release",
  "clawback",
  "debt_repaid",
  "adjustment",
] as const;

export type EntryType = (typeof ENTRY_TYPES)[number];

export interface LedgerEntry {
  id: string;
  entry_no: number;
  type: EntryType;
  amount: number;
  balance_after: number;
  held_after: number;
  grants: { grant_id: string; amount: number }[];
  reference: { kind: string; id: string };
  created_at: string;
}

export type Json = string | number | boolean | null | Json[] | { [name: string]: Json };
export type JsonObject = { [name: string]: Json };

/** The part of JSON Schema that a form can be made of; anything else is edited as JSON. */
export interface PropertySchema {
  type?: string;
  title?: string;
  description?: string;
  default?: Json;
  enum?: Json[];
  format?: string;
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
}

export interface ParametersSchema {
  properties?: Record<string, PropertySchema>;
  required?: string[];
}

export interface Automation {
  id: string;
  name: string;
  description: string;
  credit_cost: number;
  parameters_schema: ParametersSchema;
}

export interface Workflow {
  id: string;
  name: string;
  automation_id: string;
  parameters: JsonObject;
  credit_cost: number;
  version: number;
  created_at: string;
  updated_at: string;
}

export type RunStatus = "queued" | "running" | "succeeded" | "failed";

export interface Run {
  id: string;
  workflow_id: string;
  workflow_version: number;
  status: RunStatus;
  credit_cost: number;
  balance_after: number;
  output: JsonObject | null;
  error: Failure | null;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
}
