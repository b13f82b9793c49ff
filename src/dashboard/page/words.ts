/** Words for ages, times and states on the page. Pure; never subtracts two machines' clocks. */

const units = [
  { unit: "d", ms: 86_400_000 },
  { unit: "h", ms: 3_600_000 },
  { unit: "min", ms: 60_000 },
] as const;

/** An age: `now` under 5 s, then `12 s`, `4 min`, `2 h`, `3 d`. */
export function ageText(ms: number): string {
  if (ms < 5_000) return "now";
  const fitting = units.find((unit) => ms >= unit.ms);
  return fitting === undefined
    ? `${Math.floor(ms / 1_000)} s`
    : `${Math.floor(ms / fitting.ms)} ${fitting.unit}`;
}

/** When something was, by its age. */
export const ago = (ms: number): string => (ms < 5_000 ? "now" : `${ageText(ms)} ago`);

/** What is left of something short: `1:52`. */
export function left(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1_000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** How long a message took. */
export function took(ms: number): string {
  if (ms < 1) return "under 1 ms";
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

/** The right half of a handle. */
export const rightHalf = (handle: string): string => handle.slice(handle.indexOf("/") + 1);

/** A state with how long it holds. */
export function stateText(state: string | null, forMs: number | null): string {
  if (state === null) return "state unknown";
  return forMs === null || forMs < 5_000 ? state : `${state} ${ageText(forMs)}`;
}

const paths: readonly (readonly [RegExp, string])[] = [
  [/^(127\.|\[?::1)/, "loopback"],
  [/^(100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|\[?fd7a:115c:a1e0:)/, "tailnet"],
  [/./, "LAN"],
];

/** By which network an address is reached. */
export const pathOf = (address: string | null): string =>
  address === null ? "no address" : (paths.find(([pattern]) => pattern.test(address))?.[1] ?? "");
