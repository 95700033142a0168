import { useState } from "preact/hooks";
import { messages } from "../i18n/language";
import { Icon } from "./icon";
import { announce } from "./live-region";

const SHOWN_MS = 2_000;

/**
 * Copies a text.
 *
 * @param props.text what to copy
 * @param props.label what the button is called
 */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    announce(messages.value.actions.copied);
    setCopied(true);
    setTimeout(() => setCopied(false), SHOWN_MS);
  };
  return (
    <button type="button" class="icon-button" onClick={copy} aria-label={label} title={label}>
      <Icon name={copied ? "check" : "copy"} />
    </button>
  );
}
