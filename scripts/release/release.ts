/** Makes a release: see scripts/release.sh. */

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import manifest from "../../package.json";
import { commands } from "../../src/cli/commands.ts";
import { manual } from "../../src/cli/help/manual.ts";
import { billOfMaterials } from "./bill.ts";
import { executableIn, writeLauncher, writeSystemPackage } from "./packages.ts";
import { run } from "./run.ts";
import { runtimeOf } from "./runtime.ts";
import { type Target, targets } from "./targets.ts";

const root = join(import.meta.dir, "../..");
const { version } = manifest;

interface Options {
  /** The folder of release/, npm/ and man/. */
  readonly out: string;
  readonly targets: readonly Target[];
}

/** Reads the words of the command line. @throws when they are not of the usage */
function optionsOf(argv: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      out: { type: "string", default: join(root, "dist") },
      target: { type: "string", multiple: true, default: [] },
    },
  });
  const { out, target } = values;
  const unknown = target.find((name) => targets.every((each) => each.name !== name));
  if (unknown !== undefined) throw new Error(`no executable is built for ${unknown}`);
  return {
    out: resolve(out),
    targets: targets.filter(({ name }) => target.length === 0 || target.includes(name)),
  };
}

/** The day of the commit; the day that counting begins where there is no commit. */
function day(): string {
  try {
    return run(["git", "-C", root, "log", "-1", "--format=%cs"]).trim() || "1970-01-01";
  } catch {
    return "1970-01-01";
  }
}

/** Builds one executable into its npm package, and packs it for those who fetch it alone. */
function build(target: Target, { out }: Options): void {
  writeSystemPackage(join(out, "npm"), target);
  const executable = executableIn(join(out, "npm"), target);
  const command = ["--target", target.name, "--runtime", runtimeOf(target), "--out", executable];
  run([join(root, "scripts/build.sh"), ...command, "--metafile", metafileIn(out)]);
  const bytes = readFileSync(executable);
  const packed = join(out, "release", `peernet-${version}-${target.name}.gz`);
  writeFileSync(packed, gzipSync(bytes, { level: 9 }));
  console.log(`${target.name}: ${bytes.length} bytes`);
}

/** The file in which each build lists its parts: the same for all. */
const metafileIn = (out: string): string => join(out, "metafile.json");

/** The commit that an executable was built from, as the build wrote it into each. */
function commitOf({ out, targets: [first] }: Options): string {
  if (first === undefined) return "unknown";
  const text = readFileSync(executableIn(join(out, "npm"), first), "latin1");
  return /commit:\s*"([0-9a-f]{40}(?:-dirty)?|unknown)"/.exec(text)?.[1] ?? "unknown";
}

async function main(options: Options): Promise<void> {
  const { out } = options;
  const release = join(out, "release");
  for (const name of ["release", "npm", "man"]) {
    rmSync(join(out, name), { recursive: true, force: true });
    mkdirSync(join(out, name), { recursive: true });
  }
  const page = await manual(commands, { version, day: day() });
  for (const folder of ["release", "man"]) writeFileSync(join(out, folder, "peernet.1"), page);
  writeLauncher(join(out, "npm"), targets, page);
  for (const target of options.targets) build(target, options);
  const { inputs } = JSON.parse(readFileSync(metafileIn(out), "utf8"));
  rmSync(metafileIn(out));
  const files = Object.keys(inputs);
  const subject = { commit: commitOf(options), targets: options.targets, files };
  writeFileSync(join(release, `peernet-${version}.cdx.json`), billOfMaterials(subject));
  console.log(`made ${release}: ${readdirSync(release).sort().join(" ")}`);
}

try {
  await main(optionsOf(process.argv.slice(2)));
} catch (error) {
  console.error(`release: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}
