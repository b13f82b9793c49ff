/** The trusted properties of a terminal: its size, and its capabilities. */

import { expect, test } from "bun:test";
import { assumeSize, isDumb, sizeIn } from "../../../src/platform/terminal/terminal.ts";

test("sizeIn() is null when a terminal tells no size, and the size when it tells one", () => {
  for (const none of [undefined, 0, -1, Number.NaN, Number.POSITIVE_INFINITY, 1.5]) {
    expect(sizeIn(none)).toBeNull();
  }
  expect([1, 2, 80, 500].map(sizeIn)).toEqual([1, 2, 80, 500]);
});

test("assumeSize() tells 80 by 24 exactly while the terminal tells no size", () => {
  const stream: { columns?: number; rows?: number } = { columns: 0 };
  assumeSize(stream);
  expect([stream.columns, stream.rows]).toEqual([80, 24]);
  Object.assign(stream, { columns: 44, rows: 10 });
  expect([stream.columns, stream.rows]).toEqual([44, 10]);
  Object.assign(stream, { columns: 0, rows: 0 });
  expect([stream.columns, stream.rows]).toEqual([80, 24]);
});

test("isDumb() is true exactly when TERM says so", () => {
  expect(isDumb({ TERM: "dumb" })).toBe(true);
  for (const TERM of ["xterm-256color", "", undefined]) expect(isDumb({ TERM })).toBe(false);
});
