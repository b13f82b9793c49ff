/** Settings that keep an agent from running peernet are found, and each fix ends what it is of. */

import { describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Agent, agents } from "../../../src/harness/agents.ts";
import { withMcpEntry } from "../../../src/harness/entries.ts";
import { readJson, valueAt, withValue } from "../../../src/harness/jsonc.ts";
import { withKey, withTable } from "../../../src/harness/toml.ts";
import { type Around, projectsWithout, switchesOf } from "../../../src/setup/health/switches.ts";
import { managed, samples } from "./switch-samples.ts";

const registered = { command: ["/opt/peernet"], home: null };

const agentOf = (name: string): Agent => {
  const agent = agents.find((each) => each.name === name);
  if (agent === undefined) throw new Error(name);
  return agent;
};

/** A machine whose agent knows peernet, and whose files say what a test says. */
function machine(name: string, files: Readonly<Record<string, string>> = {}) {
  const system = mkdtempSync(join(tmpdir(), "peernet-switches-"));
  const home = join(system, "home/ada");
  const around: Around = {
    places: { home, environment: {} },
    cwd: join(home, "src/app/deep"),
    system,
  };
  const agent = agentOf(name);
  const at = (path: string): string =>
    path.startsWith("~") ? join(home, path.slice(2)) : join(system, path);
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  };
  const [own = ""] = agent.mcpFiles(around.places);
  for (const [path, text] of Object.entries(files)) write(at(path), text.replaceAll("HOME", home));
  const before = Object.keys(files).some((path) => at(path) === own)
    ? readFileSync(own, "utf8")
    : null;
  write(own, withMcpEntry(agent.mcp, before, agent.mcp.entry(registered)));
  return {
    agent,
    around,
    write,
    found: () => switchesOf(agent, around),
    [Symbol.dispose]: () => rmSync(system, { recursive: true }),
  };
}

/** Does what a fix says, as a person would. */
function carryOut(fix: string): void {
  const add = /^add peernet to (\S+) in (.*)$/.exec(fix);
  const drop = /^take (\S+) out of (\S+) in (.*)$/.exec(fix);
  const take = /^take (\S+) out of (.*)$/.exec(fix);
  const path = add?.[2] ?? drop?.[3] ?? take?.[2] ?? "";
  const text = readFileSync(path, "utf8");
  const keysOf = (key = ""): string[] => key.split(/\.(?!\w*\/|json)/);
  const listAt = (keys: string[]): unknown => valueAt(readJson(text), keys);
  if (path.endsWith(".toml")) {
    const keys = keysOf(take?.[1]);
    const table = keys.slice(0, -1).join(".");
    const entry = { command: "/opt/peernet" };
    writeFileSync(
      path,
      add === null
        ? table === ""
          ? text.replace(new RegExp(`^${keys[0]} .*\n`, "m"), "")
          : withKey(text, [table, keys.at(-1) ?? ""], null)
        : withTable(text, "mcp_servers.peernet.identity", entry),
    );
  } else if (add !== null) {
    const keys = keysOf(add[1]);
    const former = listAt(keys);
    const isOfNames = Array.isArray(former) && typeof former[0] === "string";
    const added = isOfNames ? "peernet" : { serverName: "peernet" };
    const value = Array.isArray(former) ? [...former, added] : { ...Object(former), peernet: {} };
    writeFileSync(path, withValue(text, keys, value));
  } else if (drop !== null) {
    const keys = drop[2]?.startsWith("projects.")
      ? ["projects", drop[2].slice(9, -".disabledMcpServers".length), "disabledMcpServers"]
      : keysOf(drop[2]);
    const list = listAt(keys) as readonly unknown[];
    const isKept = (each: unknown): boolean =>
      each !== drop[1] && typeof each === "string" ? true : Object(each).serverName === "other";
    writeFileSync(path, withValue(text, keys, list.filter(isKept)));
  } else writeFileSync(path, withValue(text, keysOf(take?.[1]), undefined));
}

describe("switchesOf()", () => {
  for (const { name } of agents) {
    test(`switchesOf() finds nothing of ${name} where nothing is switched off`, () => {
      using plain = machine(name);
      expect(plain.found()).toEqual([]);
    });
    for (const [part, path, text, by] of samples[name] ?? []) {
      test(`switchesOf() finds ${by} of ${path} for ${name}, until the fix is carried out`, () => {
        using on = machine(name, { [path]: text });
        const [first, ...others] = on.found();
        const named = by.replace("HOME", on.around.places.home);
        expect(others).toEqual([]);
        expect(first).toMatchObject({ part, by: expect.stringContaining(named) });
        carryOut(first?.fix ?? "");
        expect(on.found()).toEqual([]);
      });
    }
  }

  test("switchesOf() goes by the settings that win", () => {
    const user = { "~/.claude/settings.json": '{"disableAllHooks": true}' };
    using inProject = machine("claude-code", {
      ...user,
      "~/src/app/.claude/settings.json": '{"disableAllHooks": false}',
    });
    expect(inProject.found()).toEqual([]);
    using isManaged = machine("codex", {
      "~/.codex/config.toml": "[features]\nhooks = false\n",
      "etc/codex/managed_config.toml": "[features]\nhooks = true\n",
    });
    expect(isManaged.found()).toEqual([]);
  });

  test("projectsWithout() names the projects in which the server is switched off", () => {
    using on = machine("claude-code", {
      "~/.claude.json": '{"projects": {"/a": {"disabledMcpServers": ["peernet"]}, "/b": {}}}',
    });
    expect(on.found()).toEqual([]);
    expect(projectsWithout(on.agent, on.around.places)).toEqual(["/a"]);
  });

  test("switchesOf() is not disturbed by files that are none", () => {
    for (const text of ["", "{", "[]", '{"mcp": 1, "projects": [], "permissions": null}']) {
      using on = machine("claude-code", { [managed]: text, "~/.claude/settings.json": text });
      expect(on.found()).toEqual([]);
    }
  });
});
