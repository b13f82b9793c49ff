/** The forge's workflows: pinned, with no more rights than they need. */

import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { hasProgram, skipUnless } from "./support/skip.ts";

const root = join(import.meta.dir, "..");
const folder = join(root, ".github/workflows");

interface Job {
  readonly needs?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly "timeout-minutes"?: number;
  readonly "runs-on"?: string;
}

interface Workflow {
  readonly text: string;
  readonly on: unknown;
  readonly permissions: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}

function workflow(name: string): Workflow {
  const text = readFileSync(join(folder, name), "utf8");
  // The shape is what is checked below.
  const parsed = Bun.YAML.parse(text) as Omit<Workflow, "text">;
  return { ...parsed, text };
}

const release = workflow("release.yml");
const check = workflow("check.yml");

test("the workflows are the two that are checked here", () => {
  expect(readdirSync(folder).sort()).toEqual(["check.yml", "release.yml"]);
});

describe.each([
  ["release.yml", release],
  ["check.yml", check],
] as const)("%s", (name, { text, permissions, jobs }) => {
  test("uses every action by the hash of a commit, and says which version that is", () => {
    const uses = text.split("\n").filter((line) => line.includes("uses:"));
    expect(uses.length).toBeGreaterThan(3);
    expect(uses.filter((line) => !/uses: [\w.-]+\/[\w.-]+@[0-9a-f]{40} # v\d/.test(line))).toEqual(
      [],
    );
  });

  test("gives a job only the rights that it names, and ends it in time", () => {
    expect(permissions).toEqual({});
    for (const job of Object.values(jobs)) {
      expect(job.permissions).toBeDefined();
      expect(job["timeout-minutes"]).toBeGreaterThan(0);
      expect(job["runs-on"]).toMatch(/^(ubuntu|macos)-\d/);
    }
  });

  test("leaves no token in a checkout, and puts no stranger's text into a script", () => {
    const checkouts = text.split("uses: actions/checkout@").slice(1);
    expect(checkouts.every((step) => /^.*\n +with:\n +persist-credentials: false/.test(step))).toBe(
      true,
    );
    const scripts = text.split("\n").filter((line) => !/^\s+([A-Z_]+|group): /.test(line));
    expect(scripts.filter((line) => line.includes("${{"))).toEqual([]);
  });

  skipUnless(hasProgram("actionlint"), "actionlint is not installed")("passes actionlint", () => {
    const { exitCode, stdout } = Bun.spawnSync(["actionlint", join(folder, name)]);
    expect([exitCode, stdout.toString()]).toEqual([0, ""]);
  });
});

describe("the workflow of a release", () => {
  test("may write contents in one job alone", () => {
    const writers = Object.entries(release.jobs).filter(
      ([, { permissions }]) => permissions?.contents === "write",
    );
    expect(writers.map(([name]) => name)).toEqual(["publish"]);
  });

  test("gives the key that signs to one job alone, which runs no package", () => {
    const jobs = Object.entries(release.jobs).map(
      ([name, job]) => [name, JSON.stringify(job)] as const,
    );
    const [holder, ...others] = jobs.filter(([, job]) => job.includes("SIGNING_KEY"));
    expect([holder?.[0], others]).toEqual(["sign", []]);
    expect(holder?.[1]).not.toMatch(/setup-node|setup\.sh|release\.sh|\b(npm|bun)\b/);
  });

  test("runs for tags alone", () => {
    expect(release.on).toEqual({ push: { tags: ["v*"] } });
  });

  test("builds nothing before the tests of minutes, as of other systems, have passed", () => {
    const { test: tests, build } = release.jobs;
    expect(JSON.stringify(tests)).toContain("./scripts/test.sh --long");
    expect(build?.needs).toBe("test");
  });
});

describe("the workflow of a pull request", () => {
  test("runs for pull requests alone, with the rights of a stranger", () => {
    expect(check.on).toEqual({ pull_request: null });
    for (const { permissions } of Object.values(check.jobs)) {
      expect(permissions).toEqual({ contents: "read" });
    }
    expect(check.text).not.toContain("secrets.");
  });

  test("runs on Linux, in ten minutes, and on macOS", () => {
    const { linux, macos } = check.jobs;
    expect([linux?.["runs-on"], linux?.["timeout-minutes"]]).toEqual(["ubuntu-24.04", 10]);
    expect(macos?.["runs-on"]).toStartWith("macos-");
  });

  test("names tests and scripts that there are, and every suite that it can run", () => {
    const named = [...new Set(check.text.match(/(?:\.\/scripts|test)\/[\w./-]+/g))];
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
    const suites = readdirSync(join(root, "test")).map((entry) => `test/${entry}`);
    const left = suites.filter((suite) => !JSON.stringify(check.jobs.linux).includes(suite));
    // By root, by a browser, by other systems, by the clock; and what holds no test.
    const elsewhere = ["agents", "browser", "faults", "install", "lan", "network"];
    const others = [...elsewhere, "release", "tailnet", "guards", "vectors"];
    expect(left.sort()).toEqual(others.map((suite) => `test/${suite}`).sort());
  });
});
