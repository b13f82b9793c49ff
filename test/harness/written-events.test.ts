import { expect, test } from "bun:test";
import { PeernetError } from "../../src/contract/errors.ts";
import {
  hookCommand,
  hookEvents,
  isOnlyPeernet,
  isPeernetHook,
  quoted,
} from "../../src/harness/events.ts";
import { readJson } from "../../src/harness/jsonc.ts";
import {
  hooksOf,
  lacksWakers,
  missingEvents,
  peernetHooks,
  withHooks,
  withoutHooks,
  withoutWakers,
} from "../../src/harness/written-events.ts";

const command = "/opt/peernet hook codex";

/** Files as people and programs write them; null is none. */
const texts = [
  "{}",
  '{"a":1}',
  '{"a":1}\n',
  '{"a":1,}',
  '{\n\t"a": 1 // x\n\t// y\n}\n',
  '{\r\n  "a": 1\r\n}\r\n',
  '{\n  "a": {"b": [1,\n2]} /* c */,\n}\n',
  '{\n  "hooks": {}\n}\n',
  '{\n  "hooks": {\n    "Stop": []\n  }\n}\n',
  '{\n  "hooks": { "Stop": [ {"hooks":[{"type":"command","command":"x"}]} ] },\n}\n',
  '{ "hooks": {\n  "Stop": [\n    { "hooks": [] }, // none\n    // no\n  ],\n  "Mine": []\n} }',
] as const;

test("withHooks() puts a hook at each event, withoutHooks() leaves the bytes there were", () => {
  for (const before of texts) {
    const after = withHooks("codex", before, command);
    expect(missingEvents("codex", after, command)).toEqual([]);
    expect(peernetHooks("codex", after)).toHaveLength(hookEvents.codex.length);
    expect(withoutHooks(after, command, before)).toBe(before);
  }
});

test("withHooks() changes nothing when all is there", () => {
  for (const before of [null, ...texts]) {
    const after = withHooks("codex", before, command);
    expect(withHooks("codex", after, command)).toBe(after);
  }
});

test("withHooks() makes a file as people indent one", () => {
  const text = withHooks("claude-code", null, "peernet hook claude-code");
  expect(text).toBe(`${JSON.stringify(readJson(text), null, 2)}\n`);
});

test("withHooks() leaves every other value as it is", () => {
  for (const before of texts) {
    const { hooks: _, ...rest } = readJson(withHooks("codex", before, command));
    const { hooks: __, ...restBefore } = readJson(before);
    expect(rest).toEqual(restBefore);
  }
});

test("withHooks() puts its command in the place of another peernet's, once", () => {
  const old = "PEERNET_HOME='/a b' '/old place/peernet' hook codex";
  const twice = withHooks("codex", withHooks("codex", null, old), command);
  const events = peernetHooks("codex", twice).map((hook) => [hook.event, hook.command]);
  expect(events).toEqual(hookEvents.codex.map(({ name }) => [name, command]));
  const hook = { type: "command", command: old };
  const doubled = JSON.stringify({ hooks: { Stop: [{ hooks: [hook] }, { hooks: [hook] }] } });
  const { Stop } = Object(readJson(withHooks("codex", doubled, command)).hooks);
  expect(Stop).toEqual([{ hooks: [{ type: "command", command }] }]);
});

test("withHooks() refuses a file that is no JSON object, and hooks that are no object", () => {
  for (const [text, message] of [
    ["[]", "holds no JSON object"],
    ['{\n"a": 1\n"b"', "not valid JSON in line 3"],
    ['{"hooks": []}', "hooks is not what it should be"],
    ['{"hooks": {"Stop": {}}}', "hooks.Stop is not what it should be"],
  ] as const) {
    expect(() => withHooks("codex", text, command)).toThrow(
      new PeernetError("bad_request", { message }),
    );
  }
});

test("hookCommand() is what a shell reads back, whatever the paths hold", () => {
  for (const word of ["/a/b", "/a b/c", "/it's/$HOME/`x`", "/*?[a]", "~/x", "a;b", "ü\n"]) {
    const line = hookCommand("codex", { command: [word], home: word });
    const shows = `peernet() { printf '%s|' "$PEERNET_HOME" "$@"; }`;
    const shown = line.replace(` ${quoted(word)} hook`, () => " peernet hook");
    const ran = Bun.spawnSync(["/bin/sh", "-c", `${shows}; ${shown}`]);
    expect(ran.stdout.toString()).toBe(`${word}|hook|codex|`);
  }
});

test("isPeernetHook() tells ours from others'", () => {
  for (const line of [
    "/a/peernet hook codex",
    "peernet hook codex",
    "'/a b/peernet' hook codex",
    "PEERNET_HOME=/x /a/peernet hook codex ",
  ]) {
    expect(isPeernetHook(line, "codex")).toBe(true);
  }
  for (const line of [
    "/a/peernet hook claude-code",
    "echo peernet hook codex; rm",
    "/a/peernet hooks codex",
    "say peernet",
  ]) {
    expect(isPeernetHook(line, "codex")).toBe(false);
  }
});

test("isOnlyPeernet() takes what setup writes, and nothing that runs more", () => {
  for (const home of [null, "/srv/x", "/srv/it's $(a)"]) {
    for (const program of ["peernet", "/opt/bin/peernet", "/opt/it's; a/peernet"]) {
      const line = hookCommand("codex", { command: [program], home });
      expect([line, isOnlyPeernet(line, "codex")]).toEqual([line, true]);
    }
  }
  for (const line of [
    "touch x; peernet hook codex",
    "touch x\npeernet hook codex",
    "$(touch x)peernet hook codex",
    "PEERNET_HOME=$(touch x) peernet hook codex",
    "'a'$(touch x)'peernet' hook codex",
    "LD_PRELOAD=/x peernet hook codex",
    "sh -c peernet hook codex",
    "peernet hook codex\ntouch x",
    '"$(touch x)/peernet" hook codex',
  ]) {
    expect([line, isOnlyPeernet(line, "codex")]).toEqual([line, false]);
  }
});

test("withHooks() keeps what a user set beside the command that it replaces", () => {
  const hook = (command: string, more = "") =>
    `{ "type": "command", "command": "${command}"${more} }`;
  const text = (command: string): string =>
    `\ufeff{"hooks":{"Stop":[{"matcher":"x","hooks":[${hook(command, ', "timeout": 9')}]}]}}`;
  const moved = withHooks(
    "claude-code",
    text("/old/peernet hook claude-code"),
    "/new/peernet hook claude-code",
  );
  expect(moved).toStartWith(text("/new/peernet hook claude-code").slice(0, -2));
});

const claude = "/opt/peernet hook claude-code";

test("withHooks() adds a waker to Claude Code's starts and prompts, and none to Codex", () => {
  const text = withHooks("claude-code", null, claude);
  const { SessionStart, UserPromptSubmit, ...others } = Object(readJson(text).hooks);
  const waker = {
    ...{ type: "command", command: `${claude} --waker`, asyncRewake: true },
    ...{ timeout: 604_800, rewakeSummary: "peernet: messages wait" },
  };
  for (const groups of [SessionStart, UserPromptSubmit]) {
    expect(groups).toEqual([{ hooks: [{ type: "command", command: claude }] }, { hooks: [waker] }]);
  }
  expect(JSON.stringify(others)).not.toContain("--waker");
  expect(withHooks("codex", null, command)).not.toContain("--waker");
});

test("withHooks() adds wakers to the hooks of an earlier version, whose settings stay", () => {
  const before = withoutWakers(withHooks("claude-code", null, claude), claude);
  expect(before).not.toContain("--waker");
  expect([
    missingEvents("claude-code", before, claude),
    lacksWakers("claude-code", before, claude),
  ]).toEqual([[], true]);
  const after = withHooks("claude-code", before, claude);
  expect(lacksWakers("claude-code", after, claude)).toBe(false);
  expect(peernetHooks("claude-code", after)).toHaveLength(hooksOf("claude-code", claude).length);
  expect(withHooks("claude-code", after, claude)).toBe(after);
});

test("withoutHooks() takes the wakers out too, and leaves the bytes there were", () => {
  for (const before of texts) {
    const after = withHooks("claude-code", before, claude);
    expect(withoutHooks(after, claude, before)).toBe(before);
  }
});

test("withHooks() replaces another peernet's wakers, each once", () => {
  const old = withHooks("claude-code", null, "/old/peernet hook claude-code");
  const moved = withHooks("claude-code", old, claude);
  expect(moved).not.toContain("/old/");
  expect(readJson(moved)).toEqual(readJson(withHooks("claude-code", null, claude)));
});
