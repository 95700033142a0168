import { automations } from "../../api/resources";
import type { Automation } from "../../api/types";
import { type Resource, useResource } from "../../state/resource";

/** What workflows can be made of. */
export function useAutomations(): Resource<Automation[]> {
  return useResource(automations);
}

export function automationName(automations: Automation[] | null, id: string): string {
  return automations?.find((it) => it.id === id)?.name ?? id;
}
