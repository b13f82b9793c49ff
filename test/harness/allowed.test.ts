/** The tools that Claude Code runs unasked, in the text of its settings. */

import { expect, test } from "bun:test";
import { PeernetError } from "../../src/contract/errors.ts";
import {
  allowableTools,
  isAllowed,
  isDecided,
  withAllowed,
  withoutAllowed,
} from "../../src/harness/allowed.ts";
import { readJson, valueAt } from "../../src/harness/jsonc.ts";

const rule = "mcp__peernet__read_messages";

/** Settings as people and programs write them; none of them decides about a tool of ours. */
const texts = [
  "{}",
  "{}\n",
  '{"model":"opus"}\n',
  '{\n\t// mine\n\t"model": "opus", // big\n}\n',
  '{"permissions": {"allow": ["Bash(ls)"], "deny": []}}',
  '{\n  "permissions": {\n    "allow": []\n  }\n}\n',
  '{\r\n  "permissions": { "defaultMode": "plan" }, // x\r\n}\r\n',
];

test("withoutAllowed() gives back every byte that was there before withAllowed()", () => {
  for (const text of texts) {
    for (const tools of [["read_messages"], allowableTools] as const) {
      const after = withAllowed(text, tools);
      expect([text, tools.every((tool) => isAllowed(after, tool))]).toEqual([text, true]);
      const rules = tools.map((tool) => `mcp__peernet__${tool}`);
      expect(valueAt(readJson(after), ["permissions", "allow"])).toEqual(
        expect.arrayContaining(rules),
      );
      expect(withoutAllowed(after, tools, text)).toBe(text);
    }
  }
});

test("withAllowed() leaves a text without a file a valid one, and writes no rule twice", () => {
  const made = withAllowed(null, ["read_messages"]);
  expect(readJson(made)).toEqual({ permissions: { allow: [rule] } });
  expect(withAllowed(made, ["read_messages"])).toBe(made);
});

test("withAllowed() leaves a tool alone about which a rule of the user decides", () => {
  for (const list of ["allow", "ask", "deny"]) {
    for (const each of [rule, "mcp__peernet", "mcp__peernet__*"]) {
      const text = JSON.stringify({ permissions: { [list]: [each] } });
      expect([text, isDecided(text, "read_messages")]).toEqual([text, true]);
      expect(withAllowed(text, ["read_messages"])).toBe(text);
      expect(isAllowed(text, "read_messages")).toBe(list === "allow");
    }
  }
});

test("withoutAllowed() takes only the rules of its tools", () => {
  const text = JSON.stringify({ permissions: { allow: ["Bash(ls)", rule, "mcp__other"] } });
  const left = withoutAllowed(text, ["read_messages"], null);
  expect(readJson(left)).toEqual({ permissions: { allow: ["Bash(ls)", "mcp__other"] } });
  expect(withoutAllowed(text, ["message_peer"], null)).toBe(text);
});

test("withAllowed() refuses rules that are no list, by the name of the key", () => {
  const refused = new PeernetError("bad_request", {
    message: "permissions.allow is not what it should be",
  });
  const text = '{"permissions": {"allow": "all"}}';
  expect(() => withAllowed(text, ["read_messages"])).toThrow(refused);
});
