import { expect, test } from "bun:test";
import {
  fromHome,
  frozenConfig,
  isKnownFormat,
  isSafeDirectory,
  settingsOf,
  truthOf,
} from "../../../src/session/git/settings.ts";
import { upstreamRef } from "../../../src/session/git/upstream.ts";

const of = (...records: readonly string[]) =>
  settingsOf(Buffer.from(records.map((record) => `${record}\0`).join("")));

const files = { excludes: "/home/ada/ignore", attributes: "/home/ada/attributes" };

test("frozenConfig() takes over values of a known form, and nothing that names a program", () => {
  const user = of("core.autocrlf\ninput", "core.pager\nless", "filter.lfs.clean\ngit-lfs");
  const own = of(
    ...["core.filemode\nfalse", "core.eol\ncrlf", "core.checkstat\nmaximal", "core.symlinks"],
    ...["core.fsmonitor\n/evil", "core.hookspath\n/evil", "include.path\n/evil"],
    ...["core.ignorecase\nTRUE", "core.eol\nnative\n[filter]x", "extensions.objectformat\nsha1"],
  );
  const text = frozenConfig(user, own, files);
  expect(text).not.toMatch(/evil|lfs|less|maximal|objectformat|filter/);
  const kept = ['autocrlf = "input"', 'filemode = "false"', 'symlinks = "true"'];
  for (const line of [...kept, 'ignorecase = "true"', 'fsmonitor = "false"']) {
    expect(text).toContain(`\t${line}\n`);
  }
  // The last value holds, and where it is of no known form none does.
  expect(text).not.toContain("eol =");
});

test("frozenConfig() quotes a path, whatever is in its name", () => {
  const excludes = '/a "b"\\c\n[filter "evil"]\n\tclean = x';
  const text = frozenConfig(of(), of(), { ...files, excludes });
  expect(text).toContain('excludesfile = "/a \\"b\\"\\\\c\\n[filter \\"evil\\"]\\n\\tclean = x"\n');
});

test("isKnownFormat() is false for what git would refuse or is not read here", () => {
  const version = "core.repositoryformatversion\n1";
  expect(isKnownFormat(of())).toBe(true);
  expect(isKnownFormat(of(version, "extensions.objectformat\nsha256"))).toBe(true);
  expect(isKnownFormat(of(version, "extensions.refstorage\nfiles"))).toBe(true);
  expect(isKnownFormat(of(version, "extensions.refstorage\nreftable"))).toBe(true);
  expect(isKnownFormat(of(version, "extensions.refstorage\nreftable:///x"))).toBe(false);
  expect(isKnownFormat(of("extensions.refstorage\nreftable"))).toBe(false);
  expect(isKnownFormat(of(version, "extensions.other\ntrue"))).toBe(false);
  expect(isKnownFormat(of("extensions.other\ntrue"))).toBe(true);
  expect(isKnownFormat(of("core.repositoryformatversion\n2"))).toBe(false);
  expect(isKnownFormat(of("core.repositoryformatversion\nx"))).toBe(false);
});

test("isSafeDirectory() is git's own rule", () => {
  const safe = (...values: readonly string[]): boolean =>
    isSafeDirectory(
      of(...values.map((value) => `safe.directory\n${value}`)),
      "/home/ada/src",
      "/home/ada",
    );
  expect([safe(), safe("/home/ada"), safe("/home/ada/src/")]).toEqual([false, false, false]);
  expect([safe("*"), safe("/home/ada/src"), safe("~/src")]).toEqual([true, true, true]);
  expect([safe("/home/ada/*"), safe("/home/*"), safe("/home/a*")]).toEqual([true, true, false]);
  expect([safe("*", ""), safe("*", "", "~/src")]).toEqual([false, true]);
});

test("truthOf() is git's own rule", () => {
  for (const value of ["true", "Yes", "ON", "1", "2"]) expect(truthOf(value)).toBe(true);
  for (const value of ["false", "No", "OFF", "0", ""]) expect(truthOf(value)).toBe(false);
  for (const value of ["input", "truely", "-"]) expect(truthOf(value)).toBeNull();
});

test("fromHome() resolves a leading ~ alone", () => {
  const paths = ["~", "~/a", "~b/a", "/a/~"].map((path) => fromHome(path, "/home/ada"));
  expect(paths).toEqual(["/home/ada", "/home/ada/a", "~b/a", "/a/~"]);
});

test("upstreamRef() maps an upstream as git fetch does", () => {
  const remote = ["branch.a/b.remote\norigin", "branch.a/b.merge\nrefs/heads/c"];
  const fetching = (...refspecs: readonly string[]) =>
    upstreamRef(
      of(...remote, ...refspecs.map((refspec) => `remote.origin.fetch\n${refspec}`)),
      "refs/heads/a/b",
    );
  expect(fetching("+refs/heads/*:refs/remotes/origin/*")).toBe("refs/remotes/origin/c");
  expect(fetching("refs/heads/c:refs/x/c", "+refs/heads/*:refs/y/*")).toBe("refs/x/c");
  expect(fetching("refs/heads/d:refs/x/d", "+refs/*/c:refs/y/*/z")).toBe("refs/y/heads/z");
  expect(fetching("refs/heads/d*:refs/x/*")).toBeNull();
  expect(fetching("refs/heads/c", "")).toBeNull();
  expect(fetching()).toBeNull();
  const local = of("branch.a.remote\n.", "branch.a.merge\nrefs/heads/main");
  expect(upstreamRef(local, "refs/heads/a")).toBe("refs/heads/main");
  expect(upstreamRef(local, "refs/heads/b")).toBeNull();
  expect(upstreamRef(local, "refs/a")).toBeNull();
});
