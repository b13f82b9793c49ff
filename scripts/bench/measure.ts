/**
 * The method of measuring: contestants in turn, every failure infinite, and each time from the due
 * instant.
 */

/** Milliseconds, or any other unit, of one try each; infinite where it failed. */
export type Samples = readonly number[];

/** Does one thing once; rejects when it failed. */
export type Try = () => Promise<unknown>;

/** The duration of one try, in milliseconds; infinite when it failed. */
export async function timed(run: Try): Promise<number> {
  const started = performance.now();
  try {
    await run();
    return performance.now() - started;
  } catch (error) {
    failures.push(error instanceof Error ? error.message : String(error));
    return Number.POSITIVE_INFINITY;
  }
}

/** The reasons of failed tries, for the reader of the run. */
export const failures: string[] = [];

/** Tries every contestant in turn (A B C A B C …), after a warm-up that does not count. */
export async function inTurn<K extends string>(
  contestants: Readonly<Record<K, () => Promise<number>>>,
  { rounds, warmUp = 3 }: { readonly rounds: number; readonly warmUp?: number },
): Promise<Record<K, number[]>> {
  // The keys of a record of K are K.
  const names = Object.keys(contestants) as K[];
  const lists = names.map((name): [K, number[]] => [name, []]);
  // One list for each name.
  const taken = Object.fromEntries(lists) as Record<K, number[]>;
  for (let round = -warmUp; round < rounds; round += 1) {
    // The first after a pause pays for it: each goes first as often as the others.
    const first = (round + warmUp) % names.length;
    for (const name of [...names.slice(first), ...names.slice(0, first)]) {
      const value = await contestants[name]();
      if (round >= 0) taken[name].push(value);
    }
  }
  return taken;
}

/** The value below which a share of the samples lies. */
export function quantile(samples: Samples, share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export const median = (samples: Samples): number => quantile(samples, 0.5);

/**
 * The median of the ratios within each round. A failed comparator wins nothing for us: its round
 * counts as lost.
 */
export const ratioOf = (ours: Samples, theirs: Samples): number =>
  median(
    ours.map((value, at) => {
      const other = theirs[at] ?? Number.POSITIVE_INFINITY;
      return Number.isFinite(other) ? value / other : Number.POSITIVE_INFINITY;
    }),
  );

/**
 * Tries at a fixed pace, whatever the answers do. Each sample counts from the due instant of its
 * try, so that every delayed try shows a stall.
 */
export async function openLoop(
  run: (index: number) => Promise<unknown>,
  { perSecond, seconds }: { readonly perSecond: number; readonly seconds: number },
): Promise<number[]> {
  const gapMs = 1_000 / perSecond;
  const total = Math.round(perSecond * seconds);
  const started = performance.now();
  const under: Promise<number>[] = [];
  while (under.length < total) {
    const dueMs = started + under.length * gapMs;
    const nowMs = performance.now();
    if (dueMs > nowMs) {
      await Bun.sleep(dueMs - nowMs);
      continue;
    }
    const index = under.length;
    under.push(
      run(index).then(
        () => performance.now() - dueMs,
        (error: unknown) => {
          failures.push(error instanceof Error ? error.message : String(error));
          return Number.POSITIVE_INFINITY;
        },
      ),
    );
  }
  return Promise.all(under);
}

/** The number of successful tries in a second, with so many in progress at once. */
export async function throughput(
  run: (index: number) => Promise<unknown>,
  { total, atOnce }: { readonly total: number; readonly atOnce: number },
): Promise<number> {
  let [next, done] = [0, 0];
  const started = performance.now();
  const work = async (): Promise<void> => {
    while (next < total) {
      const index = next;
      next += 1;
      const taken = await timed(() => run(index));
      if (Number.isFinite(taken)) done += 1;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return (done / (performance.now() - started)) * 1_000;
}
