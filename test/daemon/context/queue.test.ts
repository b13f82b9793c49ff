import { describe, expect, test } from "bun:test";
import { channelEventsMax } from "../../../src/contract/limits.ts";
import { Channel, finished, pulled } from "../../../src/daemon/context/queue.ts";

/** The values of a stream until it ends. */
const all = <E>(events: AsyncIterable<E>): Promise<E[]> => Array.fromAsync(events);

describe("pulled()", () => {
  test("pulled() takes an event when its reader is ready, and waits for one", async () => {
    const events = [1, 2];
    const stream = pulled(
      () => events.shift() ?? null,
      () => {},
    );
    expect(events).toEqual([1, 2]);
    expect(await stream.next()).toEqual({ done: false, value: 1 });
    expect(events).toEqual([2]);
    expect(await stream.next()).toEqual({ done: false, value: 2 });
    const waiting = stream.next();
    stream.wake();
    events.push(3);
    stream.wake();
    expect(await waiting).toEqual({ done: false, value: 3 });
  });

  test("pulled() ends its reader's wait and tells its maker once when a side ends it", async () => {
    for (const side of ["reader", "maker"] as const) {
      let ends = 0;
      const stream = pulled<number>(
        () => null,
        () => ends++,
      );
      const waiting = stream.next();
      if (side === "maker") stream.end();
      else await stream.return?.();
      expect(await waiting).toEqual({ done: true, value: undefined });
      stream.end();
      await stream.return?.();
      expect([side, ends]).toEqual([side, 1]);
      expect(await stream.next()).toEqual({ done: true, value: undefined });
    }
  });

  test("pulled() ends where the taker says so, and rejects with what it throws", async () => {
    const events = [1, finished] as const;
    let at = 0;
    expect(
      await all(
        pulled<number>(
          () => events[at++] ?? null,
          () => {},
        ),
      ),
    ).toEqual([1]);
    const thrown = new TypeError("broken");
    const fails = (): null => {
      throw thrown;
    };
    expect(all(pulled(fails, () => {}))).rejects.toBe(thrown);
  });
});

describe("Channel", () => {
  test("a channel sends what came before its end, and nothing after it", async () => {
    const channel = new Channel<number>(() => {});
    const reading = all(channel);
    channel.send(1);
    channel.send(2);
    channel.end();
    channel.send(3);
    expect(await reading).toEqual([1, 2]);
  });

  test("a channel fails after the events that came before", async () => {
    const channel = new Channel<number>(() => {});
    channel.send(1);
    channel.fail(new TypeError("broken"));
    expect(await channel.next()).toEqual({ done: false, value: 1 });
    expect(channel.next()).rejects.toThrow("broken");
  });

  test("a channel keeps the newest events when nobody reads", async () => {
    const channel = new Channel<number>(() => {});
    for (let number = 0; number <= channelEventsMax; number += 1) channel.send(number);
    channel.end();
    const found = await all(channel);
    expect([found.length, found[0], found.at(-1)]).toEqual([channelEventsMax, 1, channelEventsMax]);
  });

  test("a channel reports a reader that leaves before the end, once, and no other", async () => {
    let left = 0;
    const early = new Channel<number>(() => left++);
    const waiting = early.next();
    await early.return();
    expect(await waiting).toEqual({ done: true, value: undefined });
    await early.return();
    expect(left).toBe(1);
    const late = new Channel<number>(() => left++);
    late.end();
    await late.return();
    expect(left).toBe(1);
  });
});
