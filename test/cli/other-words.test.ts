/** Words of other tools, and every hint that the program has. */

import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { commands } from "../../src/cli/commands.ts";
import { commonFlags } from "../../src/cli/frame/command.ts";
import { otherWords } from "../../src/cli/help/other-words.ts";
import { errorTable } from "../../src/contract/errors.ts";
import { status } from "./samples.ts";
import { failed, run } from "./support.ts";

const root = join(import.meta.dir, "../../src");

/** Every hint and fix that a source file spells, with `X` for each placeholder. */
function spelled(): string[] {
  const files = readdirSync(root, { recursive: true }).map(String);
  const sources = files.filter((path) => /\.tsx?$/.test(path));
  return sources.flatMap((path) => {
    const text = readFileSync(join(root, path), "utf8");
    const found = text.matchAll(/\b(?:hint|fix)\b[^"`\n]{0,60}(?:"([^"]*)"|`([^`]*)`)/g);
    return [...found].map(([, plain, made]) => (plain ?? made ?? "").replace(/\$\{[^}]*\}/g, "X"));
  });
}

const hints = [
  ...spelled(),
  ...Object.values(errorTable).map(({ hint }) => hint),
  ...otherWords.map(({ hint = "" }) => hint.replace("{1}", "NAME")),
];

/** The command lines in a hint. */
const linesOf = (hint: string): string[] =>
  [...hint.matchAll(/(?:^|[:,;] (?:on X )?(?:then )?|`|run: )(peernet(?: [^,;:`]+)?)/g)].map(
    ([, line = ""]) => line.trim(),
  );

test("the hints of the program are found", () => {
  expect(hints.length).toBeGreaterThan(150);
  expect(hints).toContain("peernet pair --open");
});

test("no hint is the bare command that ends or takes something away", () => {
  const acting = commands.filter(({ acts }) => acts === true).map(({ name }) => `peernet ${name}`);
  expect(acting.sort()).toEqual([
    "peernet inbox refuse",
    "peernet outbox drop",
    "peernet runner remove",
    "peernet stop",
    "peernet task discard",
    "peernet task refuse",
    "peernet task stop",
    "peernet trust",
    "peernet uninstall",
    "peernet unpair",
    "peernet untrust",
  ]);
  const bare = hints.filter((hint) => acting.includes(hint.replace(/^.*: /, "").trim()));
  expect(bare).toEqual([]);
});

test("each command that a hint names is one, with flags that it has", async () => {
  const wrong: string[] = [];
  for (const line of hints.flatMap(linesOf)) {
    const [, first = "", second = ""] = line.split(/\s+/);
    // A placeholder's value is known only at run time.
    if (/^(X|COMMAND|)$/.test(first) || first.startsWith("$")) continue;
    const entry =
      commands.find(({ name }) => name === `${first} ${second}`) ??
      commands.find(({ name }) => name === first);
    if (entry === undefined) wrong.push(line);
    const command = entry?.load == null ? null : await entry.load();
    if (command === null) continue;
    const known = Object.keys({ ...command.flags, ...commonFlags });
    const given = [...line.matchAll(/ --([a-z-]+)/g)].map(([, flag = ""]) => flag);
    if (given.some((flag) => !known.includes(flag))) wrong.push(line);
  }
  expect(wrong).toEqual([]);
});

for (const { words, runs, hint, unbuilt } of otherWords) {
  test(`peernet ${words} ${runs === undefined ? "gets a hint" : `is ${runs}`}`, async () => {
    expect(commands.some(({ name }) => name === words)).toBe(false);
    if (runs !== undefined) {
      expect(await run(`${words} --help`)).toEqual(await run(`${runs} --help`));
      return;
    }
    const outcome = await run(`${words} mini`);
    const line = (hint ?? "").replace("{1}", "mini").replace("{home}", "/nonexistent/peernet");
    const without = unbuilt === undefined ? "" : `: ${unbuilt} is designed, and not built`;
    expect(outcome).toMatchObject({
      exit: 2,
      out: "",
      err: failed(`there is no command ${words}${without}`, line),
      calls: [],
      done: [],
    });
  });
}

test("peers ls and peer list list peers, and stop NAME never ends with a bare stop", async () => {
  const answers = { peers: async () => ({ peers: [] }), status: async () => status() };
  const listed = await run("peers", { answers });
  for (const line of ["peers ls", "peers list", "peer", "peer list", "servers list"]) {
    expect(await run(line, { answers })).toEqual(listed);
  }
  expect((await run("stop migrate")).err).toBe(
    failed("stop does not take the word migrate", "peernet task stop migrate"),
  );
  expect((await run("stpo")).err).toBe(
    failed("there is no command stpo", "did you mean stop: peernet help stop"),
  );
});

test("an error repeats the beginning of a long word, and no more", async () => {
  const long = "x".repeat(3_000);
  for (const line of [long, `ask ${long}`, `status ${long}`]) {
    const { exit, err } = await run(line);
    expect([exit, err.length < 250, err.includes("xxx…")]).toEqual([2, true, true]);
  }
});
