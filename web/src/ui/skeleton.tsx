import { messages } from "../i18n/language";

const WIDTHS = ["w-90", "w-70", "w-80", "w-60"];

/** Holds the place of what is being loaded, so that nothing jumps when it comes. */
export function Skeleton({ rows = 3 }: { rows?: number }) {
  return (
    <div class="skeleton" role="status">
      <span class="visually-hidden">{messages.value.loading}</span>
      {Array.from({ length: rows }, (_, row) => (
        // Rows of a placeholder have no identity
        <div key={row} class={`skeleton-row ${WIDTHS[row % WIDTHS.length]}`} />
      ))}
    </div>
  );
}
