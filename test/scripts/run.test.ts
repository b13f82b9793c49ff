import { describe, expect, spyOn, test } from "bun:test";
import { join } from "node:path";
import { failuresIn } from "../../scripts/test/failures.ts";
import { planOf, suites, testGate } from "../../scripts/test/gates.ts";
import { type Ran, type Running, runAll } from "../../scripts/test/run.ts";
import { temporaryFolder } from "../support/repository.ts";

const root = join(import.meta.dir, "../..");
const running: Running = { root, deadlineMs: 60_000, atOnce: 2 };

/** Runs gates that are shell scripts, with nothing printed; the counts of each, and all lines. */
async function ran(scripts: readonly string[], more: Partial<Running> = {}) {
  const gates = scripts.map((script, at) => ({ name: `${at}`, command: ["sh", "-c", script] }));
  using log = spyOn(console, "log").mockImplementation(() => {});
  const all: readonly Ran[] = await runAll(gates, { ...running, ...more });
  const sorted = [...all].sort((one, other) => one.gate.name.localeCompare(other.gate.name));
  return { counts: sorted.map(({ counts }) => counts), lines: log.mock.calls.map(String) };
}

describe("runAll()", () => {
  test("runAll() counts what the last line of a gate says", async () => {
    const { counts, lines } = await ran(["echo one; echo '3 passed, 0 failed, 2 skipped'"]);
    expect(counts).toEqual([{ passed: 3, failed: 0, skipped: 2 }]);
    expect(lines).toEqual([expect.stringMatching(/^\n== 0, 0 s\none\n3 passed/)]);
  });

  test("runAll() counts a gate that says nothing as one", async () => {
    const { counts } = await ran(["true", "false", "echo '3 passed, 0 failed, 0 skipped'; exit 1"]);
    expect(counts).toEqual([
      { passed: 1, failed: 0, skipped: 0 },
      { passed: 0, failed: 1, skipped: 0 },
      { passed: 3, failed: 1, skipped: 0 },
    ]);
  });

  test("runAll() runs as many at once as it may, and no more", async () => {
    using folder = temporaryFolder();
    // Each waits until another one is there: alone, none would end.
    const meet = (own: string, other: string): string =>
      `cd ${folder.path} && : >${own} && until [ -e ${other} ]; do sleep 0.01; done`;
    const { counts } = await ran([meet("a", "b"), meet("b", "a")]);
    expect(counts.map(({ passed }) => passed)).toEqual([1, 1]);
    const { counts: late } = await ran([meet("c", "d"), meet("d", "c")], {
      atOnce: 1,
      deadlineMs: 300,
    });
    expect(late.map(({ failed }) => failed)).toEqual([1, 0]);
  });

  test("runAll() ends a gate that hangs, counts it as failed and goes on", async () => {
    const { counts, lines } = await ran(["sleep 60", "true"], { deadlineMs: 300 });
    expect(counts.map(({ failed }) => failed)).toEqual([1, 0]);
    expect(lines).toContainEqual("0: ended after 0.005 minutes");
  });

  test("runAll() hands no setting of peernet on, but those that choose tests", async () => {
    process.env.PEERNET_HOME = "/elsewhere";
    process.env.PEERNET_TEST_PLANTED = "1";
    try {
      const { counts } = await ran(['test -z "$PEERNET_HOME" && test -n "$PEERNET_TEST_PLANTED"']);
      expect(counts).toEqual([{ passed: 1, failed: 0, skipped: 0 }]);
    } finally {
      delete process.env.PEERNET_HOME;
      delete process.env.PEERNET_TEST_PLANTED;
    }
  });

  test("runAll() reads a report, and counts a runner that leaves none as failed", async () => {
    using folder = temporaryFolder();
    const planted = `import { test } from "bun:test";
      test("good", () => {}); test.todo("later"); test("bad", () => { throw new Error("no"); });`;
    folder.write("test/planted.test.ts", planted);
    using _log = spyOn(console, "log").mockImplementation(() => {});
    const gates = ["test/planted.test.ts", "test/absent.test.ts"].map((path, at) =>
      testGate(`${at}`, [path], folder.path),
    );
    const all = await runAll(gates, { ...running, root: folder.path, atOnce: 1 });
    expect(all.map(({ counts }) => counts)).toEqual([
      { passed: 1, failed: 1, skipped: 1 },
      { passed: 0, failed: 1, skipped: 0 },
    ]);
    expect(all[0]?.failures).toEqual([expect.stringMatching(/^-- 0\n[\s\S]*error: no[\s\S]*bad/)]);
  });
});

test("failuresIn() repeats each error with its place and its test, and no line of others", () => {
  const output = [
    "test/a.test.ts:\n1 | expect(one).toBe(2);\nerror: not equal\n      at a.test.ts:1:1\n",
    "(fail) first [1.00ms]\nerror: second error\n      at a.test.ts:2:1\n(fail) second [1.00ms]\n",
    "1 pass\n",
  ].join("");
  expect(failuresIn(output)).toEqual([
    expect.stringMatching(/^test\/a[\s\S]*not equal[\s\S]*a\.test\.ts:1:1\n\(fail\) first/),
    expect.stringMatching(/^error: second error[\s\S]*\n\(fail\) second/),
  ]);
  expect(failuresIn("(pass) one\n 1 pass\n")).toEqual([]);
});

test("failuresIn() names a file that cannot be loaded", () => {
  const output =
    "test/a.test.ts:\n\n# Unhandled error between tests\n--\nerror: dist/peernet is older\n--\n";
  expect(failuresIn(output)).toEqual([
    expect.stringMatching(/error: dist\/peernet is older[\s\S]*test\/a\.test\.ts$/),
  ]);
});

describe("planOf()", () => {
  const names = (gates: readonly { readonly name: string }[]) => gates.map(({ name }) => name);
  const plan = planOf({ root, reports: "/nowhere", agents: true });

  test("planOf() runs every suite once, and those that measure times alone, at the end", () => {
    const all = [...plan.first, ...plan.shared, ...plan.alone];
    const wanted = suites({ root, agents: true }).map((suite) => `test/${suite}`);
    expect(names(all).sort()).toEqual([...wanted, "build", "check", "clients", "guards"].sort());
    expect(names(plan.first)).toEqual(["build"]);
    expect(names(plan.alone)).toEqual(["clients", "test/browser", "test/faults", "test/agents"]);
  });

  test("planOf() leaves real agents out unless they are asked for", () => {
    const { shared, alone } = planOf({ root, reports: "/nowhere", agents: false });
    expect(names([...shared, ...alone])).not.toContain("test/agents");
    expect(names(alone)).toEqual(["test/browser", "test/faults"]);
  });
});
