/**
 * People who come from another tool: each line of docs/coming-from.md is typed in the executable,
 * in a home that is paired with another. Their words do it, or name our line; ours do it.
 */

import { test as always, describe, expect, setDefaultTimeout } from "bun:test";
import { commands } from "../src/cli/commands.ts";
import { commonFlags } from "../src/cli/frame/command.ts";
import { comingRows } from "../src/cli/help/coming-rows.ts";
import { tools } from "../src/contract/mcp.ts";
import { pairTwo } from "./scenario/pairing.ts";
import { executable, home, isBuilt, notBuilt } from "./support/executable.ts";
import { comingLines } from "./support/shown-commands.ts";
import { skipUnless } from "./support/skip.ts";

setDefaultTimeout(120_000);
const test = skipUnless(isBuilt, notBuilt);
const rows = Object.entries(comingRows).flatMap(([tool, all]) =>
  all.map((row) => ({ tool, ...row })),
);

/** These stay open, or ask a person: they are walked, or typed at a terminal, by other tests. */
const interactive = new Set(
  ["pair", "pair --open", "dashboard", "setup", "uninstall", "inbox --follow --json"].map(
    (words) => `peernet ${words}`,
  ),
);

always("coming-from leaves out none of the five tools, and says what is missing", () => {
  expect(Object.keys(comingRows)).toEqual([
    ...["Hydrate's Peernet", "thrum", "actor", "claude-peers", "cmesh"],
  ]);
  const missing = rows.filter(({ isMissing }) => isMissing).map(({ there }) => there);
  for (const word of ["Windows", "history", "CapMap", "written by a model"]) {
    expect([word, missing.some((there) => there.includes(word))]).toEqual([word, true]);
  }
});

always("coming-from names commands, flags and tools that there are", async () => {
  const wrong: string[] = [];
  for (const { here } of rows) {
    for (const [, line = ""] of here.matchAll(/`peernet ([^`]+)`/g)) {
      const [first = "", second = ""] = line.split(" ");
      const entry =
        commands.find(({ name }) => name === `${first} ${second}`) ??
        commands.find(({ name }) => name === first);
      const command = entry?.load == null ? null : await entry.load();
      const known = Object.keys({ ...command?.flags, ...commonFlags });
      const flags = [...line.matchAll(/ --([a-z-]+)/g)].map(([, flag = ""]) => flag);
      if (entry === undefined || flags.some((flag) => !known.includes(flag))) wrong.push(line);
    }
    for (const [, tool = ""] of here.matchAll(/\btools? `(\w+)/g)) {
      if (!(tool in tools)) wrong.push(tool);
    }
  }
  expect(wrong).toEqual([]);
});

describe("coming-from, typed", () => {
  test("each word of another tool does it here, or its hint is the line beside it", async () => {
    await using laptop = await home("laptop");
    await using mini = await home("mini");
    await pairTwo(mini, laptop);
    const type = (line: string) => {
      const words = line.split(" ");
      const options = { cwd: laptop.folder, env: { ...laptop.environment }, timeout: 20_000 };
      const child = Bun.spawnSync([executable, ...words], { ...options, stdin: "ignore" });
      return { exit: child.exitCode, err: child.stderr.toString() };
    };
    const wrong: unknown[] = [];
    for (const { typed, here, there } of rows) {
      if (typed === undefined) continue;
      const { exit, err } = type(typed);
      const hint = (/hint: (.*)/.exec(err)?.[1] ?? "").replace(laptop.folder, "~/.peernet");
      const ours = /peernet (\S+(?: (?!MACHINE|NAME|HANDLE)[a-z]+)?)/.exec(hint)?.[1] ?? hint;
      const isTold = hint !== "" && here.includes(ours);
      // Done, refused by a right or a state, or tried and in vain: its words were understood.
      const isDone = [0, 1, 4, 5].includes(exit ?? -1);
      if (!isTold && !isDone) wrong.push([there, typed, exit, hint]);
    }
    for (const line of comingLines.filter((each) => !interactive.has(each))) {
      const { exit, err } = type(line.replace(/^peernet /, ""));
      // Understood, and a person is missing: a text, a terminal, or a session above it.
      const isAsking = /there is no text|no terminal to ask at|above this process/.test(err);
      if (![0, 1, 4, 5].includes(exit ?? -1) && !isAsking) wrong.push([line, exit, err]);
    }
    expect(wrong).toEqual([]);
  });
});
