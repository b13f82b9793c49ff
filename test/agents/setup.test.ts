/**
 * Setup with the real clients. Each is registered by its own command if it has one, reads the
 * entries that it wrote, and has its files restored byte for byte by uninstall.
 */

import { expect, setDefaultTimeout } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { toolCount } from "../support/tools.ts";
import { clients } from "./support/clients.ts";
import { codex, seedCodex, trustHooks } from "./support/codex.ts";
import { withClients } from "./support/driving.ts";
import { type Machine, machine } from "./support/machine.ts";
import { model } from "./support/model.ts";

setDefaultTimeout(240_000);

interface Told {
  readonly applied: readonly { path: string; state: string; by_hand: boolean }[];
  readonly checks: readonly { name: string; state: string; detail: string }[];
}

const alone = ["--no-service", "--listen", "local"] as const;

/** Runs setup, whose exit code must be 0; returns its output. */
async function setUp(machine: Machine, ...words: readonly string[]): Promise<Told> {
  // As `setup --json` prints it.
  return (await machine.json(["setup", "--yes", ...alone, ...words])) as Told;
}

/** The places of each client's MCP servers, and possible entries of a person. */
const seeds = {
  claude: [".claude.json", '{\n  "numStartups": 3,\n  "mcpServers": {}\n}\n'],
  codex: [
    ".codex/config.toml",
    '# mine\nmodel = "x" # inline\n[mcp_servers.a]\ncommand = "y" # z\n',
  ],
  gemini: [".gemini/settings.json", '{\n  "theme": "dark"\n}\n'],
  qwen: [".qwen/settings.json", '{\n  "theme": "dark"\n}\n'],
  opencode: [".config/opencode/opencode.jsonc", '{\n  // mine\n  "theme": "dark"\n}\n'],
  copilot: [".copilot/mcp-config.json", '{\n  "mcpServers": {}\n}\n'],
} as const;

for (const client of clients) {
  const test = withClients(client);
  const [path, text] = seeds[client];

  test(`setup registers in ${client}, once, and uninstall leaves its file as it was`, async () => {
    await using mini = machine("mini", [client]);
    mini.write(path, text);
    const found = (await mini.run(["setup", "--dry-run"])).out.split("\n")[0];
    expect(found).toMatch(/^found: .* · \S.* \d+\.\d+\.\d+/);
    const { applied, checks } = await setUp(mini);
    const file = join(mini.folder, path);
    expect(applied.find((each) => each.path === file)).toMatchObject({
      path: file,
      state: "change",
      by_hand: false,
    });
    const check = checks.find(({ detail }) => /MCP server lists|not trusted/.test(detail));
    expect(check?.name).toStartWith(client.slice(0, 5));
    const now = readFileSync(file, "utf8");
    expect(now).toContain(`${mini.folder}/.local/bin/peernet`);
    for (const comment of text.match(/(#|\/\/) .*/g) ?? []) expect(now).toContain(comment);
    expect((await setUp(mini)).applied).toEqual([]);
    await mini.run(["uninstall", "--yes"]);
    expect(mini.read(path)).toBe(text);
  });

  test(`setup puts peernet in the place of another in ${client}`, async () => {
    await using mini = machine("mini", [client]);
    mini.write(path, text);
    await setUp(mini);
    const ours = mini.read(path) ?? "";
    const old = ours.replaceAll(`${mini.folder}/.local/bin/peernet`, "/old/place/peernet");
    expect(old).not.toBe(ours);
    mini.write(path, old);
    const { applied } = await setUp(mini);
    expect(applied.map(({ state }) => state)).toEqual(["change"]);
    expect(mini.read(path)).not.toContain("/old/place/peernet");
  });
}

/** Runs a client to its end. @throws when it fails */
async function runClient(machine: Machine, ...command: readonly string[]): Promise<string> {
  const child = Bun.spawn([...command], {
    cwd: machine.tree,
    env: { ...machine.clientEnvironment },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "ignore",
  });
  const out = await new Response(child.stdout).text();
  if ((await child.exited) !== 0) throw new Error(`${command.join(" ")}: ${out}`);
  return out;
}

withClients("claude", "codex")(
  "what a client wrote after setup stays when setup goes",
  async () => {
    await using mini = machine("mini", ["claude", "codex"]);
    await setUp(mini);
    const scope = ["--scope", "user"];
    await runClient(mini, "claude", "mcp", "add", ...scope, "other", "--", "/bin/true");
    await runClient(mini, "codex", "mcp", "add", "other", "--", "/bin/true");
    const { out } = await mini.run(["uninstall", "--yes", "--json"]);
    const cleaned = JSON.parse(out).files.filter(
      ({ outcome }: { outcome: string }) => outcome === "cleaned",
    );
    expect(cleaned).toHaveLength(2);
    expect(Object.keys(JSON.parse(mini.read(".claude.json") ?? "").mcpServers)).toEqual(["other"]);
    expect(Bun.TOML.parse(mini.read(".codex/config.toml") ?? "")).toEqual({
      mcp_servers: { other: { command: "/bin/true" } },
    });
  },
);

withClients("claude")("Claude Code connects to what setup registered", async () => {
  await using mini = machine("mini", ["claude"]);
  await setUp(mini);
  expect(await runClient(mini, "claude", "mcp", "list")).toMatch(/peernet: .* - ✔ Connected/);
});

withClients("claude")("the plugin is valid, and setup does not register beside it", async () => {
  await using mini = machine("mini", ["claude"]);
  const plugin = join(import.meta.dir, "../../plugin");
  expect(await runClient(mini, "claude", "plugin", "validate", plugin)).toContain(
    "✔ Validation passed",
  );
  mini.write(".claude/settings.json", '{"enabledPlugins": {"peernet@local": true}}');
  const { applied } = await setUp(mini);
  expect(applied.map(({ path }) => path.slice(mini.folder.length))).toEqual([
    expect.stringContaining("config.toml"),
  ]);
});

withClients("codex")("doctor knows whether Codex was told to trust the hooks", async () => {
  using answering = model();
  await using mini = machine("mini", ["codex"]);
  seedCodex(mini, answering);
  const { checks } = await setUp(mini);
  const distrusted = {
    name: "codex",
    state: "warning",
    detail: "8 hooks written, not trusted: Codex does not run them",
  };
  expect(checks).toContainEqual(expect.objectContaining(distrusted));
  {
    await using session = codex(mini);
    await trustHooks(session);
  }
  const { out } = await mini.run(["doctor", "--json"]);
  expect(JSON.parse(out).checks).toContainEqual({
    name: "codex",
    state: "ok",
    detail: `MCP server lists ${toolCount} tools; 8 hooks run`,
    fix: null,
  });
});
