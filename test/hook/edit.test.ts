/** The hook before an edit: its warning, and its silence wherever something is missing or late. */

import { expect } from "bun:test";
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathDigest } from "../../src/session/overlap.ts";
import { type Home, home, isBuilt, notBuilt } from "../support/executable.ts";
import type { Ran } from "../support/ran.ts";
import { temporaryFolder } from "../support/repository.ts";
import { skipUnless } from "../support/skip.ts";

const test = skipUnless(isBuilt, notBuilt);

const silent: Ran = { code: 0, out: "", err: "" };
const identity = "a".repeat(40);
const line = "peernet: another live session, on mini, has changed this file";

interface Asked {
  readonly session: unknown;
  readonly paths: readonly string[];
}

/** Answers in the place of a daemon: a tree, then a warning about one path. */
function daemon(mini: Home, root: string, answers: () => Promise<void> = async () => {}) {
  const asked: Asked[] = [];
  const warning = { machine: "mini", here: false, fingerprint: null };
  const server = Bun.serve({
    unix: join(mini.folder, "control.sock"),
    fetch: async (request) => {
      if (!request.url.endsWith("/v1/overlap/edit")) return new Response("", { status: 404 });
      const about = (await request.json()) as Asked;
      asked.push(about);
      await answers();
      const isChanged = about.paths.includes(pathDigest(identity, "src/a.ts"));
      return Response.json({ tree: { root, identity }, warning: isChanged ? warning : null });
    },
  });
  return { asked, [Symbol.asyncDispose]: () => server.stop(true) };
}

const edit = (cwd: string, file_path: string) =>
  JSON.stringify({
    ...{ session_id: "session-a", cwd, hook_event_name: "PreToolUse", tool_name: "Edit" },
    tool_input: { file_path, old_string: "hunter2", new_string: "*******" },
  });

/** A busy machine may answer too late: the last of a few tries counts. */
async function warned(mini: Home, stdin: string): Promise<Ran> {
  let ran = await mini.run(["hook", "claude-code"], { stdin });
  for (let tries = 1; ran.out === "" && tries < 5; tries += 1) {
    ran = await mini.run(["hook", "claude-code"], { stdin });
  }
  return ran;
}

test("a hook before an edit prints one line, and decides nothing", async () => {
  await using mini = home("mini");
  using folder = temporaryFolder();
  const root = folder.path;
  await using stub = daemon(mini, root);
  const { code, out, err } = await warned(mini, edit(root, "src/a.ts"));
  expect([code, err, out.split("\n").length]).toEqual([0, "", 2]);
  expect(JSON.parse(out)).toEqual({
    systemMessage: line,
    hookSpecificOutput: { hookEventName: "PreToolUse", additionalContext: line },
  });
  // The daemon learns of a digest alone.
  expect(stub.asked.at(-1)).toEqual({
    session: { session_id: "session-a" },
    paths: [pathDigest(identity, "src/a.ts")],
  });
});

test("a hook follows links to the place of a file, and asks about no file elsewhere", async () => {
  await using mini = home("mini");
  using folder = temporaryFolder();
  const root = join(folder.path, "tree");
  mkdirSync(join(root, "src"), { recursive: true });
  writeFileSync(join(root, "src/a.ts"), "");
  symlinkSync(root, join(folder.path, "link"));
  symlinkSync("a.ts", join(root, "src/alias.ts"));
  symlinkSync("/etc", join(root, "etc"));
  await using stub = daemon(mini, root);
  for (const [cwd, path] of [
    [root, join(folder.path, "link/src/a.ts")],
    [join(folder.path, "link"), "src/a.ts"],
    [join(root, "src"), "../src/./alias.ts"],
  ] as const) {
    expect([path, (await warned(mini, edit(cwd, path))).out !== ""]).toEqual([path, true]);
  }
  const before = stub.asked.length;
  for (const path of ["/etc/passwd", "..", ".", "etc/passwd", "../other/src/a.ts"]) {
    expect(await mini.run(["hook", "claude-code"], { stdin: edit(root, path) })).toEqual(silent);
  }
  expect(stub.asked.slice(before).flatMap(({ paths }) => paths)).toEqual([]);
});

test("a hook before an edit says nothing when the daemon is late, or not there", async () => {
  await using mini = home("mini");
  using folder = temporaryFolder();
  const stdin = edit(folder.path, "src/a.ts");
  expect(await mini.run(["hook", "claude-code"], { stdin })).toEqual(silent);
  const held = Promise.withResolvers<void>();
  await using stub = daemon(mini, folder.path, () => held.promise);
  const log = join(mini.folder, "daemon.log");
  writeFileSync(log, "", { mode: 0o600 });
  // It ends while the daemon still holds its answer, long before a hook's own deadline.
  expect(await mini.run(["hook", "claude-code"], { stdin })).toEqual(silent);
  expect([stub.asked.length, readFileSync(log, "utf8")]).toEqual([1, ""]);
  held.resolve();
  rmSync(join(mini.folder, "control.sock"), { force: true });
});
