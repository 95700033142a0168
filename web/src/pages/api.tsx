import { useState } from "preact/hooks";
import { workflows } from "../api/resources";
import { accessToken } from "../api/session";
import { messages } from "../i18n/language";
import { useResource } from "../state/resource";
import { Button } from "../ui/button";
import { CopyButton } from "../ui/copy-button";
import { Page } from "../ui/page";

interface Snippet {
  title: string;
  hint?: string;
  code: string;
}

/** The API for those who would rather write a script. */
export function ApiPage() {
  const t = messages.value.api;
  const { value } = useResource(() => workflows({ limit: "1" }));
  const workflowId = value?.data[0]?.id ?? "WORKFLOW_ID";
  return (
    <Page title={t.title} intro={t.intro}>
      <section class="card stack-tight" aria-labelledby="reference-title">
        <h2 id="reference-title">{t.reference}</h2>
        <p class="muted">{t.referenceHint}</p>
        <p class="actions">
          <a href="/docs" target="_blank" rel="noopener" class="button button-primary">
            {t.openReference}
          </a>
          <a href="/v1/openapi.json" target="_blank" rel="noopener" class="button button-secondary">
            {t.openapi}
          </a>
        </p>
      </section>
      <Token />
      <section class="card stack" aria-labelledby="snippets-title">
        <h2 id="snippets-title">{t.snippets}</h2>
        {snippets(workflowId).map((snippet) => (
          <SnippetBlock key={snippet.title} {...snippet} />
        ))}
      </section>
    </Page>
  );
}

function Token() {
  const t = messages.value;
  const [shown, setShown] = useState(false);
  const token = accessToken();
  const command = `export TOKEN='${token}'`;
  return (
    <section class="card stack-tight" aria-labelledby="token-title">
      <h2 id="token-title">{t.api.token}</h2>
      <p class="muted">{t.api.tokenHint}</p>
      <h3>{t.api.setToken}</h3>
      <div class="code-block">
        <CopyButton text={command} label={`${t.actions.copy}: ${t.api.setToken}`} />
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
        <pre tabIndex={0}>{shown ? command : `export TOKEN='${"•".repeat(24)}'`}</pre>
      </div>
      <Button kind="quiet" onClick={() => setShown(!shown)}>
        {shown ? t.actions.hide : t.actions.show}
      </Button>
    </section>
  );
}

function SnippetBlock({ title, hint, code }: Snippet) {
  const t = messages.value.actions;
  return (
    <div>
      <h3>{title}</h3>
      {hint && <p class="muted">{hint}</p>}
      <div class="code-block">
        <CopyButton text={code} label={`${t.copy}: ${title}`} />
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
        <pre tabIndex={0}>{code}</pre>
      </div>
    </div>
  );
}

function snippets(workflowId: string): Snippet[] {
  const t = messages.value.api;
  const origin = window.location.origin;
  const curl = (path: string, ...options: string[]) =>
    ['curl -sS -H "Authorization: Bearer $TOKEN"', ...options, `${origin}${path}`].join(" \\\n  ");
  const json = "-H 'Content-Type: application/json'";
  const key = '-H "Idempotency-Key: $(uuidgen)"';
  const order = `-d '{"package_id": "starter", "payment_method": {"type": "promptpay"}}'`;
  return [
    { title: t.readBalance, code: curl("/v1/account") },
    { title: t.list, code: curl("/v1/workflows") },
    {
      title: t.start,
      hint: t.startHint,
      code: curl(`/v1/workflows/${workflowId}/runs`, "-X POST", key, json, "-d '{}'"),
    },
    { title: t.buy, code: curl("/v1/purchases", "-X POST", key, json, order) },
  ];
}
