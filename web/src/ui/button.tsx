import type { ComponentChildren } from "preact";

interface ButtonProps {
  children: ComponentChildren;
  onClick?: () => void;
  type?: "button" | "submit";
  kind?: "primary" | "secondary" | "quiet" | "danger";
  /** Under way: announced, and further clicks do nothing. It stays focusable. */
  busy?: boolean;
  class?: string;
}

export function Button({
  children,
  onClick,
  type = "button",
  kind = "secondary",
  busy = false,
  class: extra = "",
}: ButtonProps) {
  return (
    <button
      type={type}
      class={`button button-${kind} ${extra}`}
      aria-disabled={busy || undefined}
      onClick={(event) => {
        if (busy) event.preventDefault();
        else onClick?.();
      }}
    >
      {busy && <span class="spinner" aria-hidden="true" />}
      {children}
    </button>
  );
}
