/** The trusted properties of a terminal: its size, and its capabilities. */

import { expect, test } from "bun:test";
import { join } from "node:path";
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

test("terminalNow() tells a terminal from a pipe, with the size that it has now", async () => {
  const script = join(import.meta.dir, "sizes.ts");
  let seen = "";
  const child = Bun.spawn([process.execPath, script], {
    stdin: "ignore",
    env: { ...process.env, NO_COLOR: "1" },
    terminal: {
      cols: 91,
      rows: 37,
      data: (_, data) => {
        seen += Buffer.from(data).toString();
      },
    },
  });
  await child.exited;
  expect(seen).toContain('"stdout":true,"stderr":true,"columns":91,"rows":37}');
  const piped = Bun.spawnSync([process.execPath, script], { stdin: "ignore" });
  expect(JSON.parse(piped.stdout.toString())).toEqual({
    ...{ stdin: false, stdout: false, stderr: false },
    ...{ columns: 80, rows: 24 },
  });
});
