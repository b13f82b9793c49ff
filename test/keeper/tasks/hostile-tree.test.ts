/**
 * Repositories and trees that try to run programs: hooks, filters, monitors and helpers of the
 * person's clone, of the tree, and of repositories inside of it. None runs, on either side.
 */

import { afterAll, beforeAll, describe, expect } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { TaskPlace } from "../../../src/contract/tasks/errands.ts";
import { canDelegate, cannotDelegate, type Delegated, delegated } from "../../support/delegated.ts";
import { giveTo } from "../../support/ordinary.ts";
import { skipUnless } from "../../support/skip.ts";

const test = skipUnless(canDelegate, cannotDelegate);
let user: Delegated;
let clone: string;
let base: string;
/** A folder in which everything that runs leaves a file. */
let ran: string;
const place: TaskPlace = { kind: "repository", name: "clone", path: "~/clone", clone: null };
const git = (...words: readonly string[]): string => user.run(["git", ...words], clone).trim();

const hooks = [
  ...["post-checkout", "post-commit", "pre-commit", "post-index-change", "reference-transaction"],
  ...["pre-auto-gc", "post-merge", "fsmonitor-watchman", "prepare-commit-msg", "post-rewrite"],
];

/** Settings by which git runs programs, each of which leaves a file. */
function lure(command: (name: string) => string): readonly (readonly [string, string])[] {
  return [
    ["core.fsmonitor", command("fsmonitor")],
    ["core.sshCommand", command("ssh")],
    ["core.pager", command("pager")],
    ["core.alternateRefsCommand", command("alternates")],
    ["filter.evil.smudge", command("smudge")],
    ["filter.evil.clean", command("clean")],
    ["filter.evil.process", command("process")],
    ["filter.evil.required", "true"],
    ["diff.evil.textconv", command("textconv")],
    ["diff.evil.command", command("diff")],
    ["diff.external", command("external")],
    ["merge.evil.driver", command("driver")],
    ["gpg.program", command("gpg")],
    ["commit.gpgSign", "true"],
    ["credential.helper", command("credential")],
  ];
}

/** Hooks of a repository, each of which leaves a file. */
function plantHooks(folder: string, command: (name: string) => string): void {
  for (const name of hooks) {
    user.write(join(folder, name), `#!/bin/sh\n${command(`hook-${name}`)}\n`, 0o755);
  }
}

/** A command that a run leaves for those who work on its tree. */
const inside = (name: string) => `touch /tmp/ran/${name}; cat`;
/** A script that makes a repository full of lures. */
const nest = (folder: string): string =>
  [
    `git init -q ${folder}; echo x > ${folder}/x; git -C ${folder} add -A`,
    `git -C ${folder} -c user.name=a -c user.email=a@b commit -qm x`,
    ...lure(inside).map(([key, value]) => `git -C ${folder} config ${key} '${value}'`),
    ...hooks.map(
      (name) =>
        `printf '#!/bin/sh\\n${inside(`hook-${name}`)}\\n' > ${folder}/.git/hooks/${name}; ` +
        `chmod +x ${folder}/.git/hooks/${name}`,
    ),
  ].join("\n");
/** A script that makes two of them, and more that is no file. */
const nests =
  `unset GIT_DIR; export HOME=/tmp; mkdir -p /tmp/ran\n${nest("sub")}\n` +
  `mkdir deep\n${nest("deep/er")}\necho y > deep/y; ln -s sub/.git stolen; mkfifo pipe\n`;

beforeAll(() => {
  if (!canDelegate) return;
  user = delegated();
  clone = join(user.folder, "clone");
  ran = join(user.folder, "ran");
  for (const folder of [clone, ran]) {
    mkdirSync(folder);
    giveTo(folder);
  }
  git("init", "-q", "-b", "main");
  user.write(join(clone, ".gitattributes"), "* filter=evil diff=evil merge=evil\n");
  user.write(join(clone, ".gitconfig"), "[core]\n\tfsmonitor = touch /tmp/x\n");
  user.write(join(clone, "a.txt"), "one\n");
  user.write(join(clone, "nest.sh"), nests);
  git("add", "-A");
  git("commit", "-qm", "first");
  base = git("rev-parse", "HEAD");
  const command = (name: string) => `touch ${ran}/${name}; cat`;
  for (const [key, value] of lure(command)) git("config", key, value);
  plantHooks(join(clone, ".git/hooks"), command);
});
afterAll(async () => {
  if (canDelegate) await user[Symbol.asyncDispose]();
});

/** Runs a script to its end, in a round of a task. */
async function ended(script: string, id: { task_id: string; round: number }) {
  const order = await user.begin({ place, base, command: ["sh", "-c", script], ...id });
  const { result } = await user.awaited(order, ["ended"]);
  if (result === null) throw new Error("it has no result");
  return { ...result.short, folder: user.round(order), log: user.log(order) };
}

describe("a hostile clone", () => {
  const promise =
    "P73: A task runs nothing of a repository's hooks, filters, helpers and settings, neither at its " +
    "start, nor when it is collected, nor when its commit comes home.";
  test(promise, async () => {
    // The lures work: git runs them in the clone itself.
    user.run(["sh", "-c", "git status --short >/dev/null 2>&1; true"], clone);
    expect(readdirSync(ran).length).toBeGreaterThan(0);
    user.run(["sh", "-c", `rm -f ${ran}/*`]);
    const id = { task_id: Bun.randomUUIDv7(), round: 1 };
    const { state, measured, folder } = await ended("echo two >> a.txt", id);
    expect([state, measured.files_count]).toEqual(["completed", 1]);
    const asked = join(user.state, "tasks-asked", id.task_id, "1");
    user.run(["mkdir", "-p", asked]);
    user.run(["cp", join(folder, "tree.bundle"), asked]);
    const { commit, bundle } = measured;
    if (commit === null || bundle === null) throw new Error("no commit");
    const errand = { ...id, root: clone, machine: "mini", name: "x", base, commit, bundle };
    expect(await user.errand("task_import", errand)).toMatchObject({ imported: true });
    const packing = { ...id, folder: clone, at: null, wip: true, bundle: true };
    expect(await user.errand("task_pack", packing)).toMatchObject({ packed: true });
    expect(readdirSync(ran)).toEqual([]);
  });
});

describe("a hostile tree", () => {
  test("D2: has its repositories left out and told, in every round", async () => {
    const id = { task_id: Bun.randomUUIDv7(), round: 1 };
    const first = await ended("exec 2>&1; . ./nest.sh", id);
    expect([first.state, first.reason]).toEqual(["completed", null]);
    expect(first.measured.nested_repositories.toSorted()).toEqual(["deep/er", "sub"]);
    const names = (folder: string): readonly string[] =>
      JSON.parse(readFileSync(join(folder, "result.json"), "utf8")).measured.files.map(
        ({ path }: { path: string }) => path,
      );
    expect(names(first.folder)).toEqual(["deep/y", "stolen"]);
    const second = await ended("echo z > sub/z; echo z > z", { ...id, round: 2 });
    expect(names(second.folder)).toEqual(["deep/y", "stolen", "z"]);
    expect(second.measured.nested_repositories.toSorted()).toEqual(["deep/er", "sub"]);
    const left = join(user.state, "tasks", id.task_id, "tmp/ran");
    expect(existsSync(left) ? readdirSync(left) : []).toEqual([]);
  });

  test("D3: keeps the links of a tree links, and takes no file from outside of it", async () => {
    const script = "ln -s /etc/hostname out; ln -s ../../../state/x up; ln -s / root; mkdir d";
    const { measured, folder } = await ended(script, { task_id: Bun.randomUUIDv7(), round: 1 });
    const whole = JSON.parse(readFileSync(join(folder, "result.json"), "utf8"));
    const modes = whole.measured.files.map(({ mode }: { mode: string }) => mode);
    expect(modes).toEqual(["120000", "120000", "120000"]);
    expect(measured.added).toBe(3);
  });

  test("fails by name when it holds a path that git refuses", async () => {
    const id = { task_id: Bun.randomUUIDv7(), round: 1 };
    const { state, reason } = await ended("mkdir -p d/.GIT; echo x > d/.GIT/config", id);
    expect([state, reason]).toEqual(["failed", "uncommittable"]);
  });

  test("fails by name when it changes too many files", async () => {
    const id = { task_id: Bun.randomUUIDv7(), round: 1 };
    const { state, reason } = await ended("seq 5001 | xargs touch", id);
    expect([state, reason]).toEqual(["failed", "too_many_files"]);
  });
});
