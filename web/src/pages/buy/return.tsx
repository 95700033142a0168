import { useEffect, useState } from "preact/hooks";
import { type Problem, problemOf } from "../../api/problem";
import { purchases } from "../../api/resources";
import { messages } from "../../i18n/language";
import { navigate } from "../../routing/router";
import { Empty } from "../../ui/empty";
import { Page } from "../../ui/page";
import { ProblemNotice } from "../../ui/problem-notice";
import { Skeleton } from "../../ui/skeleton";
import { rememberedCheckout } from "./checkout-memory";

/** Where a bank sends people back to: leads on to the purchase. Being here proves nothing. */
export function ReturnPage() {
  const t = messages.value.checkout;
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isNone, setNone] = useState(false);
  const lead = () => {
    setProblem(null);
    findPurchase()
      .then((id) => (id ? navigate(`/buy/${id}`, { replace: true }) : setNone(true)))
      .catch((error: unknown) => setProblem(problemOf(error)));
  };
  // Once, on arrival
  useEffect(lead, []);
  return (
    <Page title={t.title} narrow>
      <ProblemNotice problem={problem} onRetry={lead} />
      {isNone && <Empty title={t.noReturn} />}
      {!problem && !isNone && <Skeleton rows={5} />}
    </Page>
  );
}

async function findPurchase(): Promise<string | null> {
  const remembered = rememberedCheckout();
  if (remembered) return remembered.purchaseId;
  const { data } = await purchases({ limit: "1" });
  return data[0]?.id ?? null;
}
