import { allPages } from "../../api/pages";
import { ledger } from "../../api/resources";
import type { LedgerEntry } from "../../api/types";
import { credits, number, weekday } from "../../i18n/format";
import { messages } from "../../i18n/language";
import { useResource } from "../../state/resource";
import { ProblemNotice } from "../../ui/problem-notice";

const DAYS = 7;
const MAX_PAGES = 10;
const CHART = { height: 96, day: 50, bar: 30, least: 3 };

interface DaySpending {
  day: Date;
  spent: number;
}

/** What the runs of the last seven days cost, day by day, less what was given back. */
export function Spending() {
  const t = messages.value.home;
  const { value, problem, reload } = useResource(loadWeek);
  const total = value?.reduce((sum, it) => sum + it.spent, 0) ?? 0;
  return (
    <section class="card" aria-labelledby="spending-title">
      <h2 id="spending-title">{t.spent}</h2>
      <ProblemNotice problem={problem} onRetry={reload} />
      <p class="figure-large">{value ? number(total) : <span class="placeholder">0</span>}</p>
      <Bars days={value ?? emptyWeek()} />
      {value && total === 0 && <p class="muted">{t.nothingSpent}</p>}
    </section>
  );
}

function Bars({ days }: { days: DaySpending[] }) {
  const t = messages.value.home;
  const most = Math.max(1, ...days.map((it) => it.spent));
  return (
    <figure class="chart">
      <svg
        viewBox={`0 0 ${DAYS * CHART.day} ${CHART.height}`}
        aria-hidden="true"
        preserveAspectRatio="none"
      >
        {days.map(({ day, spent }, index) => {
          const height = Math.max(CHART.least, (spent / most) * CHART.height);
          return (
            <rect
              key={day.getTime()}
              class={spent ? "bar" : "bar bar-none"}
              x={index * CHART.day + (CHART.day - CHART.bar) / 2}
              y={CHART.height - height}
              width={CHART.bar}
              height={height}
              rx="3"
            />
          );
        })}
      </svg>
      <ol class="chart-days">
        {days.map(({ day, spent }) => (
          <li key={day.getTime()} title={t.spentOn(weekday(day, "long"), credits(spent))}>
            <span aria-hidden="true">{weekday(day, "short")}</span>
            <span class="visually-hidden">{t.spentOn(weekday(day, "long"), credits(spent))}</span>
          </li>
        ))}
      </ol>
    </figure>
  );
}

function emptyWeek(): DaySpending[] {
  const today = new Date();
  return Array.from({ length: DAYS }, (_, index) => ({
    day: new Date(today.getFullYear(), today.getMonth(), today.getDate() - DAYS + 1 + index),
    spent: 0,
  }));
}

async function loadWeek(): Promise<DaySpending[]> {
  const week = emptyWeek();
  const from = week[0]?.day.toISOString();
  const { items } = await allPages(ledger, { from }, MAX_PAGES);
  for (const entry of items) {
    const day = week.findLast((it) => it.day.getTime() <= Date.parse(entry.created_at));
    if (day) day.spent += cost(entry);
  }
  // What is given back today may have been spent yesterday: a day never shows less than nothing.
  return week.map((it) => ({ ...it, spent: Math.max(0, it.spent) }));
}

function cost({ type, amount }: LedgerEntry): number {
  return type === "spend" || type === "spend_refund" ? -amount : 0;
}
