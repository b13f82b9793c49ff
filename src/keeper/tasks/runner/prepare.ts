/**
 * Prepares a round of a runner for its room: the words and the environment of its program, the
 * folder that it sees besides its tree, and its endpoint. Starts nothing.
 */

import { basename, join, relative } from "node:path";
import type { TaskOrder } from "../../../contract/tasks/errands.ts";
import type { Manifest } from "../../../contract/tasks/manifest.ts";
import type { TaskNetwork } from "../../../contract/tasks/task.ts";
import type { StateFiles, Timers } from "../../../platform/effects.ts";
import { endpointInside, insidePort } from "../endpoint/limits.ts";
import type { ModelPlan } from "../endpoint/plan.ts";
import { serveEndpoint } from "../endpoint/serve.ts";
import type { Prepared, ProgramNetwork } from "../program.ts";
import { type Bind, insidePaths } from "../run/room.ts";
import { keyOf, keysOf } from "./credential.ts";
import { readEvents } from "./events.ts";
import { manifestOf, manifestsFolder } from "./manifests.ts";
import { folderOf } from "./program.ts";
import { searchKeys } from "./scan.ts";
import { withEndpoint, wordsOf } from "./weigh.ts";

/** Dependencies of preparing. */
export interface PrepareParts {
  readonly files: Pick<StateFiles, "readTrusted" | "has" | "folder">;
  readonly timers: Timers;
}

/** The folder of a runner's program in its room. */
const runnerInside = "/task/runner";

/** Prepares a round; a text is the reason why it cannot be run. @throws {state_unsafe} */
export async function prepareRun(
  { files, timers }: PrepareParts,
  order: TaskOrder,
): Promise<Prepared | string> {
  const { profile, usd, program, network } = order.decision;
  const found = program.runner === null ? null : manifestOf(files, program.runner);
  if (found?.ok !== true || program.runner === null) return "manifest_changed";
  const { manifest } = found;
  const words = wordsOf(manifest, { profile, usd });
  if (words === null || words.join("\0") !== program.argv.slice(1).join("\0")) {
    return "manifest_changed";
  }
  const model = modelPlan(files, program.runner, manifest);
  if (model === null) return "no_credential";
  const hosts = hostsOf(network);
  const folder = await folderOf(manifest, program.path);
  const place = folder === null ? fileIn(manifest, program.path) : placeIn(folder, program.path);
  const keys = keysOf(files);
  return {
    argv: [place.program, ...words, ...sessionWords(manifest, order)],
    environment: { ...environmentOf(manifest), ...proxies(hosts) },
    binds: [place.bind],
    stdin: `${manifest.before_prompt}\n\n${order.prompt ?? ""}\n`,
    network: {
      port: insidePort,
      serve: (path) => serveEndpoint({ model, hosts, usd }, path, timers),
    },
    events: readEvents(manifest.events),
    holdsCredential: (bytes) => searchKeys(keys).feed(bytes),
  };
}

/** The way of a fixed command to the hosts that its rule names; null where it names none. */
export function hostsNetwork(network: TaskNetwork, timers: Timers): ProgramNetwork | null {
  const hosts = hostsOf(network);
  if (hosts.length === 0) return null;
  return {
    port: insidePort,
    serve: (path) => serveEndpoint({ model: null, hosts, usd: null }, path, timers),
  };
}

/** The hosts that a network names, each with its port. */
export const hostsOf = (network: TaskNetwork): readonly string[] =>
  typeof network === "string"
    ? []
    : network.hosts.map((host) => {
        const named = host.toLowerCase();
        return /:\d{1,5}$/.test(named) ? named : `${named}:443`;
      });

/** Codex makes no alias of its own sandbox when its home lies below TMPDIR. */
const plain: Readonly<Record<string, string>> = {
  PATH: "/usr/local/bin:/usr/bin:/bin",
  HOME: insidePaths.home,
  TMPDIR: "/tmp",
  LANG: "C.UTF-8",
  SHELL: "/bin/sh",
};

const environmentOf = ({ environment }: Manifest): Readonly<Record<string, string>> => ({
  ...plain,
  ...Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [name, withEndpoint(value)]),
  ),
});

/** The variables by which programs find the way to some hosts. */
export function proxies(hosts: readonly string[]): Readonly<Record<string, string>> {
  if (hosts.length === 0) return {};
  const ways = ["HTTPS_PROXY", "https_proxy"].map((name) => [name, endpointInside]);
  const direct = ["NO_PROXY", "no_proxy"].map((name) => [name, "127.0.0.1,localhost"]);
  return Object.fromEntries([...ways, ...direct]);
}

interface Placed {
  /** The program in the room. */
  readonly program: string;
  readonly bind: Bind;
}

function fileIn({ program }: Manifest, path: string): Placed {
  const at = `${runnerInside}/${basename(program)}`;
  return { program: at, bind: { from: path, at, isWritable: false } };
}

const placeIn = (folder: string, path: string): Placed => ({
  program: join(runnerInside, relative(folder, path)),
  bind: { from: folder, at: runnerInside, isWritable: false },
});

/** The words of a session: a new one, or the one of the round before. */
function sessionWords({ argv }: Manifest, { task_id, round, session }: TaskOrder) {
  const id = session ?? roundId(task_id, round);
  const words = session === null ? argv.first : argv.later;
  return [...words.map((word) => word.replace("{session}", id)), ...argv.last];
}

/** An id of a round: a client takes each id of a session once. */
const roundId = (task: string, round: number): string =>
  round === 1 ? task : task.slice(0, -2) + round.toString(16).padStart(2, "0");

/** The plan of the runner's model; null without a key. */
function modelPlan(
  files: PrepareParts["files"],
  runner: string,
  { endpoint }: Manifest,
): ModelPlan | null {
  const key = keyOf(files, runner);
  if (key === null) return null;
  const authorities =
    endpoint.ca === undefined ? null : files.readTrusted(`${manifestsFolder}/${endpoint.ca}`);
  if (endpoint.ca !== undefined && authorities === null) return null;
  return { ...endpoint, key: () => key, authorities };
}
