import type { ComponentChildren } from "preact";

interface EmptyProps {
  title: string;
  hint?: string;
  children?: ComponentChildren;
}

/** Where nothing is yet: what will be here, and how to get there. */
export function Empty({ title, hint, children }: EmptyProps) {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {hint && <p class="muted">{hint}</p>}
      {children}
    </div>
  );
}
