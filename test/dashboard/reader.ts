/** A reader of the change feed, which keeps its events. */

import type { WatchEvent, WatchInput } from "../../src/contract/watch.ts";
import type { Machine } from "../support/daemon.ts";
import { until } from "../support/until.ts";

/** The events read of a stream so far. */
export interface Reading extends AsyncDisposable {
  readonly events: readonly WatchEvent[];
  /** Resolves to the first event of a kind, from a place on, that is as wanted. */
  find<K extends WatchEvent["event"]>(kind: K, wanted?: Wanted<K>): Promise<Told<K>>;
  /** Drops the events read so far. */
  clear(): void;
  /** True when the stream has ended. */
  hasEnded(): boolean;
}

type Told<K> = Extract<WatchEvent, { event: K }>;
type Wanted<K> = (event: Told<K>) => boolean;

/** Reads the feed of a machine from now on, up to its whole state. */
export async function reading(
  on: Pick<Machine, "calls">,
  input: WatchInput = {},
): Promise<Reading> {
  const events: WatchEvent[] = [];
  const leaving = new AbortController();
  let isOver = false;
  const read = async (): Promise<void> => {
    for await (const event of on.calls.watch(input, { signal: leaving.signal })) events.push(event);
  };
  const ended = read().then(
    () => {
      isOver = true;
    },
    () => {
      isOver = true;
    },
  );
  const found = <K extends WatchEvent["event"]>(kind: K, wanted: Wanted<K>): Told<K> | undefined =>
    // The kind says of which shape an event is.
    (events as readonly { event: string }[]).find(
      (event): event is Told<K> => event.event === kind && wanted(event as Told<K>),
    );
  const find = async <K extends WatchEvent["event"]>(
    kind: K,
    wanted: Wanted<K> = () => true,
  ): Promise<Told<K>> => {
    await until(`${kind} is told`, () => found(kind, wanted) !== undefined);
    const event = found(kind, wanted);
    if (event === undefined) throw new Error(`${kind} is gone`);
    return event;
  };
  await find("ready");
  return {
    events,
    find,
    clear: () => {
      events.length = 0;
    },
    hasEnded: () => isOver,
    [Symbol.asyncDispose]: async () => {
      leaving.abort();
      await ended;
    },
  };
}
