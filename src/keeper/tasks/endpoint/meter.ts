/**
 * Holds a task to its dollars. A request is admitted only while its estimate fits into the
 * remainder; the usage in its reply then replaces the estimate. A reply that ends before its usage
 * was seen counts at the most that its request allows.
 */

import type { Price } from "../../../contract/tasks/manifest.ts";
import { outputTokensMin, repliesMax } from "./limits.ts";

/** Tokens of a reply, by the kinds that have prices. */
export interface Counts {
  readonly input: number;
  readonly cache_write: number;
  readonly cache_write_long: number;
  readonly cache_read: number;
  readonly output: number;
}

/** A request that asks for admission. */
export interface Asked {
  readonly price: Price;
  readonly tokens: number;
  readonly output: number;
}

/** An admitted request. */
export interface Ticket {
  /** The output that it may have: at most the asked one. */
  readonly output: number;
  /** Ends it: by the usage of a whole reply, by a reply's first part, or without any charge. */
  settle(end: { readonly counts: Counts; readonly isWhole: boolean } | "free" | "unseen"): void;
}

/** The meter of one task. */
export interface Meter {
  /** Waits for a place and for money; null once the remainder is too small. */
  admit(asked: Asked, gone: AbortSignal): Promise<Ticket | null>;
  /** Dollars of the replies that have ended, and of those under way at their most. */
  usd(): number;
  readonly isOver: Promise<void>;
}

const perMillion = 1_000_000;

/** Dollars of some tokens. */
export function costOf(price: Price, counts: Counts): number {
  const prompt = counts.input + counts.cache_write + counts.cache_write_long + counts.cache_read;
  const isLong = price.long !== undefined && prompt > price.long.above;
  const [inTimes, outTimes] =
    isLong && price.long !== undefined ? [price.long.input, price.long.output] : [1, 1];
  const input =
    counts.input * price.input +
    counts.cache_write * price.cache_write +
    counts.cache_write_long * price.cache_write_long +
    counts.cache_read * price.cache_read;
  return (input * inTimes + counts.output * price.output * outTimes) / perMillion;
}

/** The most that a request can cost by its estimate. */
const worst = ({ price, tokens }: Asked, output: number): number =>
  costOf(price, { ...none, cache_write: tokens, output });

const none: Counts = { input: 0, cache_write: 0, cache_write_long: 0, cache_read: 0, output: 0 };

/** A meter with nothing spent. */
export function newMeter(usd: number | null): Meter {
  const over = Promise.withResolvers<void>();
  const account = newAccount();
  let isOver = false;
  return {
    isOver: over.promise,
    usd: account.usd,
    admit: async (asked, gone) => {
      while (!gone.aborted && !isOver) {
        const left = usd === null ? null : usd - account.usd();
        const output = affordable(asked, left);
        const isEnough = output >= Math.min(outputTokensMin, asked.output);
        if (isEnough && account.open() < repliesMax) return account.issue(asked, output);
        // With nothing under way the remainder grows no more.
        if (!isEnough && account.open() === 0) {
          isOver = true;
          over.resolve();
          return null;
        }
        await Promise.race([account.changed(), aborted(gone)]);
      }
      return null;
    },
  };
}

/** The output that a remainder pays for. */
function affordable(asked: Asked, left: number | null): number {
  if (left === null) return asked.output;
  const base = worst(asked, 0);
  const each = worst(asked, 1) - base;
  return each <= 0 ? asked.output : Math.min(asked.output, Math.floor((left - base) / each));
}

/** Dollars that were spent, and those of the requests under way. */
function newAccount() {
  const open = new Set<{ readonly reserved: number }>();
  let spent = 0;
  let changed = Promise.withResolvers<void>();
  const tell = (): void => {
    const { resolve } = changed;
    changed = Promise.withResolvers<void>();
    resolve();
  };
  return {
    usd: (): number => [...open].reduce((sum, each) => sum + each.reserved, spent),
    open: (): number => open.size,
    changed: (): Promise<void> => changed.promise,
    issue: (asked: Asked, output: number): Ticket => {
      const entry = { reserved: worst(asked, output) };
      open.add(entry);
      return {
        output,
        settle: (end) => {
          if (!open.delete(entry)) return;
          if (end === "unseen") spent += entry.reserved;
          else if (end !== "free") spent += costOf(asked.price, countsOf(end, output));
          tell();
        },
      };
    },
  };
}

/** The counts of a reply; its output at the most where its end was not seen. */
const countsOf = (
  { counts, isWhole }: { readonly counts: Counts; readonly isWhole: boolean },
  output: number,
): Counts => (isWhole ? counts : { ...counts, output });

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
