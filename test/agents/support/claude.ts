/** Claude Code: a HOME in which it starts at its prompt, and its two ways to run. */

import { type Machine, machine } from "./machine.ts";
import type { Model } from "./model.ts";
import { setUp } from "./peernet.ts";
import { type Terminal, terminal } from "./terminal.ts";

const key = "sk-ant-stub-0123456789-0123456789";

/** Answers its first start's questions beforehand. */
export function seedClaude(machine: Machine): void {
  const seed = {
    hasCompletedOnboarding: true,
    theme: "dark",
    hasSeenAutoDefaultNudge: true,
    hasSeenAutoDefaultNotice: true,
    customApiKeyResponses: { approved: [key.slice(-20)], rejected: [] },
    projects: { [machine.tree]: { hasTrustDialogAccepted: true } },
  };
  machine.write(".claude.json", JSON.stringify(seed, null, 2));
}

/** A machine on which Claude Code runs with peernet. */
export async function prepared(): Promise<Machine> {
  const mini = machine("mini", ["claude"]);
  seedClaude(mini);
  await setUp(mini);
  return mini;
}

const environmentOf = (machine: Machine, model: Model): Readonly<Record<string, string>> => ({
  ...machine.clientEnvironment,
  ANTHROPIC_BASE_URL: model.url,
  ANTHROPIC_API_KEY: key,
  DISABLE_AUTOUPDATER: "1",
  // A model that fails is not asked again, with pauses that grow.
  CLAUDE_CODE_MAX_RETRIES: "0",
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
});

/** Starts it on a terminal; it asks before each use of a tool. */
export const claude = (machine: Machine, model: Model, ...words: readonly string[]): Terminal =>
  terminal({
    command: ["claude", "--permission-mode", "default", ...words],
    cwd: machine.tree,
    environment: environmentOf(machine, model),
  });

/** Runs one prompt without a terminal; returns the output. @throws when it fails */
export async function claudeRun(
  machine: Machine,
  model: Model,
  words: readonly string[],
): Promise<string> {
  const child = Bun.spawn(["claude", "-p", ...words], {
    cwd: machine.tree,
    env: environmentOf(machine, model),
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  if (code !== 0) throw new Error(`claude -p: ${out}${err}`);
  return out;
}
