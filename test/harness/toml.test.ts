import { expect, test } from "bun:test";
import { PeernetError } from "../../src/contract/errors.ts";
import { untrustedEvents } from "../../src/harness/codex-trust.ts";
import { hookEvents } from "../../src/harness/events.ts";
import { tomlValue, withKey, withTable } from "../../src/harness/toml.ts";

const entry = { command: "/opt/peernet", args: ["mcp"] };
const written = '[mcp_servers.peernet]\ncommand = "/opt/peernet"\nargs = ["mcp"]\n';

/** Files without the table, whose bytes must come back. */
const texts = [
  'model = "x" # inline\n',
  "# only a comment\n",
  '[a] # one\nb = [\n  "c", # two\n]\n\n# three\n[[d]]\ne = 1\n',
  '[mcp_servers.other]\ncommand = "y"\n[mcp_servers.other.env]\nA = "b"\n',
] as const;

test("withTable() appends a table, and takes it out without another byte", () => {
  for (const before of texts) {
    const after = withTable(before, "mcp_servers.peernet", entry);
    expect(after).toBe(`${before}\n${written}`);
    expect(withTable(after, "mcp_servers.peernet", null)).toBe(before);
    expect(withTable(after, "mcp_servers.peernet", entry)).toBe(after);
  }
  expect(withTable(null, "mcp_servers.peernet", entry)).toBe(written);
  expect(withTable(written, "mcp_servers.peernet", null)).toBe("");
});

test("withTable() puts a table where the one of that name was, with what is below it", () => {
  const before =
    '# a\n[mcp_servers . "peernet"] # old\ncommand = "/old"\n\n' +
    '[mcp_servers.peernet.env]\nA = "b"\n# about z\n[z]\ny = 1\n';
  expect(withTable(before, "mcp_servers.peernet", entry)).toBe(
    `# a\n${written}\n# about z\n[z]\ny = 1\n`,
  );
});

test("withTable() refuses what it cannot change safely", () => {
  for (const text of [
    "mcp_servers = { other = { command = 'x' } }\n",
    "[mcp_servers]\npeernet = { command = 'x' }\n",
    "mcp_servers.peernet.command = 'x'\n",
    'x = """\n[mcp_servers.peernet]\n"""\n',
  ]) {
    expect(() => withTable(text, "mcp_servers.peernet", entry)).toThrow(
      new PeernetError("bad_request", {
        message: "mcp_servers.peernet is written in a way that cannot be changed safely",
      }),
    );
  }
});

test("withTable() keeps line ends and text that it does not know", () => {
  const before = 'a = "é\\u00e9" # ü\r\n[b]\r\nc = 1\r\n';
  const after = withTable(before, "mcp_servers.peernet", entry);
  expect(after).toStartWith(before);
  expect(withTable(after, "mcp_servers.peernet", null)).toBe(before);
});

test("withKey() changes one value and keeps its comment", () => {
  const text =
    '# top\n[machine] # this\nname = "a#b" # old\n\n[listen]\n# where\naddresses = [ # all\n' +
    '  "tailnet",\n  "lan", # too\n] # end\nport = 1\n';
  expect(withKey(text, ["machine", "name"], "mini")).toBe(text.replace('"a#b"', '"mini"'));
  expect(withKey(text, ["listen", "addresses"], ["lan"])).toBe(
    text.replace('[ # all\n  "tailnet",\n  "lan", # too\n]', '["lan"]'),
  );
});

test("withKey() adds a key to its table, and a table where there is none", () => {
  expect(withKey("[a]\nb = 1\n\n# c\n[d]\n", ["a", "e"], ["x"])).toBe(
    '[a]\nb = 1\ne = ["x"]\n\n# c\n[d]\n',
  );
  expect(withKey("[a]\nb = 1\n", ["c", "d"], "x")).toBe('[a]\nb = 1\n\n[c]\nd = "x"\n');
  expect(withKey(null, ["c", "d"], "x")).toBe('[c]\nd = "x"\n');
  expect(() => withKey('c.d = "y"\n', ["c", "d"], "x")).toThrow("cannot be changed safely");
});

test("tomlValue() writes what the parser reads back", () => {
  for (const text of ['a"b', "c\\d", "e\nf\tg", "\x7f\x00", "ü 𝄞", "'", "#"]) {
    const value = { x: text };
    expect(Bun.TOML.parse(`a = ${tomlValue(value)}\nb = ${tomlValue([text])}`)).toEqual({
      a: value,
      b: [text],
    });
  }
});

test("untrustedEvents() are those without a hash, by any of the file's paths", () => {
  const names = hookEvents.codex.map(({ name }) => name);
  const file = "/home/a/.codex/hooks.json";
  const trusted = (path: string, events: readonly string[]): string =>
    events
      .map((event) => `[hooks.state."${path}:${event}:0:0"]\ntrusted_hash = "sha256:00"\n`)
      .join("");
  expect(untrustedEvents(null, [file])).toEqual(names);
  const begin = ["session_start", "user_prompt_submit", "pre_tool_use", "permission_request"];
  const some = trusted(file, begin);
  const rest = ["PostToolUse", "Stop", "Interrupt", "SessionEnd"];
  expect(untrustedEvents(some, [file])).toEqual(rest);
  const others = trusted("/link/hooks.json", ["post_tool_use", "stop", "interrupt", "session_end"]);
  expect(untrustedEvents(some + others, [file, "/link/hooks.json"])).toEqual([]);
  expect(untrustedEvents(some + others, [file])).toEqual(rest);
});
