import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { type Problem, problemOf } from "../api/problem";

export interface Resource<Value> {
  value: Value | null;
  problem: Problem | null;
  reload: () => Promise<void>;
}

/**
 * Load something when a component appears and whenever `key` changes.
 *
 * The last value stays while it is loaded again, so that nothing jumps.
 */
export function useResource<Value>(load: () => Promise<Value>, key = ""): Resource<Value> {
  const [loaded, setLoaded] = useState<{ key: string; value: Value } | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const latest = useRef({ load, key });
  latest.current = { load, key };
  const reload = useCallback(async () => {
    const asked = latest.current;
    try {
      const value = await asked.load();
      if (asked.key !== latest.current.key) return;
      setLoaded({ key: asked.key, value });
      setProblem(null);
    } catch (error) {
      if (asked.key === latest.current.key) setProblem(problemOf(error));
    }
  }, []);
  // The key says when to load again
  useEffect(() => {
    reload();
  }, [key, reload]);
  const value = loaded?.key === key ? loaded.value : null;
  return { value, problem, reload };
}
