import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { messages } from "../i18n/language";

interface PageProps {
  title: string;
  intro?: string;
  actions?: ComponentChildren;
  children: ComponentChildren;
  /** Narrow pages hold one thing: a form, a payment. */
  narrow?: boolean;
}

let isFirstPage = true;

/** A page: its title in tab and heading, and the focus on it once one has navigated there. */
export function Page({ title, intro, actions, children, narrow = false }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · ${messages.value.product}`;
  }, [title]);
  useEffect(() => {
    if (!isFirstPage) heading.current?.focus({ preventScroll: true });
    isFirstPage = false;
  }, []);
  return (
    <div class={narrow ? "page page-narrow" : "page"}>
      <header class="page-header">
        <div>
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          {intro && <p class="muted">{intro}</p>}
        </div>
        {actions && <div class="actions">{actions}</div>}
      </header>
      {children}
    </div>
  );
}
