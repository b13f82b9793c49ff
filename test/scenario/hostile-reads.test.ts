/**
 * Readings of repositories that were made to run programs, to lead elsewhere or to break a reader,
 * by the built executable on two machines of an ordinary user.
 */

import { afterAll, beforeAll, describe, expect, setDefaultTimeout } from "bun:test";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isBuilt } from "../support/executable.ts";
import { canBeOrdinary, giveTo } from "../support/ordinary.ts";
import { skipUnless } from "../support/skip.ts";
import { commit, type Machine, machine, paired } from "./ordinary.ts";

const test = skipUnless(canBeOrdinary && isBuilt, "needs the built executable, and Linux");
setDefaultTimeout(60_000);

let mini: Machine;
let laptop: Machine;

if (canBeOrdinary && isBuilt) {
  beforeAll(async () => {
    [mini, laptop] = await Promise.all([machine("mini"), machine("laptop")]);
    await paired(mini, laptop);
  });
  afterAll(async () => {
    await mini[Symbol.asyncDispose]();
    await laptop[Symbol.asyncDispose]();
  });
}

/** Makes a repository, and lets the laptop read it. */
async function readable(name: string, files: Readonly<Record<string, string>>): Promise<string> {
  const path = mini.repository(name, files);
  const ran = await mini.run(["policy", "allow", "laptop", "read", path, "--yes"]);
  if (ran.code !== 0) throw new Error(ran.err);
  return path;
}

const git = (path: string, ...words: readonly string[]): string =>
  mini.does("git", "-C", path, ...words);

/** Writes bytes into a repository as an object; returns its name. */
function object(path: string, type: string, bytes: Uint8Array | string): string {
  const file = join(mini.folder, "object");
  writeFileSync(file, bytes);
  giveTo(file);
  return git(path, "hash-object", "-w", "-t", type, "--literally", file);
}

describe("a hostile repository", () => {
  test(
    "P47: Reading a repository runs nothing of it, opens none of its configuration, and tells " +
      "nothing outside the commit.",
    async () => {
      const path = await readable("hostile", {
        "a.txt": "needle\n",
        "sub/b.txt": "needle\n",
        ".gitattributes": "* filter=evil diff=evil merge=evil\n",
      });
      const ran = join(mini.folder, "ran");
      const script = join(mini.folder, "evil.sh");
      writeFileSync(script, `#!/bin/sh\ntouch ${ran}\ncat\n`, { mode: 0o755 });
      giveTo(script);
      const settings: Readonly<Record<string, string>> = {
        "filter.evil.smudge": script,
        "filter.evil.clean": script,
        "filter.evil.process": script,
        "diff.evil.textconv": script,
        "diff.external": script,
        "core.fsmonitor": script,
        "core.pager": script,
        "core.sshCommand": script,
        "core.hooksPath": join(mini.folder, "hooks"),
        "core.alternateRefsCommand": script,
        "uploadpack.packObjectsHook": script,
        "gpg.program": script,
        "credential.helper": script,
        "remote.evil.url": `ext::${script}`,
        "remote.evil.promisor": "true",
        "protocol.ext.allow": "always",
      };
      for (const [key, value] of Object.entries(settings)) git(path, "config", key, value);
      mkdirSync(join(mini.folder, "hooks"));
      for (const hook of ["post-checkout", "reference-transaction", "post-index-change"]) {
        writeFileSync(join(mini.folder, "hooks", hook), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
      }
      const before = existsSync(ran);
      expect((await laptop.run(["cat", "mini:hostile", "a.txt"])).out).toBe("needle\n");
      expect((await laptop.run(["grep", "mini:hostile", "needle"])).out).toBe(
        "a.txt:1:needle\nsub/b.txt:1:needle\n",
      );
      expect((await laptop.run(["ls", "mini:hostile"])).code).toBe(0);
      expect([before, existsSync(ran)]).toEqual([false, false]);
      for (const outside of ["/etc/passwd", "../x", ".git/config", "sub/../a.txt", "sub"]) {
        expect((await laptop.run(["cat", "mini:hostile", outside])).code).toBe(1);
      }
    },
  );

  test("tells a link as its text, and a submodule as its commit", async () => {
    const path = await readable("links", { "a.txt": "a\n" });
    mini.does("ln", "-s", "/etc/passwd", join(path, "link"));
    git(path, "add", "link");
    const sha = "1".repeat(40);
    git(path, "update-index", "--add", "--cacheinfo", `160000,${sha},module`);
    commit(mini.does, path, "links");
    expect(await laptop.run(["cat", "mini:links", "link"])).toMatchObject({ out: "/etc/passwd" });
    expect(await laptop.run(["cat", "mini:links", "module"])).toMatchObject({ out: sha });
    expect((await laptop.run(["grep", "mini:links", "root"])).code).toBe(1);
  });

  test("leaves out names that mean another place", async () => {
    const path = await readable("names", { "a.txt": "a\n" });
    const blob = object(path, "blob", "evil\n");
    const names = [".", "..", ".git", ".GIT", "a/b", "line\nfeed", "esc\x1b[2J", "ok.txt", "\xff"];
    const records = names.map((name) =>
      Buffer.concat([Buffer.from(`100644 ${name}\0`, "latin1"), Buffer.from(blob, "hex")]),
    );
    const tree = object(path, "tree", Buffer.concat(records));
    const who = "a <a@example.org> 1700000000 +0000";
    const made = `tree ${tree}\nauthor ${who}\ncommitter ${who}\n\nodd\n`;
    git(path, "update-ref", "refs/heads/main", object(path, "commit", made));
    expect((await laptop.run(["ls", "mini:names"])).out).toBe("ok.txt\n");
  });

  test("is refused when its objects lead to another repository", async () => {
    const other = mini.repository("other", { "secret.txt": "secret\n" });
    const sha = git(other, "rev-parse", "HEAD");
    const path = await readable("alternates", { "a.txt": "a\n" });
    const alternates = join(path, ".git/objects/info/alternates");
    writeFileSync(alternates, `${other}/.git/objects\n`);
    giveTo(alternates);
    writeFileSync(join(path, ".git/refs/heads/main"), `${sha}\n`);
    const ran = await laptop.run(["cat", "mini:alternates", "secret.txt"]);
    expect(ran).toMatchObject({ code: 1, out: "" });
    expect(ran.err).toContain("mini lets this machine read no repository alternates");
  });

  test("does not change an answer by a replaced object", async () => {
    const path = await readable("replaced", { "a.txt": "true\n" });
    const blob = git(path, "rev-parse", "HEAD:a.txt");
    git(path, "replace", blob, object(path, "blob", "false\n"));
    expect((await laptop.run(["cat", "mini:replaced", "a.txt"])).out).toBe("true\n");
  });

  test("is refused when an object is missing, as in a shallow or a partial clone", async () => {
    const path = await readable("partial", { "a.txt": "a\n", "b/c.txt": "c\n" });
    const tree = git(path, "rev-parse", "HEAD:b");
    mini.does("rm", "-f", join(path, ".git/objects", tree.slice(0, 2), tree.slice(2)));
    const ran = await laptop.run(["cat", "mini:partial", "a.txt"]);
    expect(ran).toMatchObject({ code: 1, out: "" });
  });

  test("is refused when it has gone", async () => {
    const path = await readable("gone", { "a.txt": "a\n" });
    mini.does("rm", "-rf", path);
    expect((await laptop.run(["cat", "mini:gone", "a.txt"])).code).toBe(1);
  });
});

describe("a large or odd repository", () => {
  test("tells the size of a file that is too large, and reads none of it", async () => {
    const path = await readable("large", { "a.txt": "a\n" });
    mini.does("sh", "-c", `head -c 60000000 /dev/zero > ${join(path, "zero.dat")}`);
    git(path, "add", "zero.dat");
    commit(mini.does, path, "large");
    const ran = await laptop.run(["cat", "mini:large", "zero.dat"]);
    expect(ran).toMatchObject({ code: 2, out: "" });
    expect(ran.err).toContain("the file has 60,000,000 bytes; at most 1,048,576 are read");
    expect((await laptop.run(["grep", "mini:large", "a"])).out).toBe("a.txt:1:a\n");
  });

  test("is refused when it has more than 500,000 entries", async () => {
    const path = await readable("bomb", { "a.txt": "a\n" });
    let tree = git(path, "rev-parse", "HEAD^{tree}");
    for (let level = 0; level < 6; level++) {
      const records = Array.from({ length: 10 }, (_, at) =>
        Buffer.concat([Buffer.from(`40000 d${at}\0`), Buffer.from(tree, "hex")]),
      );
      tree = object(path, "tree", Buffer.concat(records));
    }
    const who = "a <a@example.org> 1700000000 +0000";
    const made = `tree ${tree}\nauthor ${who}\ncommitter ${who}\n\nbomb\n`;
    git(path, "update-ref", "refs/heads/main", object(path, "commit", made));
    const ran = await laptop.run(["cat", "mini:bomb", "a.txt"]);
    expect(ran).toMatchObject({ out: "" });
    expect([2, 5]).toContain(ran.code);
  });

  test("with SHA-256 is read like any other", async () => {
    const path = join(mini.folder, "long");
    mini.does("git", "init", "-q", "-b", "main", "--object-format=sha256", path);
    writeFileSync(join(path, "a.txt"), "long\n");
    giveTo(join(path, "a.txt"));
    git(path, "add", "-A");
    commit(mini.does, path, "first");
    await mini.run(["policy", "allow", "laptop", "read", path, "--yes"]);
    const ran = await laptop.run(["cat", "mini:long", "a.txt"]);
    expect(ran).toMatchObject({ code: 0, out: "long\n" });
  });
});
