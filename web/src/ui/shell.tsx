import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { number } from "../i18n/format";
import { messages } from "../i18n/language";
import { Link } from "../routing/link";
import { account, refreshAccount } from "../state/account";
import { AccountMenu } from "./account-menu";
import { Icon, type IconName } from "./icon";
import { Logo } from "./logo";

type Section = "home" | "shop" | "workflows" | "runs" | "ledger" | "api";

const SECTIONS: { name: Section; icon: IconName; to: string }[] = [
  { name: "home", icon: "home", to: "/" },
  { name: "workflows", icon: "workflows", to: "/workflows" },
  { name: "runs", icon: "runs", to: "/runs" },
  { name: "shop", icon: "buy", to: "/buy" },
  { name: "ledger", icon: "ledger", to: "/ledger" },
  { name: "api", icon: "api", to: "/api" },
];

/** What is around every page of a person who is signed in. */
export function Shell({ children }: { children: ComponentChildren }) {
  const t = messages.value;
  useEffect(() => {
    if (!account.value) refreshAccount().catch(() => undefined); // the page itself says so
  }, []);
  return (
    <div class="shell">
      <a class="skip-link" href="#content">
        {t.skipToContent}
      </a>
      <header class="top-bar">
        <Link to="/" class="brand">
          <Logo />
          <span>{t.product}</span>
        </Link>
        <Balance />
        <AccountMenu />
      </header>
      <nav class="navigation" aria-label={t.nav.label}>
        <ul>
          {SECTIONS.map(({ name, icon, to }) => (
            <li key={name}>
              <Link to={to} nav>
                <Icon name={icon} />
                <span>{t.nav[name]}</span>
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <main id="content" tabIndex={-1}>
        {children}
      </main>
    </div>
  );
}

function Balance() {
  const t = messages.value;
  return (
    <Link to="/ledger" class="balance-chip">
      <span class="visually-hidden">{t.home.balance}: </span>
      <span class="figure">{account.value ? number(account.value.balance) : "–"}</span>
      <Icon name="ledger" />
    </Link>
  );
}
