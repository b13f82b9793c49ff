/** The gates of a whole run: which there are, in which order, and which run alone. */

import { readdirSync } from "node:fs";
import { join } from "node:path";

/** A program that passes or fails. */
export interface Gate {
  readonly name: string;
  readonly command: readonly string[];
  /** The file of its JUnit report; without one, its last line may be of counts. */
  readonly report?: string;
}

/** The gates of a run: first those before all others, then two at a time, last one at a time. */
export interface Plan {
  readonly first: readonly Gate[];
  readonly shared: readonly Gate[];
  readonly alone: readonly Gate[];
}

/** The folders of a run, and the settings that change which gates it has. */
export interface Surrounding {
  readonly root: string;
  /** The folder of the reports. */
  readonly reports: string;
  /** With the tests that drive real coding agents, which are large and must be installed. */
  readonly agents: boolean;
}

/** Suites that measure times, and so share the processor with no other suite. */
const alone: readonly string[] = ["browser", "faults", "agents"];

/** Suites that take longest: a long one that starts last would run without a second beside it. */
const longest: readonly string[] = [
  ...["scenario", "release", "lan", "daemon", "network", "simulation"],
  ...["guards", "install", "fuzz", "mcp", "setup"],
];

/** True for a file that the test runner takes. */
export const isTest = (path: string): boolean => /\.test\.tsx?$/.test(path);

/** Names the files and folders right under test/ that hold tests. */
export function suites({ root, agents }: Pick<Surrounding, "root" | "agents">): readonly string[] {
  return readdirSync(join(root, "test"), { withFileTypes: true })
    .filter((entry) =>
      entry.isDirectory()
        ? readdirSync(join(root, "test", entry.name), { recursive: true }).some((path) =>
            isTest(String(path)),
          )
        : isTest(entry.name),
    )
    .map((entry) => entry.name)
    .filter((name) => agents || name !== "agents")
    .sort();
}

/** The gate that runs test files and folders in one process. */
export function testGate(name: string, paths: readonly string[], reports: string): Gate {
  const report = join(reports, `${name.replaceAll("/", "-")}.xml`);
  const reporter = ["--reporter=junit", `--reporter-outfile=${report}`];
  const command = [process.execPath, "test", "--timeout=60000", "--only-failures", ...reporter];
  return { name, command: [...command, ...paths.map((path) => `./${path}`)], report };
}

/** The gate that builds dist/peernet. */
export const buildGate: Gate = { name: "build", command: ["scripts/build.sh"] };

/** Plans a whole run. */
export function planOf(where: Surrounding): Plan {
  const gate = (suite: string): Gate => testGate(`test/${suite}`, [`test/${suite}`], where.reports);
  const all = suites(where);
  const guards: Gate = { name: "guards", command: ["scripts/guards.sh"] };
  const check: Gate = { name: "check", command: ["scripts/check.sh"] };
  const clients = [process.execPath, "test/agents/support/install.ts"];
  const shared = [...all.filter((suite) => !alone.includes(suite)).map(gate), guards];
  return {
    first: [buildGate],
    shared: [check, ...shared].sort((one, other) => placeOf(one) - placeOf(other)),
    alone: [
      ...(where.agents ? [{ name: "clients", command: clients }] : []),
      ...alone.filter((suite) => all.includes(suite)).map(gate),
    ],
  };
}

function placeOf({ name }: Gate): number {
  const place = longest.indexOf(name.replace("test/", ""));
  return place < 0 ? longest.length : place;
}
