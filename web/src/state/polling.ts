import { useEffect } from "preact/hooks";

const FASTEST_MS = 1_000;
const SLOWEST_MS = 5_000;
const GROWTH = 1.15;

/**
 * Do something again and again, ever more slowly, while the page can be seen.
 *
 * @param work what to do; never at the same time as itself
 * @param active whether there is anything left to wait for
 */
export function usePolling(work: () => Promise<void>, active: boolean): void {
  // Work is the same all along
  useEffect(() => {
    if (!active) return;
    let delay = FASTEST_MS;
    let timer = 0;
    const plan = () => {
      timer = window.setTimeout(tick, delay);
    };
    const tick = async () => {
      delay = Math.min(delay * GROWTH, SLOWEST_MS);
      if (!document.hidden) await work();
      if (timer) plan();
    };
    const hurry = () => {
      if (!document.hidden) delay = FASTEST_MS;
    };
    document.addEventListener("visibilitychange", hurry);
    plan();
    return () => {
      window.clearTimeout(timer);
      timer = 0;
      document.removeEventListener("visibilitychange", hurry);
    };
  }, [active]);
}
