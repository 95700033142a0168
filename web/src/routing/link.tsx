import type { ComponentChildren, TargetedMouseEvent } from "preact";
import { navigate, path } from "./router";

interface LinkProps {
  to: string;
  class?: string;
  children: ComponentChildren;
  /** Whether the link says that it leads to where one is. */
  nav?: boolean;
}

/** A link within the console; with a modifier key it opens a tab, as any link does. */
export function Link({ to, nav = false, children, ...rest }: LinkProps) {
  const follow = (event: TargetedMouseEvent<HTMLAnchorElement>) => {
    if (event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    navigate(to);
  };
  const isHere = nav && (to === "/" ? path.value === "/" : `${path.value}/`.startsWith(`${to}/`));
  return (
    <a href={to} onClick={follow} aria-current={isHere ? "page" : undefined} {...rest}>
      {children}
    </a>
  );
}
