import { useEffect, useState } from "preact/hooks";
import { type Problem, problemOf } from "../../api/problem";
import type { Account, Grant } from "../../api/types";
import { credits, number } from "../../i18n/format";
import { messages } from "../../i18n/language";
import { Link } from "../../routing/link";
import { account, refreshAccount } from "../../state/account";
import { Icon } from "../../ui/icon";
import { Page } from "../../ui/page";
import { ProblemNotice } from "../../ui/problem-notice";
import { Expiring } from "./expiring";
import { LastRuns } from "./last-runs";
import { Spending } from "./spending";

/** What a person has, what it was spent on, and what runs out. */
export function HomePage() {
  const t = messages.value.home;
  const [problem, setProblem] = useState<Problem | null>(null);
  const load = () => {
    setProblem(null);
    refreshAccount().catch((error: unknown) => setProblem(problemOf(error)));
  };
  // Once, when the page appears
  useEffect(load, []);
  return (
    <Page title={t.title}>
      <ProblemNotice problem={problem} onRetry={load} />
      <div class="home-grid">
        <BalanceCard account={account.value} />
        <Spending />
        <LastRuns />
        <Expiring account={account.value} />
      </div>
    </Page>
  );
}

function BalanceCard({ account: current }: { account: Account | null }) {
  const t = messages.value;
  const isNew = current?.as_of_entry === 0;
  return (
    <section class="card balance-card" aria-labelledby="balance-title">
      <h2 id="balance-title">{t.home.balance}</h2>
      <p class="balance" data-testid="balance">
        <span aria-hidden="true" class={current ? "" : "placeholder"}>
          {number(current?.balance ?? 0)}
        </span>
        <span class="visually-hidden">{current && credits(current.balance)}</span>
      </p>
      <p class="muted balance-note">{noteOf(current) ?? t.home.welcomeHint}</p>
      <Link to="/buy" class="button button-primary">
        <Icon name="buy" /> {isNew ? t.home.welcome : t.nav.buy}
      </Link>
    </section>
  );
}

function noteOf(current: Account | null): string | null {
  const t = messages.value.home;
  if (current?.debt) return t.debt(credits(current.debt));
  if (current?.held) return t.held(credits(current.held));
  return current?.grants.length ? breakdown(current.grants) : null;
}

/** How the balance came about, such as “Bought 500 · Bonus 40”. */
function breakdown(grants: Grant[]): string {
  const sums = new Map<string, number>();
  for (const { kind, remaining } of grants) {
    const name = messages.value.grants[kind];
    sums.set(name, (sums.get(name) ?? 0) + remaining);
  }
  return [...sums].map(([name, sum]) => `${name} ${number(sum)}`).join(" · ");
}
