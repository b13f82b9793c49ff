/** Claude Code with the plugin alone, as the README says to try it: nothing is registered in it. */

import { expect, setDefaultTimeout } from "bun:test";
import { join } from "node:path";
import { claude, seedClaude } from "./support/claude.ts";
import { withClients } from "./support/driving.ts";
import { machine } from "./support/machine.ts";
import { model } from "./support/model.ts";
import { says } from "./support/peernet.ts";
import { keys } from "./support/terminal.ts";

const test = withClients("claude");
setDefaultTimeout(240_000);

const plugin = join(import.meta.dir, "../../plugin");

test("the plugin's hooks take a handle and tell its state, and its server answers", async () => {
  using stub = model();
  await using mini = machine("mini", ["claude"]);
  seedClaude(mini);
  const words = ["--name", "mini", "--listen", "local", "--sessions", "repositories"];
  await mini.json(["setup", "--yes", "--no-service", "--agents", "none", ...words]);
  expect(mini.read(".claude/settings.json")).toBeNull();
  expect(mini.read(".claude.json")).not.toContain("mcpServers");

  await using session = claude(mini, stub, "--plugin-dir", plugin);
  await session.sees("peernet: live as mini/hydrate");
  expect(await mini.handles()).toMatchObject([
    { handle: "mini/hydrate", project: "hydrate", harness: "claude-code", state: "idle" },
  ]);

  stub.next({ call: "ask_peer", with: { handle: "mini/hydrate" } }, { say: "It is on main." });
  await session.prompt("what is this session at?", stub);
  await session.sees("Do you want to proceed?");
  await says(mini, "waiting");
  const handed = (): string => stub.turns.at(-1)?.results.at(-1) ?? "";
  await session.press(keys.enter, async () => handed().includes("mini/hydrate"));
  await session.sees("It is on main.");
  for (const fact of ["hydrate", "main", "claude-code", "untrusted"]) {
    expect(handed()).toContain(fact);
  }
  await says(mini, "idle");
});
