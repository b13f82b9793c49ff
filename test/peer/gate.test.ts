import { expect, test } from "bun:test";
import { gate } from "../../src/peer/gate.ts";

const open = new AbortController().signal;

/** Goes in, and says so. */
const goingIn = (through: ReturnType<typeof gate>, order: number[], own: number) =>
  through.enter(open).then(() => order.push(own));

test("gate() holds so many at once, and lets the others in by their order", async () => {
  const through = gate(2);
  const order: number[] = [];
  const all = [1, 2, 3, 4].map((own) => goingIn(through, order, own));
  await Promise.all(all.slice(0, 2));
  expect(order).toEqual([1, 2]);
  through.leave();
  await all[2];
  expect(order).toEqual([1, 2, 3]);
  through.leave();
  await all[3];
  expect(order).toEqual([1, 2, 3, 4]);
  // Both of the last leave: two places are free again, and no more than two.
  through.leave();
  through.leave();
  await Promise.all([goingIn(through, order, 5), goingIn(through, order, 6)]);
  const seventh = goingIn(through, order, 7);
  await Promise.resolve();
  expect(order).toEqual([1, 2, 3, 4, 5, 6]);
  through.leave();
  await seventh;
});

test("gate() lets nobody wait past the signal, who then takes no place", async () => {
  const through = gate(1);
  await through.enter(open);
  const late = new AbortController();
  const waits = through.enter(late.signal);
  const order: number[] = [];
  const next = goingIn(through, order, 1);
  late.abort(new Error("too late"));
  await expect(waits).rejects.toThrow("too late");
  await expect(through.enter(late.signal)).rejects.toThrow("too late");
  through.leave();
  await next;
  expect(order).toEqual([1]);
});
