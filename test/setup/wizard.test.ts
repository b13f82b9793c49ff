/** Setup as a person meets it, on a terminal: four Enters, and nothing before the last. */

import { expect, setDefaultTimeout } from "bun:test";
import { existsSync } from "node:fs";
import { opening } from "../scenario/pairing.ts";
import { onTerminal } from "../scenario/terminal.ts";
import { home, isBuilt, notBuilt } from "../support/executable.ts";
import { skipUnless } from "../support/skip.ts";
import { alone, type Person, person } from "./person.ts";

const test = skipUnless(isBuilt, notBuilt);
setDefaultTimeout(30_000);

/** The text of each question, in order, and the end of the plan. */
const questions = [
  "What will your other machines call this one?",
  "Who may reach it?",
  "Which agent sessions get a handle",
  "change an answer",
] as const;

/** `run` has no use of what a terminal's place has besides. */
const terminalOf = (who: Person, ...words: readonly string[]) =>
  onTerminal({ ...who, json: () => Promise.reject(new Error("not used")) }, [
    ...["setup", "--name", "mini", ...alone],
    ...words,
  ]);

test("setup takes four Enters: three questions, one plan", async () => {
  await using mini = person();
  const before = mini.tree();
  const shows = terminalOf(mini);
  for (const question of questions) {
    await shows.sees(question);
    expect(mini.tree()).toEqual(before);
    expect(mini.has(".peernet")).toBe(false);
    shows.type("\r");
  }
  await shows.sees("11 hooks run");
  await shows.sees("8 hooks written, not trusted: Codex does not run them");
  await shows.sees('fix: start codex, choose 2, "Trust all and continue"');
  await shows.sees(
    "mini is set up, but for what is marked !. No other machine can reach it; to let them: ",
  );
  expect(await shows.ended).toBe(0);
  expect(mini.read(".peernet/config.toml")).toBe(
    '[machine]\nname = "mini"\n\n[listen]\naddresses = ["127.0.0.1"]\n\n' +
      '[sessions]\nactivate = "repositories"\n',
  );
  expect(
    Object.keys(mini.tree())
      .filter((path) => !(path in before))
      .sort(),
  ).toEqual([".claude.json", ".claude/settings.json", ".codex/config.toml", ".codex/hooks.json"]);
});

test("a name that was wiped out is the one that was proposed", async () => {
  await using mini = person();
  const shows = terminalOf(mini);
  await shows.sees(questions[0]);
  // A line feed, as an Enter is that was pressed before the question.
  shows.type("\n");
  shows.type("\r");
  await shows.sees(questions[1]);
  shows.type("\x03");
  expect(await shows.ended).toBe(130);
});

for (const [at, question] of questions.entries()) {
  test(`Ctrl-C at "${question}" changes nothing`, async () => {
    await using mini = person();
    const before = mini.tree();
    const shows = terminalOf(mini);
    for (const earlier of questions.slice(0, at)) {
      await shows.sees(earlier);
      shows.type("\r");
    }
    await shows.sees(question);
    shows.type("\x03");
    await shows.sees("Nothing was changed.");
    expect(await shows.ended).toBe(130);
    expect(mini.tree()).toEqual(before);
    expect(existsSync(`${mini.folder}/.peernet`)).toBe(false);
  });
}

test("d shows the diffs, e leaves an agent out, and then Enter does it", async () => {
  await using mini = person();
  const shows = terminalOf(mini);
  for (const question of questions.slice(0, 3)) {
    await shows.sees(question);
    shows.type("\r");
  }
  await shows.sees(questions[3]);
  shows.type("d");
  await shows.sees("~/.codex/config.toml");
  await shows.sees("+[mcp_servers.peernet]");
  await shows.sees(questions[3]);
  shows.type("e");
  await shows.sees("Which answer?");
  // The fourth of the list, after name, reach and sessions.
  shows.type("\x1b[B\x1b[B\x1b[B\r");
  await shows.sees("Register peernet in which agents?");
  // The second of the list, Codex, is switched off.
  shows.type("\x1b[B");
  shows.type(" ");
  shows.type("\r");
  await shows.sees(questions[3]);
  shows.type("\r");
  expect(await shows.ended).toBe(0);
  expect(mini.has(".codex/hooks.json")).toBe(false);
  expect(mini.has(".claude/settings.json")).toBe(true);
});

test("setup asks for folders where only sessions in some are to take a handle", async () => {
  await using mini = person();
  const shows = terminalOf(mini);
  for (const question of questions.slice(0, 2)) {
    await shows.sees(question);
    shows.type("\r");
  }
  await shows.sees(questions[2]);
  shows.type("\x1b[B");
  shows.type("\r");
  await shows.sees("Which folders?");
  shows.type("src\r");
  await shows.sees("absolute paths, or such from ~");
  shows.type("\x7f\x7f\x7f~/src,/work\r");
  await shows.sees(questions[3]);
  shows.type("\r");
  expect(await shows.ended).toBe(0);
  expect(mini.read(".peernet/config.toml")).toContain(
    '[sessions]\nactivate = "folders"\nfolders = ["~/src", "/work"]\n',
  );
});

test("a second setup starts from the answers of the first, and asks for one Enter", async () => {
  await using mini = person();
  await mini.setUp("--name", "mini", "--sessions", "none");
  const before = mini.tree();
  const config = mini.read(".peernet/config.toml");
  const ledger = mini.read(".peernet/setup.json");
  const shows = terminalOf(mini);
  await shows.sees("reached by  only itself");
  await shows.sees("none until `peernet activate`");
  await shows.sees("Nothing to change: all of it is there.");
  expect(shows.shown()).not.toContain(questions[0]);
  shows.type("\r");
  await shows.sees("mini is set up, but for what is marked !.");
  expect(await shows.ended).toBe(0);
  expect(mini.tree()).toEqual(before);
  expect(mini.read(".peernet/config.toml")).toBe(config);
  expect(mini.read(".peernet/setup.json")).toBe(ledger);
});

test("e changes each answer, and a name that is none is mended by Enter", async () => {
  await using mini = person();
  await mini.setUp("--name", "mini");
  const shows = terminalOf(mini);
  await shows.sees(questions[3]);
  shows.type("e");
  await shows.sees("Which answer?");
  shows.type("\r");
  await shows.sees(questions[0]);
  shows.type(`${"\x7f".repeat(4)}My Laptop!\r`);
  await shows.sees("Enter takes my-laptop");
  shows.type("\r");
  await shows.sees("name        my-laptop");
  await shows.sees(questions[3]);
  shows.type("e");
  await shows.sees("Which answer?");
  shows.type("\x1b[B\x1b[B\r");
  await shows.sees(questions[2]);
  shows.type("\x1b[B\x1b[B\r");
  await shows.sees("sessions    none until `peernet activate`");
  await shows.sees(questions[3]);
  shows.type("\r");
  expect(await shows.ended).toBe(0);
  expect(mini.read(".peernet/config.toml")).toContain('name = "my-laptop"');
  expect(mini.read(".peernet/config.toml")).toContain('activate = "none"');
});

test("setup ends in pairing with a machine whose window is open", async () => {
  await using laptop = home("laptop");
  await using mini = person();
  const window = await opening(laptop);
  mini.write(".peernet/config.toml", `[discovery]\naddresses = ["${window.address}"]\n`);
  const shows = terminalOf(mini);
  for (const question of questions) {
    await shows.sees(question);
    shows.type("\r");
  }
  await shows.sees(`${window.address} has a pairing window open`);
  shows.type("\r");
  await shows.sees(`Code shown on ${window.address}: `);
  shows.type(`${window.code}\r`);
  await shows.sees("Paired; its name here [laptop]: ");
  shows.type("\r");
  await shows.sees("If laptop is yours: let it also ");
  shows.type("\r");
  await shows.sees("Paired with laptop");
  await shows.sees("mini is set up, but for what is marked !. Try: peernet ask");
  expect(await shows.ended).toBe(0);
  expect(await window.ended).toBe(0);
});
