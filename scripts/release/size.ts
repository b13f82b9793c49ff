/**
 * The parts of the executable's size: Bun, each package's bundled source, its bytecode, and the
 * overhead of the file format.
 */

import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./run.ts";

const root = join(import.meta.dir, "../..");
/** The most that we may add to Bun: a person downloads it, and every start reads it. */
const addedBytesMax = 8 * 1_048_576;

interface Metafile {
  readonly outputs: Readonly<
    Record<
      string,
      { readonly inputs: Readonly<Record<string, { readonly bytesInOutput: number }>> }
    >
  >;
}

const work = mkdtempSync(join(tmpdir(), "peernet-size-"));
try {
  const sizeOf = (name: string): number => statSync(join(work, name)).size;
  const meta = join(work, "meta.json");
  run([join(root, "scripts/build.sh"), "--out", join(work, "peernet"), "--metafile", meta]);
  writeFileSync(join(work, "hello.ts"), 'console.log("hello");\n');
  compile("hello.ts", "hello");
  const sources = sourcesOf(JSON.parse(readFileSync(meta, "utf8")));
  const total = [...sources.values()].reduce((sum, bytes) => sum + bytes, 0);
  const added = sizeOf("peernet") - sizeOf("hello");
  line(sizeOf("hello"), "an executable that says hello: Bun");
  for (const [name, bytes] of sources) line(bytes, `source of ${name}`);
  line(added - total, "bytecode of all of it, and padding");
  line(added, `in all, of at most ${mebibytes(addedBytesMax)} that may be added`);
  if (added > addedBytesMax) throw new Error("the executable is too large");
} catch (error) {
  console.error(`size: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}

function compile(source: string, name: string): void {
  run([process.execPath, "build", source, "--compile", "--outfile", join(work, name)], work);
}

/** Bytes of source in the bundle, by package, the largest first. */
function sourcesOf({ outputs }: Metafile): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const { inputs } of Object.values(outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const name = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? "peernet";
      sums.set(name, (sums.get(name) ?? 0) + bytesInOutput);
    }
  }
  return new Map([...sums].sort(([, one], [, other]) => other - one));
}

function line(bytes: number, what: string): void {
  console.log(`${mebibytes(bytes).padStart(12)}  ${what}`);
}

function mebibytes(bytes: number): string {
  return `${(bytes / 1_048_576).toFixed(3)} MiB`;
}
