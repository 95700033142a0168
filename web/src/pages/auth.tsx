import { useEffect, useRef, useState } from "preact/hooks";
import { type Problem, problemOf } from "../api/problem";
import { register } from "../api/resources";
import { signIn } from "../api/session";
import { Field } from "../forms/field";
import { focusFirstError } from "../forms/focus";
import { type FieldErrors, serverErrors } from "../forms/server-errors";
import { messages } from "../i18n/language";
import { Link } from "../routing/link";
import { query } from "../routing/router";
import { Button } from "../ui/button";
import { Icon } from "../ui/icon";
import { Logo } from "../ui/logo";
import { Preferences } from "../ui/preferences";
import { ProblemNotice } from "../ui/problem-notice";

type Mode = "signIn" | "register";

const SHORTEST_PASSWORD = 15;

/** Sign in, or create an account and be signed in. */
export function AuthPage({ mode }: { mode: Mode }) {
  const t = messages.value;
  useEffect(() => {
    document.title = `${t.auth[mode]} · ${t.product}`;
  }, [mode, t]);
  return (
    <div class="auth">
      <main class="auth-card">
        <p class="brand">
          <Logo />
          <span>{t.product}</span>
        </p>
        <h1>{t.auth[mode]}</h1>
        <p class="muted">{mode === "register" ? t.auth.promise : t.auth.tagline}</p>
        {query.value.has("expired") && (
          <p class="notice" role="status">
            <Icon name="clock" /> {t.auth.expired}
          </p>
        )}
        <AuthForm mode={mode} />
        <OtherMode mode={mode} />
      </main>
      <footer>
        <Preferences />
      </footer>
    </div>
  );
}

function OtherMode({ mode }: { mode: Mode }) {
  const t = messages.value.auth;
  const other = mode === "signIn" ? "register" : "signIn";
  const back = query.value.get("return");
  const path = other === "signIn" ? "/sign-in" : "/register";
  return (
    <p class="auth-other">
      {mode === "signIn" ? t.noAccount : t.haveAccount}{" "}
      <Link to={back ? `${path}?${new URLSearchParams({ return: back })}` : path}>{t[other]}</Link>
    </p>
  );
}

function AuthForm({ mode }: { mode: Mode }) {
  const t = messages.value.auth;
  const form = useRef<HTMLFormElement>(null);
  const [errors, setErrors] = useState<FieldErrors>({});
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);

  const submit = async (event: Event) => {
    event.preventDefault();
    if (busy || !form.current) return;
    const data = new FormData(form.current);
    const [email, password] = [String(data.get("email")), String(data.get("password"))];
    const found = findings(mode, email, password);
    setErrors(found);
    setProblem(null);
    if (Object.keys(found).length) return focusFirstError(form.current);
    setBusy(true);
    try {
      if (mode === "register") await register(email, password);
      await signIn(email, password);
    } catch (error) {
      setProblem(problemOf(error));
      setErrors(serverErrors(problemOf(error)));
      setBusy(false);
      focusFirstError(form.current);
    }
  };

  return (
    <form ref={form} onSubmit={submit} noValidate class="stack">
      <ProblemNotice problem={problem} />
      <Field label={t.email} error={errors.email} required>
        {(ids) => <input {...ids} name="email" type="email" autoComplete="username" />}
      </Field>
      <PasswordField mode={mode} error={errors.password} />
      <Button type="submit" kind="primary" busy={busy} class="wide">
        {t[mode]}
      </Button>
    </form>
  );
}

function PasswordField({ mode, error }: { mode: Mode; error: string | undefined }) {
  const t = messages.value;
  const [shown, setShown] = useState(false);
  const isNew = mode === "register";
  return (
    <Field
      label={t.auth.password}
      hint={isNew ? t.auth.passwordHint : undefined}
      error={error}
      required
    >
      {(ids) => (
        <span class="with-button">
          <input
            {...ids}
            name="password"
            {...(shown ? { type: "text" as const } : { type: "password" as const })}
            autoComplete={isNew ? "new-password" : "current-password"}
          />
          <button type="button" class="button button-quiet" onClick={() => setShown(!shown)}>
            {shown ? t.actions.hide : t.actions.show}
            <span class="visually-hidden"> {t.auth.password}</span>
          </button>
        </span>
      )}
    </Field>
  );
}

function findings(mode: Mode, email: string, password: string): FieldErrors {
  const t = messages.value.form;
  const errors: FieldErrors = {};
  if (!/^\S+@\S+$/.test(email.trim())) errors.email = email ? t.email : t.required;
  if (!password) errors.password = t.required;
  else if (mode === "register" && [...password].length < SHORTEST_PASSWORD) {
    errors.password = t.tooShort(SHORTEST_PASSWORD);
  }
  return errors;
}
