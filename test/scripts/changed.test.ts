import { describe, expect, test } from "bun:test";
import { changedFiles, testsOf } from "../../scripts/test/changed.ts";
import { repository, temporaryFolder } from "../support/repository.ts";

/** A tree with some tests, and no others. */
function tree() {
  const folder = temporaryFolder();
  for (const path of [
    "test/architecture.test.ts",
    "test/core/lease.test.ts",
    "test/core/peers/link.test.ts",
    "test/daemon/pairing/pins.test.ts",
    "test/scripts/prose.test.ts",
  ]) {
    folder.write(path, "");
  }
  return folder;
}

describe("testsOf()", () => {
  const always = "test/architecture.test.ts";
  for (const [changed, tests] of [
    [["src/core/lease.ts"], [always, "test/core"]],
    [["src/core/peers/link.ts"], [always, "test/core/peers"]],
    [["src/core/unknown/deep/a.ts"], [always, "test/core"]],
    [
      ["src/core/lease.ts", "src/core/peers/link.ts"],
      [always, "test/core"],
    ],
    [["src/client.ts"], [always]],
    [["test/core/lease.test.ts"], [always, "test/core/lease.test.ts"]],
    [["test/core/samples.ts"], [always, "test/core"]],
    [["test/core/gone.test.ts"], [always]],
    [["scripts/prose.ts"], [always, "test/scripts"]],
    [["LICENSE"], []],
    [[], []],
  ] as const) {
    test(`testsOf() of ${changed.join(" and ") || "nothing"}`, () => {
      using folder = tree();
      expect(testsOf(changed, folder.path)).toEqual(tests);
    });
  }
});

test("changedFiles() are those since main: committed, not committed, and not added", () => {
  using of = repository();
  of.git("checkout", "--quiet", "-b", "work");
  of.write("hydrate/b.txt", "committed\n");
  of.git("add", ".");
  of.git("commit", "--quiet", "--message=Add another");
  of.write("hydrate/a.txt", "changed\n");
  of.write("hydrate/c.txt", "new\n");
  of.git("checkout", "--quiet", "-b", "elsewhere", "main");
  of.git("checkout", "--quiet", "work");
  expect(changedFiles(of.tree)).toEqual(["a.txt", "b.txt", "c.txt"]);
});
