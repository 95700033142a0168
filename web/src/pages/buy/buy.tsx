import { useState } from "preact/hooks";
import { packages as readPackages } from "../../api/resources";
import type { Package } from "../../api/types";
import { credits } from "../../i18n/format";
import { messages } from "../../i18n/language";
import { query } from "../../routing/router";
import { useResource } from "../../state/resource";
import { Empty } from "../../ui/empty";
import { Page } from "../../ui/page";
import { ProblemNotice } from "../../ui/problem-notice";
import { Skeleton } from "../../ui/skeleton";
import { Order } from "./order";
import { PackageChoice } from "./package-choice";
import { findUnfinished, Unfinished } from "./unfinished";

/** The shop: a package, a way to pay, one button. */
export function BuyPage() {
  const t = messages.value;
  // Together, so that what comes later pushes nothing down.
  const { value, problem, reload } = useResource(() =>
    Promise.all([readPackages(), findUnfinished()]),
  );
  const [packages, unfinished] = value ?? [null, null];
  const [chosenId, setChosenId] = useState<string | null>(null);
  const needed = Number(query.value.get("need")) || 0;
  const chosen = packages?.find((it) => it.id === chosenId) ?? suggestion(packages, needed);
  return (
    <Page title={t.buy.title} intro={t.home.welcomeHint}>
      {needed > 0 && <p class="notice">{t.buy.needed(credits(needed))}</p>}
      {unfinished && <Unfinished purchase={unfinished} />}
      <ProblemNotice problem={problem} onRetry={reload} />
      {!packages && !problem && <Skeleton rows={8} />}
      {packages?.length === 0 && <Empty title={t.buy.none} />}
      {packages && chosen && (
        <>
          <PackageChoice packages={packages} chosen={chosen} onChoose={setChosenId} />
          <Order offer={chosen} />
        </>
      )}
    </Page>
  );
}

/** The smallest package that is enough; without a need the one in the middle. */
function suggestion(packages: Package[] | null, needed: number): Package | undefined {
  if (!packages) return undefined;
  const middle = packages[Math.floor((packages.length - 1) / 2)];
  if (!needed) return middle;
  return packages.find((it) => it.credits + it.bonus_credits >= needed) ?? packages.at(-1);
}
