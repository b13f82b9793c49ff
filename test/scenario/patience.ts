/** Waits that are longer than `until` has patience for: leases and hellos take their time. */

import { until } from "../support/until.ts";

/** Resolves once a condition holds, to how long that took. @throws when it does not in time */
export async function patiently(
  msMax: number,
  what: string,
  condition: () => Promise<boolean>,
): Promise<number> {
  const startedMs = performance.now();
  const tookMs = (): number => performance.now() - startedMs;
  for (;;) {
    try {
      await until(what, condition);
      return tookMs();
    } catch (error) {
      if (tookMs() > msMax) throw error;
    }
  }
}

/** Lets a time pass in which something stands still. */
export function passed(ms: number): Promise<number> {
  const endMs = performance.now() + ms;
  return patiently(2 * ms, "the time has passed", async () => performance.now() > endMs);
}
