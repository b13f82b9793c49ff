import { expect, test } from "bun:test";
import { drawFrom, histories } from "./histories.ts";

test("drawFrom() draws the same from one seed and else from another", () => {
  const draws = (seed: number): string => {
    const draw = drawFrom(seed);
    return [
      draw.below(1e6),
      draw.between(5, 1e6),
      draw.pick("abcdefgh".split("")),
      draw.bytes(4),
    ].join();
  };
  expect(draws(7)).toBe(draws(7));
  expect(draws(7)).not.toBe(draws(8));
});

test("drawFrom() draws between both ends, and picks each of several", () => {
  const draw = drawFrom(1);
  const drawn = new Set(Array.from({ length: 200 }, () => draw.between(3, 5)));
  expect([...drawn].sort()).toEqual([3, 4, 5]);
  expect(new Set(Array.from({ length: 200 }, () => draw.pick(["a", "b"]))).size).toBe(2);
  expect(() => draw.pick([])).toThrow(RangeError);
});

test("histories() says by which seed the one that failed is the first again", async () => {
  let lived = 0;
  const failing = histories(5, () => {
    lived += 1;
    if (lived === 3) throw new Error("the third");
  });
  const error = await failing.then(
    () => null,
    (error: unknown) => error,
  );
  expect(error).toMatchObject({ cause: new Error("the third") });
  expect(String(error)).toMatch(/history 3 of \d+ failed; again with PEERNET_TEST_SEED=\d+$/);
});
