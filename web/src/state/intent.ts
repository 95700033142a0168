import { useRef, useState } from "preact/hooks";
import { ApiError, type Problem, problemOf } from "../api/problem";

export interface Intent<Order> {
  busy: boolean;
  problem: Problem | null;
  submit: (order: Order) => Promise<void>;
}

interface Attempt {
  order: string;
  key: string;
}

/**
 * Carry an intent out once, whatever happens to buttons and networks.
 *
 * One intent has one Idempotency-Key. While it is under way a second click does nothing; when its
 * outcome is unknown, trying the same order again uses the same key; anything else is a new intent.
 *
 * @param send asks the API
 * @param done what to do with its answer
 */
export function useIntent<Order, Answer>(
  send: (order: Order, idempotencyKey: string) => Promise<Answer>,
  done: (answer: Answer) => void,
): Intent<Order> {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const underWay = useRef(false);
  const undecided = useRef<Attempt | null>(null);

  const submit = async (given: Order) => {
    if (underWay.current) return;
    underWay.current = true;
    setBusy(true);
    setProblem(null);
    const attempt = attemptFor(JSON.stringify(given), undecided.current);
    try {
      const answer = await send(given, attempt.key);
      undecided.current = null;
      done(answer);
    } catch (error) {
      const ambiguous = !(error instanceof ApiError) || error.isAmbiguous;
      undecided.current = ambiguous ? attempt : null;
      setProblem(problemOf(error));
    } finally {
      underWay.current = false;
      setBusy(false);
    }
  };
  return { busy, problem, submit };
}

function attemptFor(order: string, undecided: Attempt | null): Attempt {
  return undecided?.order === order ? undecided : { order, key: crypto.randomUUID() };
}
