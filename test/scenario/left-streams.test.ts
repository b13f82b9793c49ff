/** A reader that leaves a stream is no fault: the daemon logs nothing of it. */

import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { home, isBuilt, notBuilt } from "../support/executable.ts";
import { until } from "../support/until.ts";
import { opening } from "./pairing.ts";

test("the executable is there", () => expect(isBuilt ? "" : notBuilt).toBe(""));

test("pair --open that is interrupted or killed leaves no line in the log", async () => {
  await using on = home("on");
  await on.run(["start"]);
  const lines = (): readonly string[] =>
    readFileSync(join(on.folder, "daemon.log"), "utf8").trim().split("\n");
  const before = lines().length;
  const isOpen = async (): Promise<boolean> => {
    const { window } = Object(await on.json(["status"]));
    return window.open;
  };
  for (const by of ["SIGINT", "SIGKILL", "SIGINT", "SIGKILL"] as const) {
    const shown = await opening(on);
    expect(await isOpen()).toBe(true);
    shown.interrupt(by);
    await shown.ended;
    await until("the window has gone with its reader", async () => !(await isOpen()));
  }
  expect(lines().slice(before)).toEqual([]);
});
