/** Text that another machine's session, repository and questions carry, on real terminals. */

import { afterAll, beforeAll, expect, setDefaultTimeout } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Home, home, isBuilt } from "../support/executable.ts";
import { type Folder, plainEnvironment, temporaryFolder } from "../support/repository.ts";
import { hasProgram, skipUnless } from "../support/skip.ts";
import { pairTwo, type Session, session } from "./pairing.ts";
import { onTerminal, plainText } from "./terminal.ts";

const test = skipUnless(
  isBuilt && hasProgram("git"),
  "real terminals need the built executable and git",
);
setDefaultTimeout(30_000);

const invisible =
  "\u202eevil\u202c\u2066x\u2069\u200f\u061c a\u200bb\u200dc\u2060d\ufeffe\u00adf " +
  "\u{e0001}\u{e0068}\u{e0069} \ufe0f\u{e0100} \u115f\u3164\uffa0 \ue000\u{10fffd}";
const controls =
  "\x1b[2J\x1b[1;1H\x1b[31m \x1b]0;title\x07\x1b]52;c;cm0gLXJm\x07 \x1bP$q\x1b\\ \x1b_apc\x1b\\ " +
  "\u009b31m\u009d0;title\u009c\u0090q\u009c\u0085 safe\rfake safe\b\b\b\bfake\x0b\x0c\x7f\x01";
const marks = `z${"\u0300".repeat(60)}`;

const hostile = {
  summary: `one\ntwo\u2028three ${controls} ${invisible} ${marks}`,
  question: `why? ${controls} ${invisible}`,
  // Characters that git allows in a branch: no control below U+0020, no space, none of ~^:?*[\\.
  branch: "m\u009b31m\u009d0;t\u009c\u202eevil\u202c\u200b\u2060\ufeff\u{e0068}",
  subject: `s ${controls.slice(0, 60)} \u202eevil\u202c \u200b\u{e0068}`,
  folder: `p\u202eevil\u202c\u200b\u2066\u{e0068}`,
};

let mini: Home;
let laptop: Home;
let working: Session;
let folder: Folder;

beforeAll(async () => {
  if (!isBuilt || !hasProgram("git")) return;
  mini = home("mini");
  laptop = home("laptop");
  working = session();
  folder = temporaryFolder();
  const tree = join(folder.path, hostile.folder);
  mkdirSync(tree);
  writeFileSync(join(tree, "a.txt"), "water\n");
  const git = (...words: readonly string[]): void => {
    const env = plainEnvironment(folder.path);
    const ran = Bun.spawnSync(["git", ...words], { cwd: tree, env });
    if (ran.exitCode !== 0) throw new Error(`git ${words[0]}: ${ran.stderr}`);
  };
  git("init", "--quiet", `--initial-branch=${hostile.branch}`);
  git("add", ".");
  git("commit", "--quiet", "--cleanup=verbatim", `--message=${hostile.subject}`);
  const words = ["activate", "hydrate", "--pid", working.pid, "--cwd", tree];
  await mini.json([...words, "--summary", hostile.summary]);
  await pairTwo(mini, laptop);
  await laptop.json(["ask", "mini/hydrate", hostile.question]);
});

afterAll(async () => {
  if (!isBuilt || !hasProgram("git")) return;
  working[Symbol.dispose]();
  await laptop[Symbol.asyncDispose]();
  await mini[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

const asking = [
  ["ask", "mini/hydrate"],
  ["ask", "mini/hydrate", hostile.question],
  ["ask", "mini/"],
  ["ask"],
  ["status"],
  ["peers"],
  ["peers", "show", "mini"],
  ["audit", "--all"],
] as const;
const answering = [
  ["status"],
  ["audit", "--all"],
  ["preview", "hydrate"],
  ["preview", "hydrate", "--as", "laptop"],
  ["ask", "hydrate"],
] as const;

const denied = /\p{Cc}|\p{Cf}|\p{Co}|\p{Cn}|\p{Cs}|\p{Zl}|\p{Zp}|\p{Default_Ignorable_Code_Point}/u;

/** The parts of a command's lines that no terminal should receive. */
const deniedIn = (shown: string): readonly string[] =>
  plainText(shown)
    .split("\n")
    .filter((line) => denied.test(line))
    .map((line) => JSON.stringify(line));

async function shownOn(home: Home, words: readonly string[]): Promise<string> {
  const command = onTerminal(home, words);
  expect(await command.ended).toBe(0);
  return command.shown();
}

const p25 =
  "P25: No control, bidi, zero-width or tag character from another machine reaches the terminal.";
test(p25, async () => {
  for (const words of asking) {
    const shown = await shownOn(laptop, words);
    expect({ words, denied: deniedIn(shown) }).toEqual({ words, denied: [] });
    expect(shown).toContain("mini");
  }
});

test("what a peer asked reaches the other terminal as one line of safe text", async () => {
  for (const words of answering) {
    const shown = await shownOn(mini, words);
    expect({ words, denied: deniedIn(shown) }).toEqual({ words, denied: [] });
    expect(shown).toContain("hydrate");
  }
  const lines = plainText(await shownOn(mini, ["audit", "--verb", "ask"])).split("\n");
  const asked = lines.filter((line) => line.includes("← laptop"));
  expect(asked.length).toBeGreaterThan(0);
  expect(lines.filter((line) => line.includes("fake")).length).toBeLessThanOrEqual(asked.length);
});

test("--json escapes the same characters, and loses none", async () => {
  for (const [home, every] of [
    [laptop, asking],
    [mini, answering],
  ] as const) {
    for (const words of every) {
      const shown = await shownOn(home, [...words, "--json"]);
      expect({ words, denied: deniedIn(shown) }).toEqual({ words, denied: [] });
      for (const line of shown.split("\r\n").filter(Boolean)) JSON.parse(line);
    }
  }
  const answer = JSON.parse(await shownOn(laptop, ["ask", "mini/hydrate", "--json"]));
  const { summary, git, project } = answer;
  expect({ summary: summary.text, branch: git.branch, project }).toEqual({
    summary: hostile.summary,
    branch: hostile.branch,
    project: hostile.folder,
  });
  expect(git.subject).toContain("\x1b");
});

test("the log of a daemon has one line for each event, whatever text there was", async () => {
  const log = await Bun.file(join(mini.folder, "daemon.log")).text();
  for (const line of log.split("\n").filter(Boolean)) {
    expect(denied.test(line)).toBe(false);
    expect(JSON.parse(line)).toMatchObject({ event: expect.any(String) });
  }
});
