/** The remains of peernet in an agent's files, after it was set up, used and uninstalled. */

import { expect, setDefaultTimeout } from "bun:test";
import { z } from "zod";
import { claude, seedClaude } from "./support/claude.ts";
import { codex, seedCodex, trustHooks } from "./support/codex.ts";
import { withClients } from "./support/driving.ts";
import { machine } from "./support/machine.ts";
import { model } from "./support/model.ts";
import { says, setUp } from "./support/peernet.ts";

const test = withClients("claude", "codex");
setDefaultTimeout(240_000);

const Settings = z.looseObject({ mcpServers: z.unknown().optional() });

/** A hook of the user's own, and a way to write that is not ours. */
const ownHooks = `{
    "hooks": { "Stop": [ { "hooks": [ { "type": "command", "command": "true" } ] } ] },
    "includeCoAuthoredBy": false
}
`;

test("uninstall takes out what setup put in, and leaves what the agents wrote", async () => {
  using stub = model();
  await using mini = machine("mini", ["claude", "codex"]);
  seedClaude(mini);
  seedCodex(mini, stub);
  mini.write(".claude/settings.json", ownHooks);
  const codexBefore = mini.read(".codex/config.toml") ?? "";
  await setUp(mini);
  expect(mini.read(".claude/settings.json")).toContain("peernet hook claude-code");

  const one = claude(mini, stub);
  await one.sees("live as mini/hydrate");
  await one.prompt("hello there", stub);
  await one.sees("done");
  await says(mini, "idle");
  await one.kill();
  const other = codex(mini);
  await trustHooks(other);
  await other.prompt("hello there", stub);
  await other.sees("live as mini/hydrate");
  await other.kill();

  const ran = await mini.run(["uninstall", "--yes"]);
  expect(ran).toMatchObject({ code: 0 });
  expect(mini.read(".claude/settings.json")).toBe(ownHooks);
  const settings = Settings.parse(JSON.parse(mini.read(".claude.json") ?? ""));
  expect(settings.mcpServers ?? {}).toEqual({});
  expect(mini.read(".codex/hooks.json")).toBe(null);
  const config = mini.read(".codex/config.toml") ?? "";
  // Codex adds tables of its own at the end, including ones for hooks that it trusts.
  expect(config).toStartWith(codexBefore);
  expect(config).not.toContain("peernet]");
});
