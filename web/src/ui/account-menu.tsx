import { useEffect, useRef, useState } from "preact/hooks";
import { me } from "../api/resources";
import { signOut } from "../api/session";
import { messages } from "../i18n/language";
import { Link } from "../routing/link";
import { path } from "../routing/router";
import { useResource } from "../state/resource";
import { Button } from "./button";
import { Icon } from "./icon";
import { Preferences } from "./preferences";

/** Who is signed in, the settings, and the way out: a disclosure, closed by Escape or elsewhere. */
export function AccountMenu() {
  const t = messages.value.nav;
  const [open, setOpen] = useState(false);
  const container = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useClosing(container, open, (refocus) => {
    setOpen(false);
    if (refocus) button.current?.focus();
  });
  return (
    <div class="account-menu" ref={container}>
      <button
        ref={button}
        type="button"
        class="icon-button"
        aria-expanded={open}
        aria-controls="account-panel"
        aria-label={t.account}
        onClick={() => setOpen(!open)}
      >
        <Icon name="account" />
      </button>
      <div id="account-panel" class="panel" hidden={!open}>
        {open && <Panel />}
      </div>
    </div>
  );
}

function Panel() {
  const t = messages.value.nav;
  const { value } = useResource(me);
  return (
    <>
      <p class="signed-in">
        <span class="muted">{t.signedInAs}</span>
        <strong>{value?.email ?? "…"}</strong>
      </p>
      <Preferences />
      <div class="panel-actions">
        <Link to="/api" class="button button-quiet">
          {t.api}
        </Link>
        <Button onClick={signOut}>{t.signOut}</Button>
      </div>
    </>
  );
}

function useClosing(
  container: { current: HTMLElement | null },
  open: boolean,
  close: (refocus: boolean) => void,
) {
  const here = path.value;
  // Another address closes it too
  useEffect(() => close(false), [here]);
  // Close only sets state
  useEffect(() => {
    if (!open) return;
    const onKey = (event: KeyboardEvent) => event.key === "Escape" && close(true);
    const onPress = (event: Event) =>
      event.target instanceof Node && !container.current?.contains(event.target) && close(false);
    document.addEventListener("keydown", onKey);
    document.addEventListener("pointerdown", onPress);
    return () => {
      document.removeEventListener("keydown", onKey);
      document.removeEventListener("pointerdown", onPress);
    };
  }, [open]);
}
