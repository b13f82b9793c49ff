/**
 * `peernet runner`: the programs that tasks run here, and their API keys. A key comes from stdin
 * alone, goes into one file of the user's, and is never shown, sent or logged.
 */

import type { Check } from "../../contract/doctor.ts";
import { PeernetError } from "../../contract/errors.ts";
import type { SeenRunner } from "../../contract/tasks/local.ts";
import { command } from "../frame/command.ts";
import { isName } from "../frame/grammar.ts";
import { printChecks } from "../terminal/checks.ts";
import type { Io } from "../terminal/io.ts";
import { note, printJson, printLine } from "../terminal/output.ts";
import { typed } from "../terminal/text.ts";

/** Lists the runners. */
export const list = command({
  flags: {},
  examples: ["peernet runner"],
  async run({ io, json }) {
    const runners = await (await io.runners()).list();
    if (json) printJson(io, { runners });
    else printChecks(io, runners.map(checkOf));
    return 0;
  },
});

/** Keeps a runner's key. */
export const add = command({
  flags: {},
  examples: ["peernet runner add claude-code < FILE", "peernet runner add codex"],
  // A key among the words is in the shell's history by now: no line of ours repeats it.
  refuse: ([name = "x", ...more]) => {
    if (more.length === 0 && isName(name)) return;
    throw new PeernetError("bad_request", {
      message: "runner add takes a runner's name alone; the key comes from stdin",
      hint: "peernet runner add NAME < FILE; a key that was typed as a word is known: replace it",
    });
  },
  async run({ io, words: [name = ""], json }) {
    const access = await io.runners();
    const names = access.names();
    if (!names.includes(name)) throw unknown(names);
    access.keep(name, await keyOf(io, name));
    const seen = await access.list();
    const runner = seen.find((each) => each.name === name);
    if (json) printJson(io, { runner: runner ?? null });
    else if (runner !== undefined) printChecks(io, [checkOf(runner)]);
    return 0;
  },
});

/** Removes a runner's key. */
export const remove = command({
  flags: {},
  examples: ["peernet runner remove codex"],
  async run({ io, words: [name = ""], json }) {
    const isRemoved = (await io.runners()).remove(name);
    if (!isRemoved) {
      throw new PeernetError("id_unknown", {
        message: `${typed(name)} has no key here`,
        hint: "peernet runner",
      });
    }
    if (json) printJson(io, { removed: name });
    else printLine(io, `the key of ${name} is removed; its maker still takes it until you end it`);
    return 0;
  },
});

const unknown = (names: readonly string[]): PeernetError =>
  new PeernetError("id_unknown", {
    message: `no runner is called so; there are ${names.join(", ")}`,
    hint: "peernet runner",
  });

function checkOf(runner: SeenRunner): Check {
  const { name, path, version, refused, profiles } = runner;
  const found = path === null ? [] : [`${version ?? ""} at ${path}`, profiles.join(", ")];
  const detail = [...(refused === null ? [] : [refused]), ...found].join(" · ");
  const state = refused === null ? "ok" : "failed";
  return { name, state, detail, fix: state === "ok" ? null : fixOf(runner) };
}

/** The one action that brings a refused runner further. */
function fixOf({ name, path, profiles, credential }: SeenRunner): string {
  if (profiles.length === 0) return `mend runners/${name}.toml in the state folder`;
  if (path === null) return `install ${name} by its maker's own installer, or another version`;
  return credential ? `write a manifest like = "${name}"` : `peernet runner add ${name}`;
}

/** The key on stdin; at a terminal it is typed without an echo. */
async function keyOf(io: Io, name: string): Promise<string> {
  if (!io.terminal().stdin) return (await io.readLine()) ?? "";
  note(io, `Paste the API key for ${name}, then Enter. It is not shown.`);
  const done = Promise.withResolvers<string>();
  let key = "";
  const cancel = io.onKeys((text) => {
    for (const each of text) {
      if (each === "\r" || each === "\n") done.resolve(key);
      // Ctrl-C and Ctrl-D: nothing is kept.
      else if (each === "\x03" || each === "\x04") done.resolve("");
      else if (each === "\x7f") key = key.slice(0, -1);
      else key += each;
    }
  });
  return done.promise.finally(cancel);
}
