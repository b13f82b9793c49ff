/** Codex: a HOME in which it starts at its prompt, and its two ways to run. */

import type { Machine } from "./machine.ts";
import type { Model } from "./model.ts";
import { keys, type Terminal, terminal } from "./terminal.ts";

/** Sets its model, by a name that decides on its tools, and marks its folder as trusted. */
export function seedCodex(machine: Machine, model: Model, name = "stub"): void {
  machine.write(
    ".codex/config.toml",
    `# as its user left it
model = "${name}"
model_provider = "stub"
check_for_update_on_startup = false

[model_providers.stub]
name = "stub" # on loopback
base_url = "${model.url}/v1"
wire_api = "responses"
env_key = "STUB_KEY"

[projects."${machine.tree}"]
trust_level = "trusted"

[notice.model_migrations]
"${name}" = "gpt-6-sol"
`,
  );
}

const environmentOf = (machine: Machine): Readonly<Record<string, string>> => ({
  ...machine.clientEnvironment,
  STUB_KEY: "stub",
});

/** Starts it on a terminal. */
export const codex = (machine: Machine, ...words: readonly string[]): Terminal =>
  terminal({
    command: ["codex", ...words],
    cwd: machine.tree,
    environment: environmentOf(machine),
  });

/** Trusts the hooks that it asks to review, as a person does. */
export async function trustHooks(session: Terminal): Promise<void> {
  await session.sees("Hooks need review");
  await session.sees("Continue without trusting");
  await session.press("2", async () => session.shows("› 2. Trust all and continue"));
  await session.sees("› 2. Trust all and continue");
  await session.press(keys.enter, async () => session.shows("Ask Codex to do anything"));
}

/** Runs one prompt without a terminal; returns the output. @throws when it fails */
export async function codexRun(machine: Machine, ...words: readonly string[]): Promise<string> {
  const child = Bun.spawn(["codex", "exec", "--skip-git-repo-check", ...words], {
    cwd: machine.tree,
    env: environmentOf(machine),
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  if (code !== 0) throw new Error(`codex exec: ${out}${err}`);
  return out;
}
