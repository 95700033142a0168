import type { RunStatus } from "../api/types";
import { messages } from "../i18n/language";
import { Icon, type IconName } from "./icon";

const ICONS: Record<RunStatus, IconName> = {
  queued: "clock",
  running: "runs",
  succeeded: "check",
  failed: "cross",
};

/** A run's status: colour, icon and word. */
export function RunBadge({ status }: { status: RunStatus }) {
  return (
    <span class={`badge badge-${status}`}>
      <Icon name={ICONS[status]} />
      {messages.value.runs.statuses[status]}
    </span>
  );
}
