/** Files that another program writes while setup changes them or takes them back. */

import { expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PeernetError } from "../../../src/contract/errors.ts";
import { timers } from "../../../src/platform/clock/timers.ts";
import { stateFiles } from "../../../src/platform/files.ts";
import { type Applying, apply, takeBack } from "../../../src/setup/apply/apply.ts";
import { find, remove, replace } from "../../../src/setup/apply/files.ts";
import { nothingDeclined, readLedger } from "../../../src/setup/apply/ledger.ts";
import type { Change } from "../../../src/setup/plan/changes.ts";
import type { Plan } from "../../../src/setup/plan/plan.ts";
import { proposed, type Settings } from "../../../src/setup/plan/settings.ts";

/** A folder with an agent's file in it, and the dependencies of applying. */
function workplace() {
  const folder = mkdtempSync(join(tmpdir(), "peernet-written-"));
  const path = join(folder, "settings.json");
  const parts: Applying = {
    environment: {},
    timers,
    files: stateFiles(join(folder, "state")),
    registered: { command: ["/opt/peernet"], home: null },
  };
  const write = (text: string): void => writeFileSync(path, text);
  const read = (): string => readFileSync(path, "utf8");
  return {
    folder,
    path,
    parts,
    write,
    read,
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}

/** A change that adds a line, and lets the agent write before the result is in place. */
const adding = (path: string, agentWrites: () => void): Change => ({
  kind: "mcp",
  agent: null,
  path,
  what: "MCP server",
  edit: (text) => {
    agentWrites();
    return text?.includes("ours\n") ? text : `${text ?? ""}ours\n`;
  },
  replaces: () => null,
  command: null,
});

function planOf(change: Change): Plan {
  const found = find(change.path);
  const before = found.text;
  const steps = [{ change, found, before, state: "change", after: "", replaces: null } as const];
  const settings: Settings = { ...proposed(null, "127.0.0.1"), name: "mini" };
  return { settings, steps, undone: [], service: null, keeper: null, declined: nothingDeclined };
}

test("apply() loses no write of an agent that comes between reading and replacing", async () => {
  using at = workplace();
  at.write("0\n");
  let count = 0;
  const change = adding(at.path, () => {
    if (count < 3) at.write(`${at.read()}${++count}\n`);
  });
  await apply(at.parts, planOf(change));
  expect(at.read()).toBe("0\n1\n2\n3\nours\n");
  // The file comes back as the agent left it, not as it was when setup began.
  const [file] = readLedger(at.parts.files).files;
  if (file === undefined) throw new Error("nothing was noted");
  expect(await takeBack(at.parts, file)).toEqual({ path: at.path, outcome: "restored" });
  expect(at.read()).toBe("0\n1\n2\n3\n");
});

test("apply() refuses a file that is written all the time, with each write in it", async () => {
  using at = workplace();
  at.write("0\n");
  let count = 0;
  const change = adding(at.path, () => at.write(`${at.read()}${++count}\n`));
  const refused = new PeernetError("bad_request", {
    message: `${at.path} is written by another program all the time`,
  });
  await expect(apply(at.parts, planOf(change))).rejects.toThrow(refused);
  expect(at.read()).toBe(Array.from({ length: count + 1 }, (_, at) => `${at}\n`).join(""));
  // The hint: once that program has ended, it is done.
  await apply(at.parts, planOf(adding(at.path, () => {})));
  expect(at.read()).toEndWith("ours\n");
});

test("replace() and remove() change nothing of a file that was written since it was found", () => {
  using at = workplace();
  at.write("one");
  const found = find(at.path);
  at.write("two");
  expect(replace(found, "ours")).toBe(false);
  expect(remove(found, [])).toBe(false);
  expect(at.read()).toBe("two");
  rmSync(at.path);
  expect(replace(found, "ours")).toBe(false);
  const absent = find(at.path);
  at.write("two");
  expect(replace(absent, "ours")).toBe(false);
  expect(replace(find(at.path), "ours")).toBe(true);
  expect(at.read()).toBe("ours");
});
