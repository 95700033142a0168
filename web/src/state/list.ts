import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { type Problem, problemOf } from "../api/problem";
import type { Page } from "../api/types";

export interface List<Item> {
  /** Null until the first page is there. */
  items: Item[] | null;
  more: boolean;
  busy: boolean;
  problem: Problem | null;
  loadMore: () => Promise<void>;
}

interface Loaded<Item> {
  key: string;
  items: Item[];
  cursor: string | null;
}

// A filtered page may be empty and still have a next one: look so far, then let the person decide.
const MAX_EMPTY_PAGES = 5;

/**
 * A list that grows page by page.
 *
 * @param read reads a page, from a cursor on
 * @param key changes when the filter does; the list then starts anew
 */
export function useList<Item>(
  read: (cursor: string | undefined) => Promise<Page<Item>>,
  key = "",
): List<Item> {
  const [loaded, setLoaded] = useState<Loaded<Item> | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const latest = useRef({ read, key });
  latest.current = { read, key };

  const load = useCallback(async (before: Loaded<Item> | null) => {
    const asked = latest.current;
    setBusy(true);
    setProblem(null);
    try {
      const next = await nextItems(asked.read, before?.cursor ?? undefined);
      if (asked.key !== latest.current.key) return;
      setLoaded({
        key: asked.key,
        items: [...(before?.items ?? []), ...next.items],
        cursor: next.cursor,
      });
    } catch (error) {
      if (asked.key === latest.current.key) setProblem(problemOf(error));
    } finally {
      setBusy(false);
    }
  }, []);
  // The key says when to start anew
  useEffect(() => {
    load(null);
  }, [key, load]);

  const current = loaded?.key === key ? loaded : null;
  const loadMore = () => load(current);
  return { items: current?.items ?? null, more: Boolean(current?.cursor), busy, problem, loadMore };
}

async function nextItems<Item>(
  read: (cursor: string | undefined) => Promise<Page<Item>>,
  start: string | undefined,
): Promise<{ items: Item[]; cursor: string | null }> {
  let cursor = start;
  for (let page = 0; page < MAX_EMPTY_PAGES; page += 1) {
    const { data, next_cursor } = await read(cursor);
    if (data.length || !next_cursor) return { items: data, cursor: next_cursor };
    cursor = next_cursor;
  }
  return { items: [], cursor: cursor ?? null };
}
