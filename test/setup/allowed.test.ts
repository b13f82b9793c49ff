/** Setup's offer that Claude Code reads messages without asking: written, declined and undone. */

import { expect, setDefaultTimeout } from "bun:test";
import { isBuilt, notBuilt } from "../support/executable.ts";
import { skipUnless } from "../support/skip.ts";
import { alone, type Person, person } from "./person.ts";

const test = skipUnless(isBuilt, notBuilt);
setDefaultTimeout(30_000);

const file = ".claude/settings.json";
const read = "mcp__peernet__read_messages";
const write = "mcp__peernet__message_peer";

const rulesOf = (who: Person): unknown => JSON.parse(who.read(file)).permissions;
const words = ["setup", "--yes", "--agents", "claude-code", ...alone];

test("setup shows what Claude Code will run unasked as a change of its own", async () => {
  await using mini = person();
  const { out } = await mini.run([...words, "--dry-run"]);
  expect(out).toMatch(/new {5}~\/\.claude\/settings\.json {2,}11 hooks: /);
  expect(out).toMatch(
    /change {2}~\/\.claude\/settings\.json {2,}Claude Code runs read_messages without asking you\n/,
  );
  expect(out).toContain(`+      "${read}"\n`);
  expect(mini.has(file)).toBe(false);
});

test("setup allows read_messages, and uninstall leaves every byte as it was", async () => {
  for (const text of [
    null,
    '{"permissions":{"allow":["Bash(ls)"]}}',
    '{\n  // mine\n  "permissions": { "allow": [ ] },\n}\n',
  ]) {
    await using mini = person();
    if (text !== null) mini.write(file, text);
    const before = mini.tree();
    await mini.setUp();
    expect(mini.read(file)).toContain(read);
    expect(mini.read(file)).not.toContain(write);
    expect((await mini.setUp()).changed).toBe(false);
    expect((await mini.run(["uninstall", "--yes"])).code).toBe(0);
    expect(mini.tree()).toEqual(before);
  }
});

test("uninstall takes its rule alone out of settings that changed since", async () => {
  await using mini = person();
  await mini.setUp();
  const settings = JSON.parse(mini.read(file));
  settings.permissions.allow.unshift("Bash(ls)");
  mini.write(file, JSON.stringify({ ...settings, model: "opus" }));
  await mini.run(["uninstall", "--yes"]);
  expect(JSON.parse(mini.read(file))).toEqual({
    permissions: { allow: ["Bash(ls)"] },
    model: "opus",
  });
});

test("a declined tool is not proposed again, and --allow changes the answer", async () => {
  await using mini = person();
  await mini.setUp("--allow", "none");
  expect(rulesOf(mini)).toBeUndefined();
  expect((await mini.setUp()).changed).toBe(false);
  await mini.setUp("--allow", "message_peer,read_messages");
  expect(rulesOf(mini)).toEqual({ allow: [read, write] });
  expect((await mini.setUp()).changed).toBe(false);
  const { out } = await mini.run([...words, "--allow", "read_messages"]);
  expect(out).toContain("Claude Code runs read_messages without asking you\n");
  expect(rulesOf(mini)).toEqual({ allow: [read] });
  await mini.run([...words, "--allow", "none"]);
  expect(rulesOf(mini)).toBeUndefined();
  await mini.run(["uninstall", "--yes"]);
  expect(mini.has(file)).toBe(false);
});

test("a rule of the user decides, whatever setup proposes", async () => {
  for (const list of ["ask", "deny", "allow"]) {
    await using mini = person();
    mini.write(file, JSON.stringify({ permissions: { [list]: [read] } }));
    const before = mini.tree();
    const { out } = await mini.run(words);
    expect(out).not.toContain("without asking you");
    expect(rulesOf(mini)).toEqual({ [list]: [read] });
    await mini.run(["uninstall", "--yes"]);
    expect(mini.tree()).toEqual(before);
  }
});

test("rules that are no list are refused with a hint that goes on without them", async () => {
  await using mini = person();
  mini.write(file, '{"permissions": {"allow": "all"}}');
  const { code, err } = await mini.run(words);
  expect([code, err]).toEqual([
    2,
    `peernet: error: ${mini.folder}/${file}: permissions.allow is not what it should be\n` +
      "peernet: hint: mend it, or leave all tools out by --allow none\n",
  ]);
  expect((await mini.run([...words, "--allow", "none"])).code).toBe(0);
  const unknown = await mini.run([...words, "--allow", "all"]);
  expect(unknown.err).toContain("--allow takes read_messages, message_peer or none, not all\n");
});

test("setup again offers the rule to a home that an earlier version set up", async () => {
  await using mini = person();
  await mini.setUp("--allow", "none");
  const ledger = JSON.parse(mini.read(".peernet/setup.json"));
  delete ledger.declined.tools;
  mini.write(".peernet/setup.json", JSON.stringify(ledger));
  const { out } = await mini.run(words);
  expect(out).toContain("Claude Code runs read_messages without asking you\n");
  expect(rulesOf(mini)).toEqual({ allow: [read] });
});
