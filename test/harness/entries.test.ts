/** An agent's file keeps every byte that peernet has no business with, however it is written. */

import { describe, expect, test } from "bun:test";
import { type Agent, agents } from "../../src/harness/agents.ts";
import { commandOf, mcpEntry, variablesOf, withMcpEntry } from "../../src/harness/entries.ts";
import { mcpChange, undone } from "../../src/setup/plan/changes.ts";

const first = { command: ["/opt/one/peernet"], home: null };
const second = { command: ["/opt/two/peernet"], home: "/srv/b" };

const agentOf = (name: string): Agent => {
  const agent = agents.find((each) => each.name === name);
  if (agent === undefined) throw new Error(name);
  return agent;
};

const change = (agent: Agent, registered: typeof first | typeof second) =>
  mcpChange(agent, registered, { path: "/x", program: null });

/** Each line end, with and without a byte order mark and an end of the last line. */
function* shapesOf(text: string): Generator<string> {
  for (const eol of ["\n", "\r\n"]) {
    for (const mark of ["", "\ufeff"]) {
      const whole = mark + text.replaceAll("\n", eol);
      yield whole;
      yield whole.slice(0, -eol.length);
    }
  }
}

const json = (entry: string): string =>
  `{\n  // mine\n  "theme": "dark", /* mine too */\n  "KEY": { "other": {}, ${entry} },\n}\n`;

/** A file of a user's with an entry that runs `first` and has keys of the user's in it. */
const withKeys: Readonly<Record<string, readonly string[]>> = {
  codex: [
    '# mine\n[mcp_servers.peernet] # mine\nenabled = false\ncommand = "/opt/one/peernet" # mine\n' +
      'args = ["mcp"]\nstartup_timeout_sec = 30\n\n[mcp_servers.peernet.tools.ask_peer]\n' +
      'approval_mode = "approve"\n\n# about z\n[z]\ny = 1\n',
    '[mcp_servers.peernet]\nargs = [\n  "mcp", # mine\n]\ncommand = "/opt/one/peernet"\n' +
      '[mcp_servers.peernet.env]\nMINE = "1" # mine\n[z]\ny = 1\n',
    '[mcp_servers.peernet]\ncommand = "/opt/one/peernet"\nargs = ["mcp"]\nenv = { MINE = "1" }\n',
    '[mcp_servers.peernet]\ncommand = "/opt/one/peernet"\nargs = ["mcp"]\nenv.MINE = "1" # mine\n',
  ],
  "gemini-cli": [
    json('"peernet": { "command": "/opt/one/peernet", "args": ["mcp"], "trust": true }').replace(
      "KEY",
      "mcpServers",
    ),
  ],
  "claude-code": [
    json(
      '"peernet": { "type": "stdio", "alwaysLoad": true, "command": "/opt/one/peernet",\n' +
        '    "args": [ "mcp" ], "env": { "MINE": "1" } /* mine */ }',
    ).replace("KEY", "mcpServers"),
  ],
  opencode: [
    json(
      '"peernet": { "enabled": false, "type": "local", "command": ["/opt/one/peernet","mcp"] }',
    ).replace("KEY", "mcp"),
  ],
};

describe("withMcpEntry()", () => {
  for (const [name, texts] of Object.entries(withKeys)) {
    test(`changes what ${name} runs and nothing that its user set beside it`, () => {
      const agent = agentOf(name);
      for (const text of texts.flatMap((each) => [...shapesOf(each)])) {
        const after = withMcpEntry(agent.mcp, text, agent.mcp.entry(second));
        const entry = mcpEntry(agent.mcp, after) ?? {};
        expect(commandOf(entry)).toEqual(["/opt/two/peernet", "mcp"]);
        const { MINE = null } = variablesOf(mcpEntry(agent.mcp, text) ?? {});
        const mine = MINE === null ? {} : { MINE };
        expect(variablesOf(entry)).toEqual({ ...mine, PEERNET_HOME: "/srv/b" });
        // After the undo each byte is back, except around our own keys.
        const back = withMcpEntry(agent.mcp, after, mcpEntry(agent.mcp, text));
        expect(bare(back)).toBe(bare(text));
        expect(after.includes("\r\n") && /[^\r]\n/.test(after)).toBe(false);
        expect(after.startsWith("\ufeff")).toBe(text.startsWith("\ufeff"));
      }
    });
  }

  test("replaces what is no program that is started here", () => {
    const { mcp } = agentOf("claude-code");
    const remote = '{"mcpServers":{"peernet":{"type":"http","url":"https://x","headers":{}}}}';
    const after = withMcpEntry(mcp, remote, mcp.entry(first));
    expect(mcpEntry(mcp, after)).toEqual(mcp.entry(first));
  });
});

/** Without white space and the comma behind a last value, which our keys may have moved. */
const bare = (text: string): string => text.replace(/\s/g, "").replace(/,(?=[}\]])/g, "");

/** Files of a user's without an entry. */
const without = {
  toml: ["", "# mine\n", "a = 1\n[b]\nc = [\n 1,\n]\n", "[mcp_servers.other]\ncommand = 'x'\n"],
  json: ["{}\n", '{\n  "a": 1 // mine\n}\n', '{ "mcpServers": {} }\n', '{"mcp":{"x":{}},}\n'],
};

test("undone() gives back each byte of a file to which only keys of the user's came since", () => {
  for (const agent of agents) {
    for (const text of without[agent.mcp.format].flatMap((each) => [...shapesOf(each)])) {
      if (text.replace("\ufeff", "") === "") continue;
      const after = change(agent, first).edit(text);
      const moved = change(agent, second).edit(after);
      const before = { kind: "mcp" as const, agent, before: text, registered: second, allowed: [] };
      const back = undone(moved, before);
      expect([agent.name, back]).toEqual([agent.name, text]);
    }
  }
});
