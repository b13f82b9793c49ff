/**
 * The canaries of a run, tried in a room: all are shut behind all guards, and each guard that is
 * taken away opens canaries of its own.
 */

import { afterAll, describe, expect } from "bun:test";
import { cpSync, mkdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Tried } from "../../../src/keeper/sandbox/canaries.ts";
import { runCanaryCount } from "../../../src/keeper/tasks/run/canaries.ts";
import { type Bind, insideVariable, roomWords } from "../../../src/keeper/tasks/run/room.ts";
import {
  canBeOrdinary,
  giveTo,
  ordinarily,
  ordinaryFolder,
  ordinaryRuntime,
} from "../../support/ordinary.ts";
import { hasProgram, skipUnless } from "../../support/skip.ts";

const test = skipUnless(canBeOrdinary && hasProgram("bwrap"), "needs Linux and bubblewrap");
const root = join(import.meta.dir, "../../..");
const folder = ordinaryFolder();
afterAll(() => rmSync(folder, { recursive: true, force: true }));
for (const name of ["src", "test/keeper/tasks", "package.json", "node_modules/zod"]) {
  cpSync(join(root, name), join(folder, "code", name), { recursive: true });
}
const outside = join(folder, "outside");
mkdirSync(outside);
giveTo(outside);
for (const name of ["planted", "planted.second"]) {
  writeFileSync(join(outside, name), "planted");
  giveTo(join(outside, name));
}
for (const name of ["tree", "home"]) {
  mkdirSync(join(folder, name));
  giveTo(join(folder, name));
}

/** A room's guard: the words of bubblewrap without it. */
type Without = (words: readonly string[]) => readonly string[];
const dropped =
  (...gone: readonly string[]): Without =>
  (words) => {
    const at = words.findIndex((word, place) => word === gone[0] && words[place + 1] === gone[1]);
    return at < 0 ? words : words.toSpliced(at, gone.length);
  };
/** Every namespace but that of processes. */
const parted = ["user", "net", "ipc", "uts"].map((kind) => `--unshare-${kind}`);
const guards: Readonly<Record<string, Without>> = {
  "its root is read-only": dropped("--remount-ro", "/"),
  "its devices are read-only": dropped("--remount-ro", "/dev"),
  "its network is its own": (words) =>
    words.toSpliced(words.indexOf("--unshare-all") + 1, 0, "--share-net"),
  "its processes are its own": (words) =>
    words.flatMap((word) => (word === "--unshare-all" ? parted : [word])),
  "it finds no file outside": (words) =>
    words.toSpliced(words.indexOf("--remount-ro"), 0, "--bind", outside, outside),
  "it cannot write where it may read": (words) =>
    words.map((word, at) =>
      word === "--ro-bind" && words[at + 2] === "/task/tree" ? "--bind" : word,
    ),
  doors: (words) => words,
};

/** Tries every canary in a room without some guard. */
async function tried(name: string | null): Promise<readonly Tried[]> {
  const listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => {} } });
  const runtime = realpathSync(ordinaryRuntime);
  const binds: readonly Bind[] = [
    { from: join(folder, "code"), at: "/code", isWritable: false },
    { from: runtime, at: "/bun", isWritable: false },
    { from: join(folder, "tree"), at: "/task/tree", isWritable: false },
    { from: join(folder, "home"), at: "/task/home", isWritable: true },
  ];
  const whole = roomWords("bwrap", { binds, chdir: "/task/tree" });
  const words = name === null ? whole : (guards[name]?.(whole) ?? whole);
  const room = {
    ...{ wall: "bwrap", nonce: "n", build: "b", parent: 1, starter: process.pid, git: null },
    ...{ objects: [], libraries: [], shell: "/", planted: join(outside, "planted") },
    ...{ home: outside, readOnly: ["/task/tree"], port: listener.port, without: name },
  };
  const script = "/code/test/keeper/tasks/caught.ts";
  const child = Bun.spawn([...ordinarily, ...words, "/bun", script], {
    cwd: "/",
    env: { PATH: "/usr/bin:/bin", [insideVariable]: JSON.stringify(room) },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const text = await new Response(child.stdout).text();
  listener.stop(true);
  return JSON.parse(text);
}

const open = (all: readonly Tried[]): readonly string[] =>
  all.filter(({ isExpected }) => !isExpected).map(({ name }) => name);

describe("tryRunCanaries()", () => {
  const promise =
    "P72: A task runs only after every way out was found shut from inside the room of this very run.";
  test(promise, async () => {
    const all = await tried(null);
    expect(all.length).toBe(runCanaryCount);
    expect(open(all)).toEqual([]);
  });

  for (const name of Object.keys(guards)) {
    test(`finds a way out when it is not so that ${name}`, async () => {
      expect(open(await tried(name)).length).toBeGreaterThan(0);
    });
  }
});
