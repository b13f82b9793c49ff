/** Weighs a runner: its program as it stands here, and each reason why it would not run. */

import type { Gate } from "../../../contract/tasks/errands.ts";
import type { Manifest } from "../../../contract/tasks/manifest.ts";
import type { TaskNetwork, TaskProgram } from "../../../contract/tasks/task.ts";
import type { StateFiles } from "../../../platform/effects.ts";
import { endpointInside } from "../endpoint/limits.ts";
import { hasKey } from "./credential.ts";
import { type FoundManifest, manifestOf } from "./manifests.ts";
import { findProgram } from "./program.ts";

/** Facts of the process that weighs or prepares. */
export interface RunnerParts {
  readonly files: Pick<StateFiles, "readTrusted" | "has">;
  /** The user's home. */
  readonly home: string;
  readonly signal: AbortSignal;
}

/** A round's part that decides about its runner. */
export interface WeighedRun {
  readonly runner: string;
  readonly profile: string;
  readonly network: TaskNetwork;
  readonly usd: number | null;
}

/** The program that would run; null while a gate hides it. */
export interface WeighedRunner {
  readonly program: TaskProgram | null;
  readonly gates: readonly Gate[];
}

/** Weighs a runner for a profile; starts nothing of a task. */
export async function weighRunner(parts: RunnerParts, run: WeighedRun): Promise<WeighedRunner> {
  const found = manifestOf(parts.files, run.runner);
  if (!found.ok) return { program: null, gates: [ofManifest(run.runner, found)] };
  const { manifest } = found;
  const gates: Gate[] = [...ofRun(manifest, run)];
  if (!hasKey(parts.files, run.runner)) gates.push(noKey(run.runner));
  const program = await findProgram(manifest, parts.home, parts.signal);
  if ("why" in program) {
    return { program: null, gates: [...gates, runnerGate(program.why, program.detail)] };
  }
  const argv = wordsOf(manifest, run);
  if (argv === null) return { program: null, gates };
  const { path, sha256, version } = program;
  return {
    program: { runner: run.runner, version, path, sha256, argv: [path, ...argv] },
    gates,
  };
}

/**
 * The words of a profile, without those of a session: they are what an approval binds. Null when
 * the manifest has no such profile.
 */
export function wordsOf(
  { argv, profiles }: Manifest,
  { profile, usd }: Pick<WeighedRun, "profile" | "usd">,
): readonly string[] | null {
  const own = Object.hasOwn(profiles, profile) ? profiles[profile] : undefined;
  if (own === undefined) return null;
  const limit = usd === null ? [] : argv.usd.map((word) => word.replace("{usd}", String(usd)));
  return [...argv.common, ...own.argv, ...limit].map(withEndpoint);
}

/** A word with the endpoint's address inside the sandbox. */
export const withEndpoint = (word: string): string => word.replaceAll("{endpoint}", endpointInside);

const runnerGate = (why: string, detail: string): Gate => ({ gate: "runner", why, detail });

const ofManifest = (
  name: string,
  { why, detail }: Extract<FoundManifest, { readonly ok: false }>,
): Gate => runnerGate(why, why === "invalid" ? `runners/${name}.toml: ${detail}` : detail);

/** The reasons that lie in the task itself. */
function ofRun({ profiles }: Manifest, { runner, profile, network }: WeighedRun): readonly Gate[] {
  const gates: Gate[] = [];
  if (!Object.hasOwn(profiles, profile)) {
    const known = Object.keys(profiles).join(", ");
    gates.push(runnerGate("profile", `${runner} has no profile ${profile}; it has ${known}`));
  }
  if (network === "none") {
    const detail = `${runner} needs its model: write network = "model" into the rule`;
    gates.push(runnerGate("network", detail));
  }
  return gates;
}

const noKey = (runner: string): Gate => ({
  gate: "credential",
  why: "no_key",
  detail: `${runner} has no API key: peernet runner add ${runner}`,
});
