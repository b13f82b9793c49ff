/** Doctor on a machine that was set up: the programs it runs, and the faults it finds. */

import { expect, setDefaultTimeout } from "bun:test";
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Check } from "../../../src/contract/doctor.ts";
import { executable, isBuilt, notBuilt } from "../../support/executable.ts";
import { skipUnless } from "../../support/skip.ts";
import { toolCount } from "../../support/tools.ts";
import { type Person, person } from "../person.ts";

const test = skipUnless(isBuilt, notBuilt);
setDefaultTimeout(30_000);

interface Seen {
  readonly code: number;
  readonly checks: readonly Check[];
  /** The checks of a name. */
  of(name: string): readonly Check[];
}

async function doctor(who: Person, environment = {}): Promise<Seen> {
  const { code, out } = await who.run(["doctor", "--json"], environment);
  const { checks }: { checks: readonly Check[] } = JSON.parse(out);
  return { code, checks, of: (name) => checks.filter((check) => check.name === name) };
}

const changed = (who: Person, path: string, [from, to]: readonly [string, string]): void =>
  who.write(path, who.read(path).replaceAll(from, to));

test("doctor runs what is registered, takes a handle and lets it go, and exits 0", async () => {
  await using mini = person();
  await mini.setUp();
  const { code, of } = await doctor(mini);
  expect(code).toBe(0);
  expect(of("lease")).toMatchObject([{ state: "ok" }]);
  expect(of("keys")).toMatchObject([{ state: "ok", detail: "yours alone" }]);
  expect(of("claude-code")).toEqual([
    {
      name: "claude-code",
      state: "ok",
      detail: `MCP server lists ${toolCount} tools; 11 hooks run`,
      fix: null,
    },
  ]);
  expect(of("codex")).toMatchObject([
    { state: "ok", detail: `MCP server lists ${toolCount} tools` },
    { state: "warning", fix: 'start codex, choose 2, "Trust all and continue"' },
  ]);
  expect(of("setup")).toEqual([]);
  const { out } = await mini.run(["status", "--json"]);
  expect(JSON.parse(out).handles).toEqual([]);
});

test("doctor starts no daemon, and makes no folder", async () => {
  await using mini = person();
  const { code, of } = await doctor(mini);
  expect(code).toBe(1);
  expect(of("daemon")).toMatchObject([{ state: "failed", fix: "peernet start" }]);
  expect(of("setup")).toMatchObject([{ state: "warning", fix: "peernet setup" }]);
  expect(mini.has(".peernet")).toBe(false);
});

test("doctor names each registration that is gone or runs nothing, and one fix", async () => {
  await using mini = person();
  await mini.setUp();
  mini.write(".claude.json", "{}");
  mini.write(".codex/hooks.json", "{}");
  let seen = await doctor(mini);
  expect(seen.code).toBe(1);
  const gone = (what: string, file: string) => ({
    state: "failed",
    detail: `${what} not in ${join(mini.folder, file)} any more`,
    fix: "peernet setup",
  });
  expect(seen.of("claude-code")).toMatchObject([
    { state: "ok", detail: "11 hooks run" },
    gone("the MCP server is", ".claude.json"),
  ]);
  expect(seen.of("codex")).toMatchObject([
    { state: "ok", detail: `MCP server lists ${toolCount} tools` },
    gone("the hooks are", ".codex/hooks.json"),
  ]);

  await mini.setUp();
  const servers = join(mini.folder, ".claude.json");
  changed(mini, ".claude.json", [executable, "/gone/peernet"]);
  changed(mini, ".claude/settings.json", [executable, "/gone/peernet"]);
  seen = await doctor(mini);
  expect(seen.of("claude-code")).toMatchObject([
    {
      state: "failed",
      detail: `the MCP server in ${servers} runs /gone/peernet, which is not there`,
    },
    { state: "failed", detail: "its hooks run /gone/peernet, which is not there" },
  ]);
  mini.write(".claude.json", "{,");
  expect((await doctor(mini)).of("claude-code")).toMatchObject([
    { state: "failed", detail: expect.stringContaining("not valid JSON in line 1") },
  ]);
});

test("doctor warns of another peernet, and of another home, in a registration", async () => {
  await using mini = person();
  await mini.setUp();
  const other = join(mini.folder, "bin/other-peernet");
  writeFileSync(other, `#!/bin/sh\necho '{"version":"0.0.9"}'\n`);
  chmodSync(other, 0o755);
  changed(mini, ".claude.json", [executable, other]);
  changed(mini, ".codex/config.toml", ["[mcp_servers.peernet]", "[mcp_servers.peernet]\nenv = {}"]);
  changed(mini, ".codex/config.toml", ["env = {}", 'env = { PEERNET_HOME = "/srv/x" }']);
  const { of } = await doctor(mini);
  expect(of("claude-code")).toMatchObject([
    { state: "ok", detail: "11 hooks run" },
    { state: "warning", detail: expect.stringContaining(`runs ${other}, another peernet than`) },
  ]);
  expect(of("codex")).toContainEqual(
    expect.objectContaining({ detail: "it asks the daemon of /srv/x, not this one" }),
  );
});

test("doctor warns of another peernet that the hooks run", async () => {
  await using mini = person();
  await mini.setUp();
  const old = join(mini.folder, "bin/old-peernet");
  writeFileSync(old, `#!/bin/sh\n[ "$1" != version ] || echo '{"version":"0.0.1"}'\n`);
  chmodSync(old, 0o755);
  changed(mini, ".claude/settings.json", [executable, old]);
  // As a path with a space is written for the shell.
  expect(mini.read(".claude/settings.json")).toContain(`${old} hook`);
  changed(mini, ".claude/settings.json", [`${old} hook`, `'${old}' hook`]);
  const { of } = await doctor(mini);
  expect(of("claude-code")).toMatchObject([
    { state: "ok", detail: `MCP server lists ${toolCount} tools` },
    {
      state: "warning",
      detail: `its hooks run ${old}, another peernet than ${executable}`,
      fix: "peernet setup",
    },
  ]);
});

test("doctor calls hooks older that run before no edit, and setup mends them", async () => {
  await using mini = person();
  await mini.setUp();
  const path = ".claude/settings.json";
  const { hooks, ...rest } = JSON.parse(mini.read(path));
  const { PreToolUse, ...older } = hooks;
  expect(PreToolUse).toHaveLength(1);
  mini.write(path, JSON.stringify({ ...rest, hooks: older }));
  const detail = "hooks are older than this version: no session is warned before an edit";
  const { code, of } = await doctor(mini);
  expect(code).toBe(0);
  const warning = { name: "claude-code", state: "warning", detail, fix: "peernet setup" };
  expect(of("claude-code")).toContainEqual(warning as Check);
  await mini.setUp();
  expect(JSON.parse(mini.read(path)).hooks.PreToolUse).toEqual(PreToolUse);
});

test("doctor finds a key that others may read", async () => {
  await using mini = person();
  await mini.setUp();
  const key = join(mini.folder, ".peernet/keys/identity.pem");
  chmodSync(key, 0o644);
  const { code, of } = await doctor(mini);
  expect(code).toBe(1);
  expect(of("keys")).toEqual([
    {
      name: "keys",
      state: "failed",
      detail: `${key} has mode 0644, open to others`,
      fix: `chmod 600 ${key}`,
    },
  ]);
});

test("doctor finds another peernet before this one on PATH", async () => {
  await using mini = person();
  mkdirSync(join(mini.folder, "early"));
  const early = join(mini.folder, "early/peernet");
  writeFileSync(early, "#!/bin/sh\n");
  chmodSync(early, 0o755);
  const PATH = `${join(mini.folder, "early")}:${join(mini.folder, "bin")}`;
  const { of } = await doctor(mini, { PATH });
  expect(of("path")).toMatchObject([
    { state: "warning", detail: `peernet on PATH is ${early}, this is ${executable}` },
  ]);
});

test("setup registers the name on PATH that leads to this program", async () => {
  await using mini = person();
  const named = join(mini.folder, "bin/peernet");
  symlinkSync(executable, named);
  await mini.setUp();
  expect(JSON.parse(mini.read(".claude.json")).mcpServers.peernet.command).toBe(named);
  expect(readFileSync(join(mini.folder, ".codex/config.toml"), "utf8")).toContain(`"${named}"`);
  expect((await doctor(mini)).of("path")).toEqual([]);
});

test("deactivate --always leaves the work tree alone from then on, comments kept", async () => {
  await using mini = person();
  await mini.setUp();
  changed(mini, ".peernet/config.toml", ["[sessions]", "[sessions] # mine"]);
  mini.write("src/hydrate/.git/HEAD", "ref: refs/heads/main\n");
  const child = Bun.spawnSync([executable, "deactivate", "--always"], {
    cwd: join(mini.folder, "src/hydrate"),
    env: { ...mini.environment },
  });
  expect(child.exitCode).toBe(0);
  const folder = join(mini.folder, "src/hydrate");
  expect(child.stdout.toString()).toBe(
    `no session in ${folder} takes a handle by itself from now on\n`,
  );
  expect(mini.read(".peernet/config.toml")).toEndWith(
    `[sessions] # mine\nactivate = "repositories"\nexclude = ["${folder}"]\n`,
  );
});

test("setup and doctor claim nothing of what the user switched off in an agent", async () => {
  await using mini = person();
  const settings = join(mini.folder, ".claude/settings.json");
  mini.write(".claude/settings.json", '{"disableAllHooks": true}\n');
  const told: Check = {
    name: "claude-code",
    state: "warning",
    detail: `Claude Code runs no hook: disableAllHooks is true in ${settings}`,
    fix: `take disableAllHooks out of ${settings}`,
  };
  const ofClaude = (checks: readonly { readonly name: string }[]) =>
    checks.filter(({ name }) => name === "claude-code");
  expect(ofClaude((await mini.setUp()).checks)).toMatchObject([
    { state: "ok", detail: `MCP server lists ${toolCount} tools` },
    told,
  ]);
  expect((await doctor(mini)).of("claude-code")).toContainEqual(told);
  changed(mini, ".claude/settings.json", ['"disableAllHooks": true,', ""]);
  expect((await doctor(mini)).of("claude-code")).toMatchObject([
    { state: "ok", detail: `MCP server lists ${toolCount} tools; 11 hooks run` },
  ]);
});
