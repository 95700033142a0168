import { effect } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { sessionState, startSession } from "./api/session";
import { messages } from "./i18n/language";
import { AuthPage } from "./pages/auth";
import { pageAt } from "./pages/routes";
import { here, localTarget, navigate, path, query } from "./routing/router";
import { forgetAccount } from "./state/account";
import { Button } from "./ui/button";
import { LiveRegion } from "./ui/live-region";
import { Shell } from "./ui/shell";

const PUBLIC = new Set(["/sign-in", "/register"]);

// What belongs to a person is gone with the session.
effect(() => {
  if (sessionState.value !== "signed_in") forgetAccount();
});

export function App() {
  return (
    <>
      <Screen />
      <LiveRegion />
    </>
  );
}

function Screen() {
  const state = sessionState.value;
  const isPublic = PUBLIC.has(path.value);
  const target = redirection(state === "signed_in", state === "expired", isPublic);
  useEffect(() => {
    if (target && state !== "starting" && state !== "unreachable") {
      navigate(target, { replace: true });
    }
  }, [target, state]);
  if (state === "starting") return <div class="starting" aria-busy="true" />;
  if (state === "unreachable") return <Unreachable />;
  if (target) return null;
  if (isPublic)
    return <AuthPage key={path.value} mode={path.value === "/register" ? "register" : "signIn"} />;
  return <Shell>{pageAt(path.value)}</Shell>;
}

/** Where to go instead: to sign in and back again, or away from signing in. */
function redirection(signedIn: boolean, expired: boolean, isPublic: boolean): string | null {
  if (signedIn && isPublic) {
    const target = localTarget(query.value.get("return") ?? "/");
    return PUBLIC.has(target.pathname) ? "/" : `${target.pathname}${target.search}`;
  }
  if (signedIn || isPublic) return null;
  const parameters = new URLSearchParams();
  if (here.value !== "/") parameters.set("return", here.value);
  if (expired) parameters.set("expired", "1");
  return parameters.size ? `/sign-in?${parameters}` : "/sign-in";
}

function Unreachable() {
  const t = messages.value;
  return (
    <main class="centered">
      <h1>{t.auth.unreachable}</h1>
      <p class="muted">{t.problems.codes.network_unreachable}</p>
      <Button kind="primary" onClick={startSession}>
        {t.actions.retry}
      </Button>
    </main>
  );
}
