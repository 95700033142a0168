import type { VNode } from "preact";
import { match } from "../routing/router";
import { ApiPage } from "./api";
import { BuyPage } from "./buy/buy";
import { CheckoutPage } from "./buy/checkout";
import { ReturnPage } from "./buy/return";
import { HomePage } from "./home/home";
import { LedgerPage } from "./ledger/ledger";
import { NotFoundPage } from "./not-found";
import { RunPage } from "./runs/run";
import { RunsPage } from "./runs/runs";
import { EditWorkflowPage } from "./workflows/edit";
import { NewWorkflowPage } from "./workflows/new";
import { WorkflowPage } from "./workflows/workflow";
import { WorkflowsPage } from "./workflows/workflows";

type Parts = Record<string, string>;

// The first pattern that matches decides, so words come before names. Pages of a thing are keyed by
// it: going from one to another starts afresh.
const ROUTES: [string, (parts: Parts) => VNode][] = [
  ["/", () => <HomePage />],
  ["/buy", () => <BuyPage />],
  ["/buy/return", () => <ReturnPage />],
  ["/buy/:id", ({ id = "" }) => <CheckoutPage key={id} id={id} />],
  ["/ledger", () => <LedgerPage />],
  ["/workflows", () => <WorkflowsPage />],
  ["/workflows/new", () => <NewWorkflowPage />],
  ["/workflows/:id", ({ id = "" }) => <WorkflowPage key={id} id={id} />],
  ["/workflows/:id/edit", ({ id = "" }) => <EditWorkflowPage key={id} id={id} />],
  ["/runs", () => <RunsPage />],
  ["/runs/:id", ({ id = "" }) => <RunPage key={id} id={id} />],
  ["/api", () => <ApiPage />],
];

export function pageAt(path: string): VNode {
  for (const [pattern, page] of ROUTES) {
    const parts = match(pattern, path);
    if (parts) return page(parts);
  }
  return <NotFoundPage />;
}
