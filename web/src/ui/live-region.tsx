import { signal } from "@preact/signals";

const announced = signal("");

/** Tell something to those who listen to the page. */
export function announce(text: string): void {
  announced.value = "";
  queueMicrotask(() => {
    announced.value = text;
  });
}

/** There from the start: a region that appears together with its text is not read out. */
export function LiveRegion() {
  return (
    <div class="visually-hidden" role="status" aria-live="polite">
      {announced.value}
    </div>
  );
}
