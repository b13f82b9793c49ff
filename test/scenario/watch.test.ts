/** `peernet watch` on a terminal: drawn at several widths, resized, and ended. */

import { expect } from "bun:test";
import { widthOf } from "../../src/cli/terminal/text.ts";
import { home, isBuilt, notBuilt } from "../support/executable.ts";
import { skipUnless } from "../support/skip.ts";
import { until } from "../support/until.ts";
import { onTerminal } from "./terminal.ts";

const test = skipUnless(isBuilt, notBuilt);

/** The lines of the last frame that a screen was sent. */
function frameOf(shown: string): readonly string[] {
  const frame = shown.slice(shown.lastIndexOf("\x1b[H") + 3);
  const plain = frame.replace(/\x1b\[[0-9;?]*[A-Za-z]/g, "");
  return plain.split("\r\n").map((line) => line.trimEnd());
}

async function withSession(name: string) {
  const mini = home(name);
  const sleeper = Bun.spawn(["sleep", "600"]);
  const activated = await mini.run(
    ["activate", "hydrate", "--pid", String(sleeper.pid), "--summary", "Port the sync client"],
    {},
  );
  expect(activated.code).toBe(0);
  return {
    mini,
    [Symbol.asyncDispose]: async () => {
      sleeper.kill();
      await mini[Symbol.asyncDispose]();
    },
  };
}

for (const columns of [40, 80, 200]) {
  test(`watch fits ${columns} columns, and keeps to its lines`, async () => {
    await using set = await withSession("mini");
    const screen = onTerminal(set.mini, ["watch"], columns);
    await screen.sees("mini/hydrate");
    const lines = frameOf(screen.shown());
    expect(lines.length).toBeLessThanOrEqual(40);
    expect(Math.max(...lines.map(widthOf))).toBeLessThanOrEqual(columns);
    expect(lines.join("\n")).toContain("Port the sync client");
    screen.type("q");
    expect(await screen.ended).toBe(0);
    // The terminal's former content comes back.
    expect(screen.shown().endsWith("\x1b[?25h\x1b[?1049l")).toBe(true);
  });
}

test("watch draws again while it is resized, and shows a session's facts", async () => {
  await using set = await withSession("mini");
  const screen = onTerminal(set.mini, ["watch"], 120);
  await screen.sees("mini/hydrate");
  for (const [columns, rows] of [
    [40, 10],
    [30, 5],
    [200, 50],
    [80, 24],
  ] as const) {
    screen.resize(columns, rows);
    await until(`a frame of ${columns} by ${rows}`, () => {
      const lines = frameOf(screen.shown());
      const fits = lines.length <= rows && Math.max(...lines.map(widthOf)) <= columns;
      return fits && lines.join(" ").includes("hydrate");
    });
  }
  screen.type("\r");
  await screen.sees("any key: back");
  await screen.sees("Port the sync client");
  screen.type("x");
  await screen.sees("q quits");
  screen.type("\x03");
  expect(await screen.ended).toBe(0);
});

test("watch shows a change as it happens, and waits for a daemon that ends", async () => {
  await using set = await withSession("mini");
  const screen = onTerminal(set.mini, ["watch"]);
  await screen.sees("mini/hydrate");
  await set.mini.run(["summary", "--name", "hydrate", "Two tests are red"]);
  await screen.sees("Two tests are red");
  expect((await set.mini.run(["stop"])).code).toBe(0);
  await screen.sees("waiting for it");
  expect((await set.mini.run(["start"])).code).toBe(0);
  await screen.sees("q quits");
  screen.type("q");
  expect(await screen.ended).toBe(0);
});

test("watch without a terminal says what to type, and --once and --json need none", async () => {
  await using set = await withSession("mini");
  const refused = await set.mini.run(["watch"]);
  expect([refused.code, refused.err]).toEqual([
    2,
    "peernet: error: watch draws on a terminal, and there is none here\n" +
      "peernet: hint: peernet watch --once, or --json for a program\n",
  ]);
  const once = await set.mini.run(["watch", "--once"]);
  expect(once.out).toContain("mini · 1 session · none waits");
  expect(once.out).toContain("Port the sync client");
});
