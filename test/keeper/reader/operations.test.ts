/** The operations of a reader on a commit of real git objects, outside of any wall. */

import { afterAll, beforeAll, describe, expect } from "bun:test";
import { join } from "node:path";
import {
  listedPathsMax,
  operationMs,
  readReplyBytesMax,
  searchMatchesMax,
} from "../../../src/contract/reads/limits.ts";
import type { OperationEnd } from "../../../src/contract/reads/reads.ts";
import { denying } from "../../../src/keeper/reader/deny.ts";
import { type Readable, readFile } from "../../../src/keeper/reader/file.ts";
import { openObjects } from "../../../src/keeper/reader/git.ts";
import { listPaths } from "../../../src/keeper/reader/glob.ts";
import { search } from "../../../src/keeper/reader/grep.ts";
import { isReachable, openCommit, whyUnopened } from "../../../src/keeper/reader/tree.ts";
import { makePlace, type ReaderPlace } from "../../../src/keeper/sandbox/place.ts";
import { clocks } from "../../../src/platform/clock/clock.ts";
import { systemGit } from "../../../src/session/git/program.ts";
import { type Folder, temporaryFolder } from "../../support/repository.ts";
import { skipUnless } from "../../support/skip.ts";

const test = skipUnless(process.platform === "linux", "a reader limits git by Linux calls");

let folder: Folder;
let place: ReaderPlace;
let readable: Readable;
let first: string;

const wide = `${"é".repeat(30_000)}\n`;
const files: Readonly<Record<string, string>> = {
  "a.txt": "one\ntwo\nthree\nfour",
  "empty.txt": "",
  "wide.txt": wide,
  "pointer.bin": "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
  "many/matches.txt": "needle\n".repeat(searchMatchesMax + 50),
  "slow.txt": `${"a".repeat(40)}!a\n`,
  "carriage.txt": "one\r\ntwo\r\n",
};

const git = (...words: readonly string[]): string => {
  const who = ["-c", "user.name=a", "-c", "user.email=a@example.org"];
  const { stdout, success, stderr } = Bun.spawnSync(
    ["git", "-C", join(folder.path, "repository"), ...who, ...words],
    { env: { PATH: "/usr/bin:/bin", HOME: folder.path } },
  );
  if (!success) throw new Error(stderr.toString());
  return stdout.toString().trim();
};

beforeAll(async () => {
  if (process.platform !== "linux") return;
  folder = temporaryFolder();
  for (const [name, text] of Object.entries(files)) folder.write(`repository/${name}`, text);
  for (let at = 0; at < listedPathsMax + 10; at++) folder.write(`repository/list/${at}`, "");
  git("init", "-q", "-b", "main");
  git("add", "-A");
  git("commit", "-q", "-m", "first");
  first = git("rev-parse", "HEAD");
  git("commit", "-q", "--allow-empty", "-m", "second");
  place = await makePlace(folder.path, "sha1");
  const program = (await systemGit()) ?? "";
  const own = join(folder.path, "repository/.git/objects");
  const objects = openObjects({ git: program, shell: place.shell, objects: [own] });
  const commit = await openCommit(objects, git("rev-parse", "HEAD"));
  readable = { objects, commit, isDenied: denying([]) };
});
afterAll(() => {
  if (process.platform === "linux") folder[Symbol.dispose]();
});

const file = (path: string, more: object = {}) =>
  readFile(readable, { path, lines: null, cursor: null, ...more });
const grep = (pattern: string, more: object = {}) =>
  search(
    readable,
    { pattern, regexp: false, glob: null, context: 0, cursor: null, ...more },
    clocks,
  );

/** The value of an operation that has one. */
function answerOf(end: OperationEnd) {
  if (!("value" in end)) throw new Error(`it ended as ${end.end}`);
  return end.value;
}

describe("readFile()", () => {
  test("tells the lines of a file, and keeps a missing end of the last", async () => {
    expect(answerOf(await file("a.txt"))).toMatchObject({
      ...{ kind: "text", text: "one\ntwo\nthree\nfour", first_line: 1, total: 4, cursor: null },
    });
  });

  test("tells some lines, and none beyond the end", async () => {
    expect(answerOf(await file("a.txt", { lines: { from: 2, to: 3 } }))).toMatchObject({
      ...{ text: "two\nthree", first_line: 2, incomplete: null },
    });
    expect(answerOf(await file("a.txt", { lines: { from: 9, to: 12 } }))).toMatchObject({
      ...{ text: "", incomplete: null, cursor: null },
    });
  });

  test("keeps carriage returns, tells an empty file and a pointer of Git LFS", async () => {
    expect(answerOf(await file("carriage.txt"))).toMatchObject({ text: "one\r\ntwo\r\n" });
    expect(answerOf(await file("empty.txt"))).toMatchObject({ kind: "text", text: "", bytes: 0 });
    expect(answerOf(await file("pointer.bin"))).toMatchObject({ kind: "lfs" });
  });

  test("cuts a line that alone is over a reply, and says so", async () => {
    const value = answerOf(await file("wide.txt"));
    expect(value).toMatchObject({ incomplete: "more", cursor: null });
    const text = "text" in value ? (value.text ?? "") : "";
    expect(Buffer.byteLength(JSON.stringify(text))).toBeLessThanOrEqual(readReplyBytesMax);
    expect(wide.startsWith(text)).toBeTrue();
  });

  test("is absent for a denied path, which the owner's record tells apart", async () => {
    const denied = { ...readable, isDenied: denying(["a.txt"]) };
    const input = { path: "a.txt", lines: null, cursor: null };
    expect(await readFile(denied, input)).toEqual({ end: "absent", denied: true });
    const listed = listPaths(denied, { pattern: "*.txt", cursor: null }, clocks);
    expect(JSON.stringify(listed)).not.toContain("a.txt");
    const found = await search(
      denied,
      { pattern: "three", regexp: false, glob: null, context: 0, cursor: null },
      clocks,
    );
    expect(found).toMatchObject({ value: { matches: [] } });
  });

  test("is absent for a path that leads elsewhere", async () => {
    for (const path of ["", "..", "../a.txt", "/a.txt", "./a.txt", "list", "a.txt/", "a.txt\0"]) {
      expect(await file(path)).toEqual({ end: "absent", denied: false });
    }
  });
});

describe("listPaths()", () => {
  test("pages through more paths than a reply holds, each once", () => {
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const end = listPaths(readable, { pattern: "list/*", cursor }, clocks);
      if (end.end !== "glob") throw new Error(end.end);
      expect(end.value.total).toBe(listedPathsMax + 10);
      seen.push(...end.value.paths);
      ({ cursor } = end.value);
    } while (cursor !== null);
    expect(new Set(seen).size).toBe(listedPathsMax + 10);
  });

  test("says that its time was up, and tells no total then", () => {
    let nowMs = 0;
    const slow = { ...clocks, monotonicMs: () => (nowMs += operationMs) };
    const end = listPaths(readable, { pattern: "**", cursor: null }, slow);
    expect(end).toMatchObject({ value: { incomplete: "deadline", total: null } });
  });
});

describe("search()", () => {
  test("pages through more matches than a reply holds, each once", async () => {
    const firstPage = answerOf(await grep("needle"));
    expect(firstPage).toMatchObject({ incomplete: "more", total: null });
    const cursor = firstPage.cursor ?? "";
    const secondPage = answerOf(await grep("needle", { cursor }));
    expect(secondPage).toMatchObject({ incomplete: null, total: searchMatchesMax + 50 });
    const all = [firstPage, secondPage].flatMap((page) => ("matches" in page ? page.matches : []));
    const lines = all.map(({ line }) => line);
    expect(lines).toEqual(Array.from({ length: searchMatchesMax + 50 }, (_, at) => at + 1));
  });

  test("takes a fixed text as it is, and an expression line by line", async () => {
    expect(answerOf(await grep("o.e"))).toMatchObject({ matches: [], incomplete: null });
    expect(answerOf(await grep("^tw.$", { regexp: true, glob: "a.txt" }))).toMatchObject({
      matches: [{ path: "a.txt", line: 2, text: "two" }],
    });
    expect(await grep("(", { regexp: true })).toEqual({ end: "bad_pattern" });
  });

  test("never tells an expression that was too expensive as no match", async () => {
    const end = await grep("(a+)+$", { regexp: true, glob: "slow.txt" });
    expect(end).toMatchObject({ value: { incomplete: "pattern_too_expensive", total: null } });
  });
});

describe("openCommit()", () => {
  test("refuses what is no commit, and what is not there", async () => {
    const why = (name: string) => openCommit(readable.objects, name).then(() => null, whyUnopened);
    expect(await why(git("rev-parse", "HEAD:a.txt"))).toBe("odd");
    expect(await why(git("rev-parse", "HEAD^{tree}"))).toBe("odd");
    expect(await why("0".repeat(40))).toBe("missing");
  });

  test("follows a tag to its commit", async () => {
    git("tag", "-a", "v1", "-m", "v1", first);
    const opened = await openCommit(readable.objects, git("rev-parse", "refs/tags/v1"));
    expect(opened.sha).toBe(first);
  });
});

describe("isReachable()", () => {
  test("is true for an ancestor of a tip alone", async () => {
    const tip = git("rev-parse", "HEAD");
    expect(await isReachable(readable.objects, first, [tip])).toBeTrue();
    expect(await isReachable(readable.objects, tip, [first])).toBeFalse();
  });
});
