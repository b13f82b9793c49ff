/**
 * From the first executable to this one: each machine's program is replaced, and its database,
 * pairings, hooks and registrations go on. In between one machine is old and the other is new.
 */

import { afterAll, expect, setDefaultTimeout } from "bun:test";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { executable, type Home, home, isBuilt, notBuilt } from "../support/executable.ts";
import { skipUnless } from "../support/skip.ts";
import { until } from "../support/until.ts";
import { activate, root } from "./pairing.ts";

setDefaultTimeout(120_000);

/** The commit of the first executable. */
const firstCommit = "550581c4111532c35dcaca1ecc95e063be3f5d5c";

const scratch = mkdtempSync(join(tmpdir(), "peernet-upgrade-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const hasHistory = Bun.spawnSync(["git", "-C", root, "cat-file", "-e", firstCommit]).success;
const test = skipUnless(
  isBuilt && hasHistory,
  isBuilt ? "this clone is without the commit of the first executable" : notBuilt,
);

/** Builds the first executable from its source in this repository's history. */
function builtFirst(): string {
  const source = join(scratch, "source");
  const out = join(scratch, "first");
  if (existsSync(out)) return out;
  mkdirSync(source);
  const script =
    'git -C "$1" archive "$2" | tar -x -C "$3" && ln -s "$1/node_modules" "$3/node_modules" && ' +
    'cd "$3" && "$4" build src/main.ts --compile --format=esm --splitting --bytecode ' +
    '--bytecode-depth=1 --no-compile-autoload-dotenv --no-compile-autoload-bunfig --outfile "$5"';
  const words = [root, firstCommit, source, process.execPath, out];
  const built = Bun.spawnSync(["sh", "-ec", script, "sh", ...words]);
  if (!built.success) throw new Error(`the first executable: ${built.stderr.toString()}`);
  return out;
}

/** A machine whose program is a file of its own, which can be replaced. */
interface Upgraded extends AsyncDisposable {
  readonly place: Home & { readonly before: readonly string[] };
  /** Stops the daemon, replaces the program, and starts it again. */
  upgrade(): Promise<void>;
}

async function machine(name: string, first: string): Promise<Upgraded> {
  const program = join(scratch, `${name}-peernet`);
  copyFileSync(first, program);
  // The tests' homes run the built executable; this runs the machine's own in its place.
  const before = ["sh", "-c", `shift; exec "${program}" "$@"`, "sh"];
  const made = home(name, before);
  const ran = async (...words: readonly string[]): Promise<void> => {
    const { code, out, err } = await made.run(words);
    if (code !== 0) throw new Error(`${name}: peernet ${words.join(" ")}: ${out}${err}`);
  };
  await ran("start");
  return {
    place: { ...made, before },
    upgrade: async () => {
      await ran("stop");
      copyFileSync(executable, `${program}.next`);
      renameSync(`${program}.next`, program);
      await ran("start");
    },
    [Symbol.asyncDispose]: () => made[Symbol.asyncDispose](),
  };
}

/** Pairs two machines of the first executable, whose events have its own form. */
async function pair({ place: shows }: Upgraded, { place: types }: Upgraded): Promise<void> {
  const window = Bun.spawn([...shows.before, executable, "pair", "--open", "--json"], {
    ...{ cwd: shows.folder, env: shows.environment, stdin: "ignore", stderr: "ignore" },
  });
  let text = "";
  const read = (async () => {
    for await (const chunk of window.stdout) text += Buffer.from(chunk).toString();
  })();
  await until("the window is open", () => text.includes("\n"));
  const { code, addresses } = JSON.parse(text.slice(0, text.indexOf("\n")));
  const typed = await types.run(["pair", "-", "--to", addresses[0]], { stdin: `${code}\n` });
  await read;
  expect([typed.code, await window.exited]).toEqual([0, 0]);
}

/** Asks in both directions. */
async function askBothWays(mini: Upgraded, laptop: Upgraded): Promise<void> {
  for (const [from, handle] of [
    [laptop, "mini/hydrate"],
    [mini, "laptop/retry"],
  ] as const) {
    const { code, out, err } = await from.place.run(["ask", handle, "what", "now?"]);
    expect([handle, code, err]).toEqual([handle, 0, ""]);
    expect(out).toContain(`at work on ${handle.slice(handle.indexOf("/") + 1)}`);
  }
}

test("two machines stay paired while one after the other leaves the first executable", async () => {
  const first = builtFirst();
  await using mini = await machine("mini", first);
  await using laptop = await machine("laptop", first);
  using _hydrate = await activate(mini.place, "hydrate");
  using _retry = await activate(laptop.place, "retry");
  await pair(mini, laptop);
  await askBothWays(mini, laptop);
  await mini.upgrade();
  await isServed(laptop, "mini/hydrate");
  await askBothWays(mini, laptop);
  const { records } = await verified(mini);
  expect(records).toBeGreaterThan(0);
  await laptop.upgrade();
  await isServed(mini, "laptop/retry");
  await askBothWays(mini, laptop);
  for (const each of [mini, laptop]) expect((await verified(each)).archived).toBeGreaterThan(0);
});

/** Waits until a session's lease was renewed at the new daemon, which its keeper does by itself. */
const isServed = (from: Upgraded, handle: string): Promise<void> =>
  until(
    `${handle} is served again`,
    async () => {
      // A few asks in a second: a peer is answered so often, and no more.
      await new Promise((done) => setTimeout(done, 200));
      return (await from.place.run(["ask", handle])).code === 0;
    },
    75_000,
  );

/** The trail of a machine, which holds. */
async function verified(on: Upgraded) {
  const trail = (await on.place.json(["audit", "verify"])) as {
    readonly ok: boolean;
    readonly records: number;
    readonly archived: number;
  };
  expect(trail.ok).toBe(true);
  return trail;
}

test("setup over that of the first executable doubles no hook, and can be undone", async () => {
  await using mini = await machine("setup", builtFirst());
  const settings = join(mini.place.folder, ".claude/settings.json");
  mkdirSync(join(mini.place.folder, ".claude"), { recursive: true });
  const own = '{ "model": "opus" }\n';
  writeFileSync(settings, own);
  const setup = ["setup", "--yes", "--no-service", "--listen", "local"];
  expect((await mini.place.run(setup)).code).toBe(0);
  const hooksOf = () => JSON.parse(readFileSync(settings, "utf8")).hooks as object;
  const before = hooksOf();
  await mini.upgrade();
  expect((await mini.place.run(setup)).code).toBe(0);
  for (const event of Object.keys(before)) expect(Object.keys(hooksOf())).toContain(event);
  const commands = JSON.stringify(hooksOf()).match(/ hook claude-code"/g) ?? [];
  expect(commands.length).toBe(Object.keys(hooksOf()).length);
  expect((await mini.place.run(["uninstall", "--yes"])).code).toBe(0);
  expect(readFileSync(settings, "utf8")).toBe(own);
});
