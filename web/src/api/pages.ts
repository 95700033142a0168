/** Walks over lists, always with an end. */

import type { Query } from "./resources";
import type { Page } from "./types";

const LARGEST_PAGE = "100";

/**
 * Read a list page by page until it ends.
 *
 * @param read one page
 * @param query the list's filters
 * @param limit how many pages at most
 * @returns the items, and whether there are more beyond the limit
 */
export async function allPages<Item>(
  read: (query: Query) => Promise<Page<Item>>,
  query: Query,
  limit: number,
): Promise<{ items: Item[]; truncated: boolean }> {
  const items: Item[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < limit; page += 1) {
    const { data, next_cursor } = await read({ ...query, limit: LARGEST_PAGE, cursor });
    items.push(...data);
    if (!next_cursor) return { items, truncated: false };
    cursor = next_cursor;
  }
  return { items, truncated: true };
}
