/** The possible next words, with a daemon that answers and with none. */

import { describe, expect, test } from "bun:test";
import { main } from "../../src/cli/cli.ts";
import { commands } from "../../src/cli/commands.ts";
import { sources } from "../../src/cli/help/completion.ts";
import { completionDeadlineMs } from "../../src/contract/limits.ts";
import { peer, status } from "../cli/samples.ts";
import { noDaemon, run, type Scene, stage } from "../cli/support.ts";
import { settled } from "../support/effects.ts";

const answers = { status: async () => status() };

/** The output of `completions words` for an unfinished line, each line's first word. */
async function next(typed: readonly string[], scene: Scene = { answers }) {
  const { exit, out, err } = await run(["completions", "words", "--", ...typed], scene);
  expect([exit, err]).toEqual([0, ""]);
  return out
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.split(" ")[0]);
}

describe("completions words", () => {
  test("offers every command for an empty line, and each once", async () => {
    const names = commands.map(({ name }) => name.split(" ")[0] ?? "");
    expect(await next([""])).toEqual([...new Set(names)]);
    expect(await next(["--"])).toEqual(["--help", "--version"]);
    expect(await next(["pee"])).toEqual(["peers"]);
    expect(await next(["nonsense", ""])).toEqual([]);
  });

  for (const [typed, expected] of [
    [
      ["peers", ""],
      ["show", "rename", "grant", "revoke", "pause", "resume"],
    ],
    [["peers", "show", ""], ["mini"]],
    [["peers", "rename", "mini", ""], []],
    [
      ["peers", "grant", "mini", ""],
      ["ask", "message", "wake", "mine"],
    ],
    [["unpair", ""], ["mini"]],
    [["unpair", "mini", ""], []],
    [
      ["ask", ""],
      ["mini/", "mini/hydrate", "hydrate"],
    ],
    [["ask", "mini/h"], ["mini/hydrate"]],
    [["ask", "--timeout", ""], []],
    [["ask", "--timeout", "5s", "hy"], ["hydrate"]],
    [["ask", "mini/hydrate", ""], []],
    [
      ["ask", "--"],
      ["--timeout", "--thread", "--json", "--help"],
    ],
    [
      ["ask", "--json", "--t"],
      ["--timeout", "--thread"],
    ],
    [["ask", "--", ""], []],
    [["activate", ""], []],
    [["activate", "--cwd", ""], [":folders"]],
    [["deactivate", ""], ["hydrate"]],
    [["preview", "hydrate", "--as", ""], ["mini"]],
    [["preview", "--as=m"], ["--as=mini"]],
    [["preview", "--as", "=", "m"], ["mini"]],
    [["preview", "--as", "="], ["mini"]],
    [
      ["audit", ""],
      ["verify", "export", "archive"],
    ],
    [["audit", "--handle", "mini/h"], ["mini/hydrate"]],
    [["audit", "verify", "--j"], ["--json"]],
    [["pair", "--grant", "n"], ["none"]],
    [["help", "unp"], ["unpair"]],
    [
      ["completions", ""],
      ["words", "bash", "zsh", "fish"],
    ],
    [["daemon", ""], ["--docs"]],
    [["send", "mini/hydrate", "--file", ""], [":files"]],
    [["pol"], ["policy"]],
  ] as const) {
    test(`after ${JSON.stringify(typed)} offers ${JSON.stringify(expected)}`, async () => {
      expect(await next(typed)).toEqual([...expected]);
    });
  }

  test("says nothing of a daemon that is not there, and starts none", async () => {
    const words = ["completions", "words", "--", "ask", ""];
    const { exit, out, err, done } = await run(words, { answers: { status: noDaemon } });
    expect([exit, out, err, done]).toEqual([0, "", "", []]);
  });

  test("waits no longer for the daemon than a person does", async () => {
    const set = stage({ answers: { status: () => new Promise(() => {}) } });
    const ended = main(["completions", "words", "--", "unpair", ""], set.io);
    await settled();
    await set.effects.timers.advance(completionDeadlineMs);
    expect([await ended, set.out()]).toEqual([0, ""]);
  });

  test("prints no text that a peer wrote", async () => {
    const handles = peer().handles.map((handle) => ({ ...handle, project: "EVIL" }));
    const seen = { status: async () => status({ peers: [peer({ handles })] }) };
    const { out } = await run(["completions", "words", "--", "ask", ""], { answers: seen });
    expect(out).toContain("mini/hydrate");
    expect(out).not.toContain("EVIL");
  });

  test("knows the place of every word and every flag's value", async () => {
    const places = new Set<string>();
    for (const { words, load } of commands) {
      for (const word of words.split(" ")) places.add(word);
      const command = load === null ? null : await load();
      for (const flag of Object.values(command?.flags ?? {})) {
        if (flag.kind !== "switch") places.add(flag.value);
      }
    }
    const known = [...places]
      .map((place) => place.replace(/^\[(.*)\]$/, "$1").replace("…", ""))
      .filter((place) => /[A-Z]/.test(place) && sources[place] === undefined);
    expect(known).toEqual([]);
  });
});
