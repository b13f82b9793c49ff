/**
 * Fixed commands of the policy: no word of them comes from a peer. A program inside the tree is the
 * asker's code; its commit stands for its content.
 */

import { realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Gate, TaskOrder, WeighErrand } from "../../contract/tasks/errands.ts";
import type { Claims, TaskProgram } from "../../contract/tasks/task.ts";
import type { Timers } from "../../platform/effects.ts";
import { systemProgram } from "../../session/git/program.ts";
import { digestOf, fileDigest } from "./digest.ts";
import type { Prepared, Programs, Weighed } from "./program.ts";
import { insidePaths } from "./run/room.ts";
import { hostsNetwork, hostsOf, proxies } from "./runner/prepare.ts";

type Place = WeighErrand["place"];

const executable = 0o111;
const writableByOthers = 0o022;

/** Fixed commands; `home` is the folder that a leading `~` of the policy stands for. */
export const commands = (home: string, timers: Timers): Programs => ({
  weigh: async ({ place, command, base }) => {
    const words = command === null || "file" in command ? null : command;
    const first = words?.[0] ?? (command !== null && "file" in command ? command.file : "");
    const found = await programOf(first, { place, base, home });
    if (found === null) return { program: null, gates: [notThere(first)] };
    const argv = [found.isInside ? first : found.path, ...(words?.slice(1) ?? [])];
    const { path, sha256 } = found;
    return { program: { runner: null, version: null, path, sha256, argv }, gates: [] };
  },
  prepare: async ({ place, decision: { program, base, network } }: TaskOrder) => {
    const [first = ""] = program.argv;
    const found = await programOf(first, { place, base, home });
    if (found === null || found.sha256 !== program.sha256) return "program_changed";
    const isShown = found.isInside || found.path.startsWith("/usr/");
    return {
      argv: program.argv,
      environment: { ...commandEnvironment, ...proxies(hostsOf(network)) },
      binds: isShown ? [] : [{ from: found.path, at: found.path, isWritable: false }],
      network: hostsNetwork(network, timers),
      ...{ stdin: null, events: noEvents(), holdsCredential: null },
    } satisfies Prepared;
  },
});

/** The environment of a fixed command. */
const commandEnvironment = {
  ...{ PATH: "/usr/local/bin:/usr/bin:/bin", HOME: insidePaths.home, TMPDIR: "/tmp" },
  ...{ LANG: "C.UTF-8", CI: "1" },
};

const noClaims: Claims = {
  ...{ text: null, session: null, cost_usd: null, is_error: null, denials: [] },
};
const noEvents = (): Prepared["events"] => ({
  feed: () => {},
  claims: () => noClaims,
  isFirst: () => true,
});

const notThere = (name: string): Gate => ({
  ...{ gate: "runner", why: "program_missing" },
  detail: `${name} is no program that only its owner can change; mend [profiles] in policy.toml`,
});

interface FoundProgram extends Pick<TaskProgram, "path" | "sha256"> {
  /** True for a program of the tree. */
  readonly isInside: boolean;
}

interface Where {
  readonly place: Place;
  readonly base: string | null;
  readonly home: string;
}

/** The program that a word names; null when there is none, or others could change it. */
async function programOf(word: string, { place, base, home }: Where): Promise<FoundProgram | null> {
  if (word.startsWith("/")) return soundAt(word, false);
  if (!word.includes("/")) {
    const path = await systemProgram(word);
    return path === null ? null : soundAt(path, false);
  }
  if (place.kind === "repository") {
    if (base === null || word.split("/").includes("..")) return null;
    return { path: join("/", word), sha256: digestOf(`${base}:${word}`), isInside: true };
  }
  const root = await realpath(fromHome(place.path, home)).catch(() => null);
  const found = root === null ? null : await soundAt(join(root, word), true);
  return found?.path.startsWith(`${root}/`) === true ? found : null;
}

async function soundAt(path: string, isInside: boolean): Promise<FoundProgram | null> {
  const real = await realpath(path).catch(() => null);
  const seen = real === null ? null : await stat(real).catch(() => null);
  if (real === null || seen === null || !seen.isFile()) return null;
  const isOurs = seen.uid === 0 || seen.uid === process.geteuid?.();
  if (!isOurs || (seen.mode & executable) === 0 || (seen.mode & writableByOthers) !== 0)
    return null;
  return { path: real, sha256: fileDigest(real).sha256, isInside };
}

/** A path of the policy, in which a leading `~` is the user's home. */
export const fromHome = (path: string, home: string): string =>
  path.startsWith("~/") ? `${home}${path.slice(1)}` : path;

/** Chooses fixed commands or runners by the order. */
export const eitherOf = (fixed: Programs, runners: Programs): Programs => ({
  weigh: (errand): Promise<Weighed> => (errand.runner === null ? fixed : runners).weigh(errand),
  prepare: (order, room) =>
    (order.decision.program.runner === null ? fixed : runners).prepare(order, room),
});
