/** `setup --yes` in a fresh home: what it writes, what it leaves alone, what it refuses. */

import { expect, setDefaultTimeout } from "bun:test";
import { chmodSync, lstatSync, mkdirSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { hookEvents } from "../../src/harness/events.ts";
import { groupOf, hooksOf } from "../../src/harness/written-events.ts";
import { executable, isBuilt, notBuilt } from "../support/executable.ts";
import { skipUnless } from "../support/skip.ts";
import { toolCount } from "../support/tools.ts";
import { alone, person } from "./person.ts";

const test = skipUnless(isBuilt, notBuilt);
setDefaultTimeout(30_000);

const states = (files: readonly { path: string; state: string }[], folder: string) =>
  Object.fromEntries(files.map(({ path, state }) => [path.slice(folder.length + 1), state]));

/** The files of the two agents, as a person may have written them. */
const written = {
  ".claude.json": '{"numStartups": 3, "mcpServers": {"other": {"command": "x"}}}',
  ".claude/settings.json":
    '{\n\t// mine\n\t"model": "opus", // big\n\t"hooks": { "Stop": [ { "hooks": [ ] } ] },\n}\n',
  ".codex/config.toml":
    '# top\nmodel = "x" # inline\n\n[mcp_servers.other] # his\ncommand = "y"\nargs = [\n' +
    '  "a", # first\n]\n\n# about projects\n[projects."/tmp/x"]\ntrust_level = "trusted"\n',
};

test("setup registers in both agents, and uninstall leaves every file as it was", async () => {
  await using mini = person();
  const before = mini.tree();
  const { changed, files, checks } = await mini.setUp();
  expect(changed).toBe(true);
  expect(states(files, mini.folder)).toEqual({
    ".peernet/config.toml": "new",
    ".claude.json": "new",
    // Its second step: the tools that need no question.
    ".claude/settings.json": "change",
    ".codex/config.toml": "new",
    ".codex/hooks.json": "new",
  });
  expect(checks.map(({ name, state }) => [name, state])).toEqual([
    ["daemon", "ok"],
    ["claude-code", "ok"],
    ["codex", "ok"],
    ["codex", "warning"],
  ]);
  const { mcpServers } = JSON.parse(mini.read(".claude.json"));
  const server = { command: executable, args: ["mcp"] };
  expect(mcpServers).toEqual({ peernet: { type: "stdio", ...server, env: {} } });
  expect(Bun.TOML.parse(mini.read(".codex/config.toml"))).toEqual({
    mcp_servers: { peernet: server },
  });
  for (const [agent, file] of [
    ["claude-code", ".claude/settings.json"],
    ["codex", ".codex/hooks.json"],
  ] as const) {
    const { hooks } = JSON.parse(mini.read(file));
    expect(Object.keys(hooks)).toEqual(hookEvents[agent].map(({ name }) => name));
    const written = hooksOf(agent, `${executable} hook ${agent}`);
    for (const { name } of hookEvents[agent]) {
      const own = written.filter(({ event }) => event === name);
      expect(hooks[name]).toEqual(own.map(groupOf));
    }
  }
  expect((await mini.run(["uninstall", "--yes"])).code).toBe(0);
  expect(mini.tree()).toEqual(before);
});

test("comments and order stay, and come back byte for byte", async () => {
  await using mini = person();
  for (const [path, text] of Object.entries(written)) mini.write(path, text);
  const before = mini.tree();
  await mini.setUp();
  const settings = mini.read(".claude/settings.json");
  expect(settings).toStartWith('{\n\t// mine\n\t"model": "opus", // big\n\t"hooks": { "Stop": [ {');
  const config = mini.read(".codex/config.toml");
  expect(config).toBe(
    `${written[".codex/config.toml"]}\n[mcp_servers.peernet]\n` +
      `command = "${executable}"\nargs = ["mcp"]\n`,
  );
  await mini.run(["uninstall", "--yes"]);
  expect(mini.tree()).toEqual(before);
});

test("what was changed since setup stays, and exactly its own entries go", async () => {
  await using mini = person();
  for (const [path, text] of Object.entries(written)) mini.write(path, text);
  await mini.setUp();
  mini.write(".claude/settings.json", `${mini.read(".claude/settings.json")}// later\n`);
  mini.write(".codex/config.toml", `${mini.read(".codex/config.toml")}\n[later]\nx = 1 # y\n`);
  const claude = JSON.parse(mini.read(".claude.json"));
  mini.write(".claude.json", JSON.stringify({ ...claude, numStartups: 4 }, null, 2));
  const hooks = JSON.parse(mini.read(".codex/hooks.json"));
  hooks.hooks.Stop.push({ hooks: [{ type: "command", command: "say done" }] });
  mini.write(".codex/hooks.json", JSON.stringify(hooks));
  const ran = await mini.run(["uninstall", "--yes", "--json"]);
  expect(JSON.parse(ran.out).files.map(({ outcome }: { outcome: string }) => outcome)).toEqual([
    ...["cleaned", "cleaned", "cleaned", "cleaned"],
    "removed",
  ]);
  expect(mini.read(".claude/settings.json")).toBe(`${written[".claude/settings.json"]}// later\n`);
  expect(mini.read(".codex/config.toml")).toBe(
    `${written[".codex/config.toml"]}\n[later]\nx = 1 # y\n`,
  );
  expect(JSON.parse(mini.read(".claude.json"))).toEqual({
    numStartups: 4,
    mcpServers: { other: { command: "x" } },
  });
  expect(JSON.parse(mini.read(".codex/hooks.json"))).toEqual({
    hooks: { Stop: [{ hooks: [{ type: "command", command: "say done" }] }] },
  });
});

test("setup again changes nothing, other answers change only what differs", async () => {
  await using mini = person();
  await mini.setUp();
  const before = mini.tree();
  const again = await mini.setUp();
  expect(again).toMatchObject({ changed: false, applied: [] });
  expect(mini.tree()).toEqual(before);
  const { out } = await mini.run(["setup", "--yes", ...alone, "--name", "mini"]);
  expect(out).toContain(`✓ Claude Code   MCP server lists ${toolCount} tools; 11 hooks run\n`);
  expect(out).toEndWith(
    "mini is set up, but for what is marked !. " +
      "No other machine can reach it; to let them: peernet setup --listen lan\n",
  );
  expect((await mini.run(["setup", "--yes", ...alone])).out).toContain(
    "nothing to change: all of it is there\n",
  );
  const other = await mini.setUp("--sessions", "none", "--agents", "claude-code");
  expect(other.applied.map(({ path, state }) => [path.slice(mini.folder.length), state])).toEqual([
    ["/.peernet/config.toml", "change"],
    ["/.codex/config.toml", "removed"],
    ["/.codex/hooks.json", "removed"],
  ]);
  expect(mini.read(".peernet/config.toml")).toContain('activate = "none"');
  expect(mini.has(".codex/hooks.json")).toBe(false);
});

test("--dry-run prints the plan, the diffs and a command, and changes nothing", async () => {
  await using mini = person();
  mini.write(".codex/config.toml", written[".codex/config.toml"]);
  const before = mini.tree();
  const { code, out, err } = await mini.run(["setup", "--dry-run", "--name", "mini", ...alone]);
  expect(code).toBe(0);
  expect(mini.tree()).toEqual(before);
  expect(mini.has(".peernet")).toBe(false);
  expect(out).toContain("change  ~/.codex/config.toml     MCP server\n");
  expect(out).toContain("  +[mcp_servers.peernet]\n");
  expect(err).toBe(
    "nothing was changed; this does it: peernet setup --yes --name mini --listen 127.0.0.1 " +
      "--sessions repositories --agents claude-code,codex --allow read_messages --no-service\n",
  );
});

test("a file that is a link is written where it leads, and stays a link", async () => {
  await using mini = person();
  mkdirSync(join(mini.folder, "dotfiles"));
  mini.write("dotfiles/settings.json", "{}\n");
  chmodSync(join(mini.folder, "dotfiles/settings.json"), 0o640);
  symlinkSync("../dotfiles/settings.json", join(mini.folder, ".claude/settings.json"));
  const before = mini.tree();
  const { out } = await mini.run(["setup", "--yes", ...alone]);
  expect(out).toContain("~/.claude/settings.json → ~/dotfiles/settings.json");
  expect(lstatSync(join(mini.folder, ".claude/settings.json")).isSymbolicLink()).toBe(true);
  expect(mini.read("dotfiles/settings.json")).toContain(`hook claude-code`);
  expect(statSync(join(mini.folder, "dotfiles/settings.json")).mode & 0o777).toBe(0o640);
  await mini.run(["uninstall", "--yes"]);
  expect(mini.tree()).toEqual(before);
});

test("another peernet gives way, is named in the plan, and comes back", async () => {
  await using mini = person();
  const server = { type: "stdio", command: "/old/peernet", args: ["mcp"], env: {} };
  mini.write(".claude.json", JSON.stringify({ mcpServers: { peernet: server } }));
  const old = { type: "command", command: "/old/peernet hook claude-code" };
  mini.write(".claude/settings.json", JSON.stringify({ hooks: { Stop: [{ hooks: [old] }] } }));
  mini.write(".codex/config.toml", '[mcp_servers.peernet] # old\ncommand = "/old/peernet"\n');
  const before = mini.tree();
  const { files } = await mini.setUp();
  expect(files.map(({ replaces }) => replaces)).toEqual([
    null,
    "its MCP server peernet",
    "the hooks of another peernet",
    null,
    "its MCP server peernet",
    null,
  ]);
  expect(JSON.stringify(mini.tree())).not.toContain("/old/peernet");
  // Changed since, so that the former entry is put back by itself.
  mini.write(".claude.json", mini.read(".claude.json").replace("{", '{"later": 1, '));
  await mini.run(["uninstall", "--yes"]);
  expect(JSON.parse(mini.read(".claude.json"))).toEqual({
    later: 1,
    mcpServers: { peernet: server },
  });
  expect({ ...mini.tree(), ".claude.json": "" }).toEqual({ ...before, ".claude.json": "" });
});

test("setup that was ended in the middle is run again, and taken back", async () => {
  await using mini = person();
  mini.write(".claude/settings.json", "{}\n");
  const before = mini.tree();
  await mini.setUp();
  const ledger = JSON.parse(mini.read(".peernet/setup.json"));
  // As it stands between noting a file and having written it.
  for (const file of ledger.files) file.after_sha256 = null;
  mini.write(".peernet/setup.json", JSON.stringify(ledger));
  mini.write(".codex/hooks.json", "{}");
  await mini.setUp();
  await mini.run(["uninstall", "--yes"]);
  const after = mini.tree();
  expect(after[".claude/settings.json"]).toBe("{}\n");
  expect(Object.keys(after).sort()).toEqual(Object.keys(before).sort());
});

test("a home of its own is written into each registration", async () => {
  await using mini = person();
  const home = join(mini.folder, "other home");
  const environment = { PEERNET_HOME: home };
  const words = ["setup", "--yes", ...alone];
  const { code } = await mini.run(words, environment);
  expect(code).toBe(0);
  expect(JSON.parse(mini.read(".claude.json")).mcpServers.peernet.env).toEqual(environment);
  const { mcp_servers } = Bun.TOML.parse(mini.read(".codex/config.toml")) as never;
  expect(mcp_servers).toMatchObject({ peernet: { env: environment } });
  expect(mini.read(".claude/settings.json")).toContain(
    `"PEERNET_HOME='${home}' ${executable} hook claude-code"`,
  );
  expect((await mini.run(["uninstall", "--yes", "--purge"], environment)).code).toBe(0);
  expect(mini.has("other home")).toBe(false);
});

test("uninstall names what it left, and --purge leaves nothing", async () => {
  await using mini = person();
  await mini.setUp();
  const { out, err } = await mini.run(["uninstall", "--yes"]);
  expect(out).toContain("left: ~/.peernet with keys, pairings, the audit trail and copies of what");
  expect(err).toBe("to remove that too: peernet uninstall --purge\n");
  expect(mini.has(".peernet/keys/identity.pem")).toBe(true);
  const purging = await mini.run(["uninstall", "--yes", "--purge"]);
  expect(purging).toMatchObject({ code: 0, err: "" });
  expect(purging.out).toContain("the daemon did not run: no paired machine was told\n");
  expect(purging.out).toContain("~/.peernet   removed: keys, pairings, the audit trail\n");
  expect(mini.has(".peernet")).toBe(false);
  // What was not there was not removed.
  const again = await mini.run(["uninstall", "--yes", "--purge"]);
  expect(again.out).not.toContain("removed: keys");
});

test("uninstall says that pairings were not ended where the daemon does not run", async () => {
  await using mini = person();
  await mini.setUp();
  await mini.run(["stop"]);
  const { code, out, err } = await mini.run(["uninstall", "--yes"]);
  expect(code).toBe(0);
  expect(out).toStartWith("the daemon did not run: pairings were not ended\n");
  expect(err).toBe(
    "to end the pairings: peernet start, then peernet uninstall\n" +
      "to remove that too: peernet uninstall --purge\n",
  );
});
