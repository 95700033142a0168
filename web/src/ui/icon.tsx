/** Line icons, 24 by 24, drawn with the text's colour. Never the only carrier of a meaning. */

const PATHS = {
  home: "M4 11.5 12 5l8 6.5V19a1 1 0 0 1-1 1h-4.5v-5h-5v5H5a1 1 0 0 1-1-1z",
  buy: "M12 6v12M6 12h12",
  workflows: "M5 6h5v5H5zM14 13h5v5h-5zM7.500 11v4.500H14",
  runs: "M8 6.500v11l9-5.500z",
  ledger: "M5 7h14M5 12h14M5 17h9",
  api: "m9 8-4 4 4 4M15 8l4 4-4 4",
  account:
    "M12 12a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zM5.500 19.500c.8-3.200 3.300-4.800 6.500-4.800s5.700 1.600 6.500 4.800",
  check: "m6 12.500 4 4 8-9",
  cross: "m7 7 10 10M17 7 7 17",
  clock: "M12 8v4.500l3 1.800M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16z",
  copy: "M9 9h10v10H9zM5 15V5h10",
  alert: "M12 8.500v4.500M12 16.300v.2M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16z",
  arrow: "M5 12h14M13 6l6 6-6 6",
  download: "M12 5v10M8 11.500l4 4 4-4M5 19h14",
  qr: "M5 5h5v5H5zM14 5h5v5h-5zM5 14h5v5H5zM14 14h2v2h-2zM18 18h1v1h-1z",
  card: "M4 7h16v11H4zM4 11h16M7 15h3",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
