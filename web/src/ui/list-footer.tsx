import { messages } from "../i18n/language";
import { Button } from "./button";

/** Leads to the next page of a list, if there is one. */
export function ListFooter({
  more,
  busy,
  onMore,
}: {
  more: boolean;
  busy: boolean;
  onMore: () => void;
}) {
  if (!more) return null;
  return (
    <div class="list-footer">
      <Button onClick={onMore} busy={busy}>
        {messages.value.actions.more}
      </Button>
    </div>
  );
}
