/** Paths below the folder of a round. */

import { describe, expect, test } from "bun:test";
import { rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { socketIn } from "../../../src/keeper/tasks/folder.ts";

describe("socketIn()", () => {
  test("stays in a folder as long as its path fits a unix socket", () => {
    const longest = `/${"a".repeat(91)}`;
    expect(socketIn(longest)).toBe(`${longest}/model.sock`);
  });

  test("takes a folder of its own, of this user alone, for a longer one", () => {
    const path = socketIn(`/${"a".repeat(92)}`);
    expect(path.length).toBeLessThan(60);
    expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
    rmSync(dirname(path), { recursive: true });
  });
});
