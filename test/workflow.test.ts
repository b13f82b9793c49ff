/** The forge's workflow of a release: pinned, with no more rights than it needs. */

import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { hasProgram, skipUnless } from "./support/skip.ts";

const file = join(import.meta.dir, "../.github/workflows/release.yml");
const text = readFileSync(file, "utf8");

interface Job {
  readonly needs?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly "timeout-minutes"?: number;
}

describe("the workflow of a release", () => {
  // The shape is what is checked below.
  const workflow = Bun.YAML.parse(text) as {
    readonly on: unknown;
    readonly permissions: unknown;
    readonly jobs: Readonly<Record<string, Job>>;
  };

  test("uses every action by the hash of a commit, and says which version that is", () => {
    const uses = text.split("\n").filter((line) => line.includes("uses:"));
    expect(uses.length).toBeGreaterThan(5);
    expect(uses.filter((line) => !/uses: [\w.-]+\/[\w.-]+@[0-9a-f]{40} # v\d/.test(line))).toEqual(
      [],
    );
  });

  test("gives each job what it needs by name, and may write contents in one alone", () => {
    expect(workflow.permissions).toEqual({});
    const writers = Object.entries(workflow.jobs).filter(([, { permissions }]) => {
      expect(permissions).toBeDefined();
      return permissions?.contents === "write";
    });
    expect(writers.map(([name]) => name)).toEqual(["publish"]);
    expect(Object.values(workflow.jobs).every((job) => job["timeout-minutes"] !== undefined)).toBe(
      true,
    );
  });

  test("gives the key that signs to one job alone, which runs no package", () => {
    const jobs = Object.entries(workflow.jobs).map(
      ([name, job]) => [name, JSON.stringify(job)] as const,
    );
    const [holder, ...others] = jobs.filter(([, job]) => job.includes("SIGNING_KEY"));
    expect([holder?.[0], others]).toEqual(["sign", []]);
    expect(holder?.[1]).not.toMatch(/setup-node|setup\.sh|release\.sh|\b(npm|bun)\b/);
  });

  test("runs for tags alone, and puts nothing that a stranger writes into a script", () => {
    expect(workflow.on).toEqual({ push: { tags: ["v*"] } });
    const scripts = text.split("\n").filter((line) => !/^\s+[A-Z_]+: /.test(line));
    expect(scripts.filter((line) => line.includes("${{"))).toEqual([]);
  });

  test("builds nothing before the tests of minutes, as of other systems, have passed", () => {
    const { test: tests, build } = workflow.jobs;
    expect(JSON.stringify(tests)).toContain("./scripts/test.sh --long");
    expect(build?.needs).toBe("test");
  });

  skipUnless(hasProgram("actionlint"), "actionlint is not installed")("passes actionlint", () => {
    const { exitCode, stdout } = Bun.spawnSync(["actionlint", file]);
    expect([exitCode, stdout.toString()]).toEqual([0, ""]);
  });
});
