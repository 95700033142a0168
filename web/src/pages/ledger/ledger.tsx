import { useState } from "preact/hooks";
import { ledger } from "../../api/resources";
import { messages } from "../../i18n/language";
import { Link } from "../../routing/link";
import { useList } from "../../state/list";
import { Empty } from "../../ui/empty";
import { ListFooter } from "../../ui/list-footer";
import { Page } from "../../ui/page";
import { ProblemNotice } from "../../ui/problem-notice";
import { Skeleton } from "../../ui/skeleton";
import { Entries } from "./entries";
import { ExportButton } from "./export-button";
import { type Filter, FilterBar, NO_FILTER, queryOf } from "./filter";

/** Every movement of credits, with the balance after it. */
export function LedgerPage() {
  const t = messages.value.ledger;
  const [filter, setFilter] = useState<Filter>(NO_FILTER);
  const wanted = queryOf(filter);
  const key = JSON.stringify(wanted);
  const list = useList((cursor) => ledger({ ...wanted, cursor }), key);
  const isEmpty = list.items?.length === 0 && !list.more;
  return (
    <Page title={t.title} intro={t.intro} actions={<ExportButton query={wanted} />}>
      <FilterBar filter={filter} onChange={setFilter} />
      <section class="card">
        <ProblemNotice problem={list.problem} onRetry={list.loadMore} />
        {!list.items && !list.problem && <Skeleton rows={8} />}
        {isEmpty && <NoEntries filtered={filter !== NO_FILTER} />}
        {list.items && list.items.length > 0 && <Entries entries={list.items} />}
        <ListFooter more={list.more} busy={list.busy} onMore={list.loadMore} />
      </section>
    </Page>
  );
}

function NoEntries({ filtered }: { filtered: boolean }) {
  const t = messages.value;
  if (filtered) return <Empty title={t.ledger.noneFiltered} />;
  return (
    <Empty title={t.ledger.none} hint={t.ledger.noneHint}>
      <Link to="/buy" class="button button-secondary">
        {t.nav.buy}
      </Link>
    </Empty>
  );
}
