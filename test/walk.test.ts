/**
 * A newcomer's walk: two homes go through every command that README and docs show, in the order
 * of the README, each as it is written there. What cannot be is named with why.
 */

import { test as always, expect } from "bun:test";
import { existsSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { agent, workTree } from "./hook/agent.ts";
import type { Place } from "./scenario/pairing.ts";
import { onTerminal, plainText } from "./scenario/terminal.ts";
import { type Person, person } from "./setup/person.ts";
import { executable, isBuilt, notBuilt } from "./support/executable.ts";
import { elsewhere, shownCommands } from "./support/shown-commands.ts";
import { skipUnless } from "./support/skip.ts";
import { until } from "./support/until.ts";

const test = skipUnless(
  isBuilt && process.platform === "linux",
  isBuilt ? "a stand-in for an agent needs /proc" : notBuilt,
);

/** A person with a shell that stays, as in a terminal. */
interface Walker extends Omit<Place, "run">, Person {
  /** Types a line; returns what was printed. @throws when it fails */
  types(line: string): Promise<string>;
}

/** Every line that the walk below runs, as it is written in it. */
const walked = new Set(
  [...readFileSync(import.meta.path, "utf8").matchAll(/`(peernet\b[^`$]*)`/g)].map(
    ([, line = ""]) => line,
  ),
);

always("the walk leaves out no command that README and docs show", () => {
  expect(shownCommands().filter((line) => !walked.has(line) && !(line in elsewhere))).toEqual([]);
  expect(Object.keys(elsewhere).filter((line) => !shownCommands().includes(line))).toEqual([]);
});

/** A home with nothing of peernet in it, and `peernet` on its PATH; it searches no network. */
async function walker(name: string): Promise<Walker> {
  const made = person(name);
  // Whatever network is here, it is listened on by nobody, and `pair` offers none.
  const environment = { ...made.environment, PEERNET_LISTEN_ADDRESSES: "127.0.0.1" };
  const who = { ...made, environment };
  symlinkSync(executable, join(who.folder, "bin/peernet"));
  workTree({ folder: who.folder } as Place, "hydrate"); // It looks at the folder alone.
  let printed = "";
  const decoder = new TextDecoder();
  const child = Bun.spawn(["/bin/sh"], {
    cwd: join(who.folder, "src/hydrate"),
    env: { ...who.environment, TERM: "xterm-256color" },
    terminal: {
      cols: 200,
      rows: 40,
      data: (_terminal, bytes) => {
        printed += decoder.decode(bytes, { stream: true });
      },
    },
  });
  const send = (line: string) => child.terminal?.write(`${line}\n`);
  send(`PS1= PS2=; ${Bun.which("stty")} -echo`);
  const types = async (line: string): Promise<string> => {
    printed = "";
    send(`{ ${line}\n} </dev/null; printf '\\nended %s\\n' "$?"`);
    const ended = /^([\s\S]*)\nended (\d+)\n$/;
    await until(`${line} has ended`, () => ended.test(plainText(printed)));
    const [, out = "", code = ""] = ended.exec(plainText(printed)) ?? [];
    if (code !== "0") throw new Error(`${name} % ${line}: ${code}\n${out}`);
    return out;
  };
  // What the terminal echoed until now is not of a line that is typed below.
  await types(":");
  const dispose = async (): Promise<void> => {
    send("exit");
    await child.exited;
    child.terminal?.close();
    await who[Symbol.asyncDispose]();
  };
  const json = () => Promise.reject(new Error("not used"));
  return { ...who, json, types, [Symbol.asyncDispose]: dispose };
}

const wordsOf = (line: string): string[] => line.split(" ").slice(1);

/** Three questions and one plan, each answered by Enter. */
async function setsUp(who: Walker, line: string, offers = false): Promise<void> {
  const words = [...wordsOf(line), "--no-service", "--listen", "local", "--name", who.name];
  const shows = onTerminal(who, words);
  for (const question of ["call this one?", "reach it?", "a handle", "change an answer"]) {
    await shows.sees(question);
    shows.type("\r");
  }
  if (offers) {
    // By hand, as the README does next.
    await shows.sees("Pair now?");
    shows.type("n");
  }
  await shows.sees(`${who.name} is set up, but for what is marked !`);
  expect(await shows.ended).toBe(0);
}

/** Opens a window; returns the code and the address that are shown. */
async function opens(who: Walker, line: string) {
  const shows = onTerminal(who, wordsOf(line));
  await shows.sees("Ctrl-C closes the window");
  const text = plainText(shows.shown());
  const [, code = ""] = /^ {4}(\d{3}-\d{3})$/m.exec(text) ?? [];
  const [, address = ""] = /peernet pair --to (\S+)/.exec(text) ?? [];
  return { ...shows, code, address };
}

/** Runs on a terminal until a text is seen, then interrupts. */
async function looksAt(who: Walker, line: string, text: string): Promise<void> {
  const shows = onTerminal(who, wordsOf(line));
  await shows.sees(text);
  shows.type("\x03");
  await shows.ended;
}

/** Answers a question. */
async function answers(who: Walker, line: string, reply: string): Promise<string> {
  const shows = onTerminal(who, wordsOf(line));
  await shows.sees("[y/N] ");
  shows.type(`${reply}\r`);
  await shows.ended;
  return plainText(shows.shown());
}

interface Walkers {
  readonly mini: Walker;
  readonly laptop: Walker;
}

/** Sets both up. */
async function setUp({ mini, laptop }: Walkers): Promise<void> {
  await mini.types(`peernet setup --dry-run`);
  await setsUp(mini, `peernet setup`);
  // What a network would tell it.
  const { machine } = JSON.parse(await mini.types("peernet status --json"));
  laptop.write(".peernet/config.toml", `[discovery]\naddresses = ["${machine.listen[0]}"]\n`);
  await setsUp(laptop, `peernet setup`, true);
}

/** Pairs them, as two people at two terminals. */
async function pairBy({ mini, laptop }: Walkers, line: string, isNew: boolean) {
  const window = await opens(mini, `peernet pair --open`);
  const joins = onTerminal(laptop, wordsOf(line));
  await joins.sees("Code shown on ");
  joins.type(`${window.code}\r`);
  // A machine that has its name keeps it, and no person is asked again.
  for (const shows of [joins, window]) {
    if (isNew) {
      await shows.sees("its name here [");
      shows.type("\r");
    }
    await shows.sees("is yours: let it also");
    shows.type("\r");
  }
  expect(await joins.ended).toBe(0);
  expect(await window.ended).toBe(0);
  expect(plainText(joins.shown())).toContain("Paired with mini");
}

const pair = (both: Walkers): Promise<void> => pairBy(both, `peernet pair`, true);

/** A session takes a handle by its hook, and is asked. */
async function ask({ mini, laptop }: Walkers): Promise<void> {
  const cwd = join(mini.folder, "src/hydrate");
  await using claude = agent({ home: mini, cwd });
  const { systemMessage } = JSON.parse(
    (await claude.on("SessionStart", { source: "startup" })).out,
  );
  expect(systemMessage).toBe(
    "peernet: live as mini/hydrate, laptop may ask\n(to leave: peernet deactivate hydrate)",
  );
  expect(await laptop.types(`peernet ask`)).toContain("mini/hydrate ");
  expect(await laptop.types(`peernet ask mini`)).toContain("mini/hydrate ");
  await claude.on("Stop", {});
  expect(await laptop.types(`peernet wait mini/hydrate`)).toContain("idle");
  await laptop.types(`peernet ask mini/hydrate 'may I rebase main?'`);
  const answer = await laptop.types(`peernet ask mini/hydrate "may I rebase main?"`);
  expect(answer).toContain("Your question is on record there; no model read it.");
  expect(await laptop.types(`peernet ask mini/`)).toContain("mini/hydrate ");
  await mini.types(`peernet deactivate hydrate`);
}

/** A shell takes part. */
async function takePart({ mini, laptop }: Walkers): Promise<void> {
  await mini.types(`peernet activate --summary "Port the sync client"`);
  expect(await laptop.types("peernet ask mini/hydrate")).toContain("Port the sync client");
  await mini.types(`peernet summary 'port the sync client; two tests still red'`);
  expect(await mini.types(`peernet preview`)).toContain("two tests still red");
  await mini.types(`peernet preview hydrate --as laptop`);
  await mini.types(`peernet deactivate`);
  await mini.types(`peernet activate hydrate --summary 'port the sync client'`);
  await mini.types(`peernet deactivate hydrate`);
  await mini.types(`peernet activate`);
}

/** The acts on what a peer may do, each shown by the list of peers. */
async function grant(mini: Walker): Promise<void> {
  const shown = async (): Promise<string> => await mini.types(`peernet peers`);
  await mini.types(`peernet peers revoke laptop ask`);
  // Such a grant needs a person at a terminal.
  const grants = onTerminal(mini, wordsOf(`peernet peers grant laptop mine`));
  expect(await grants.ended).toBe(0);
  await mini.types(`peernet peers rename laptop bob`);
  await mini.types(`peernet peers grant bob ask:api,web --hide summary,branch --for 8h`);
  expect(await shown()).toMatch(/^bob .* it may ask/m);
  await mini.types(`peernet peers pause bob`);
  expect(await shown()).toMatch(/^bob .* it may do nothing/m);
  await mini.types(`peernet peers resume bob`);
  expect(await shown()).toMatch(/^bob .* it may ask/m);
  await mini.types(`peernet peers revoke bob --all`);
  expect(await shown()).toMatch(/^bob .* it may do nothing/m);
  await mini.types(`peernet peers rename bob laptop`);
  await mini.types(`peernet peers grant laptop ask`);
  expect(await shown()).toMatch(/^laptop .* it may ask/m);
}

/** The output of each command. */
async function look({ mini, laptop }: Walkers): Promise<void> {
  expect(await mini.types(`peernet`)).toContain("laptop");
  expect(await mini.types(`peernet status --short`)).toMatch(/^peernet \d+ (sessions?|wait)\n$/);
  expect(await mini.types(`peernet watch --once`)).toContain("session");
  await mini.types(`peernet status`);
  for (const line of [`peernet watch`, `peernet watch --notify`, `peernet watch --json`]) {
    await looksAt(mini, line, "hydrate");
  }
  expect(await mini.types(`peernet watch --once`)).toContain("hydrate");
  expect(await mini.types(`peernet outbox`)).toContain("nothing");
  await mini.types(`peernet subscribe deploys`);
  expect(await mini.types(`peernet subscriptions`)).toMatch(/^deploys +\S+ +this one/m);
  await laptop.types(`peernet discover`);
  expect(await mini.types(`peernet peers`)).toContain("laptop");
  await grant(mini);
  for (const line of [`peernet audit`, `peernet audit --since 7d`]) await mini.types(line);
  expect(await mini.types(`peernet audit --peer laptop --verb ask`)).toContain("ask hydrate");
  await looksAt(mini, `peernet audit --follow`, "laptop");
  expect(await mini.types(`peernet audit verify`)).toContain("chain verified: ");
  const compared = await laptop.types(`peernet audit verify --with mini`);
  expect(compared).toMatch(/^compared with mini: \d+ subjects?, \d+ agree$/m);
  const written = [`peernet audit export --format ocsf >events.jsonl`];
  written.push(`peernet audit export >trail.jsonl`, `peernet audit export --format ocsf`);
  for (const line of [...written, `peernet audit export`]) await mini.types(line);
  await mini.types(`peernet audit archive --before 2026-01-31`);
  await looksAt(mini, `peernet dashboard`, "Ctrl-C");
  await looksAt(mini, `peernet dashboard --no-open`, "Ctrl-C");
  await mini.types(`peernet mcp`);
  expect(await mini.types(`peernet completions words -- peers show ''`)).toContain("laptop");
  await mini.types(`peernet version`);
  await mini.types(`peernet help ask`);
  await mini.types(`peernet help stop`);
  await mini.types(`peernet ask --help`);
  await mini.types(`peernet deactivate --always`);
}

/** By address, and for one machine alone, as where no network tells of the other. */
async function pairByAddress({ mini, laptop }: Walkers): Promise<void> {
  const alone = await opens(mini, `peernet pair --open --from 192.168.1.30`);
  alone.type("\x03");
  await alone.ended;
  const again = await opens(mini, "peernet pair --open");
  await laptop.types(`printf %s ${again.code} | peernet pair ${again.address} -`);
  await again.sees("is yours: let it also");
  again.type("\r");
  expect(await again.ended).toBe(0);
  await pairBy({ mini, laptop }, `peernet pair mini`, false);
}

/** Stops, starts, unpairs, and takes it all out again. */
async function leave({ mini, laptop }: Walkers): Promise<void> {
  await laptop.types(`peernet stop`);
  await laptop.types(`peernet start`);
  await laptop.types(`peernet stop && peernet start`);
  await laptop.types(`peernet doctor`).catch((error) => {
    // It looks for the agents' programs, which are not in this home.
    expect(String(error)).toContain("fix: ");
  });
  await laptop.types("peernet peers rename mini server");
  expect(await answers(laptop, `peernet unpair server`, "n")).toContain("server");
  expect(await laptop.types(`peernet unpair server --yes`)).toContain("server");

  expect(await answers(mini, `peernet uninstall`, "y")).toContain("left: ~/.peernet with keys");
  await laptop.types(`peernet uninstall --yes --purge`);
  expect(existsSync(join(laptop.folder, ".peernet"))).toBe(false);
}

test("every command of README and docs works, for two people who pair", async () => {
  await using mini = await walker("mini");
  await using laptop = await walker("laptop");
  const before = { mini: mini.tree(), laptop: laptop.tree() };
  for (const step of [setUp, pair, ask, takePart, look, pairByAddress, leave]) {
    await step({ mini, laptop });
  }
  for (const name of ["trail", "events"]) rmSync(join(mini.folder, `src/hydrate/${name}.jsonl`));
  expect({ mini: mini.tree(), laptop: laptop.tree() }).toEqual(before);
}, 120_000);
