/**
 * Words for ages and durations, in one unit, rounded down. Pure. Takes ages that the answering
 * machine measured; never subtracts two machines' clocks.
 */

const units = [
  { unit: "d", ms: 86_400_000 },
  { unit: "h", ms: 3_600_000 },
  { unit: "min", ms: 60_000 },
] as const;

/** Under this an age is `now`: it is as fresh as the way of a question and its answer. */
const nowMs = 5_000;

/** An age: `now` under 5 s, then `12 s`, `4 min`, `2 h`, `3 d`. */
export function ageText(ms: number): string {
  if (ms < nowMs) return "now";
  const fitting = units.find((unit) => ms >= unit.ms);
  return fitting === undefined
    ? `${Math.floor(ms / 1_000)} s`
    : `${Math.floor(ms / fitting.ms)} ${fitting.unit}`;
}

/** When something was, by its age: `now`, `4 min ago`. */
export const ago = (ms: number): string => (ms < nowMs ? "now" : `${ageText(ms)} ago`);

/** What is left of something short, as minutes and seconds: `1:52`. */
export function left(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** How long a message took: `under 1 ms`, `12 ms`, `1.2 s`. */
export function took(ms: number): string {
  if (ms < 1) return "under 1 ms";
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}
