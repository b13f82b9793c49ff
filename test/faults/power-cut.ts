/** Machines whose power is cut: only the synced part of their home is left. */

import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { daemonOf, type Machine } from "./daemons.ts";

const root = join(import.meta.dir, "../..");
const compiler = Bun.which("cc") ?? Bun.which("gcc");

/** True when a power cut is possible here. */
export const canCut = process.platform === "linux" && compiler !== null;
/** Why not. */
export const noCut = "a power cut takes Linux and a C compiler: apt-get install gcc libc6-dev";

/** A machine on a disk that forgets. */
export interface CutMachine extends Machine {
  /** Cuts the power, and leaves only the synced part of its home. */
  cut(): Promise<void>;
}

/** Compiles the library. @throws with the compiler's output */
function compiled(folder: string): string {
  const library = join(folder, "power-cut.so");
  const source = join(import.meta.dir, "power-cut.c");
  const flags = ["-shared", "-fPIC", "-O2", "-Wall", "-Wextra", "-Werror"];
  const built = Bun.spawnSync([compiler ?? "cc", ...flags, "-o", library, source, "-ldl"]);
  if (built.exitCode !== 0) throw new Error(built.stderr.toString());
  return library;
}

/** Starts a daemon on such a disk. */
export async function cutMachine(name: string, command?: readonly string[]): Promise<CutMachine> {
  const tools = mkdtempSync(join(tmpdir(), "peernet-cut-"));
  const folder = mkdtempSync(join(tmpdir(), `peernet-${name}-`));
  const kept = join(tools, "kept");
  const environment = {
    LD_PRELOAD: compiled(tools),
    POWER_CUT_OF: folder,
    POWER_CUT_TO: kept,
  };
  const options = { folder, environment, ...(command === undefined ? {} : { command }) };
  const machine = await daemonOf(name, options);
  if (!existsSync(join(kept, "keys/identity.pem"))) throw new Error("the library was not loaded");
  const cut = async (): Promise<void> => {
    await machine.kill();
    rmSync(folder, { recursive: true });
    cpSync(kept, folder, { recursive: true, filter: (path) => !path.endsWith(".half") });
  };
  return Object.assign(machine, {
    cut,
    [Symbol.asyncDispose]: async () => {
      await machine.kill();
      rmSync(folder, { recursive: true, force: true });
      rmSync(tools, { recursive: true });
    },
  });
}

/** A copy of the product that syncs as SQLite's NORMAL does, and the command that runs it. */
export function notWaiting(): { readonly command: readonly string[] } & Disposable {
  const copy = mkdtempSync(join(tmpdir(), "peernet-normal-"));
  for (const name of ["src", "package.json", "tsconfig.json"]) {
    cpSync(join(root, name), join(copy, name), { recursive: true });
  }
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  const path = join(copy, "src/store/database.ts");
  const text = readFileSync(path, "utf8");
  const changed = text.replace("PRAGMA synchronous = FULL", "PRAGMA synchronous = NORMAL");
  if (changed === text) throw new Error("the pragma is written otherwise");
  writeFileSync(path, changed);
  return {
    command: [process.execPath, join(copy, "src/main.ts")],
    [Symbol.dispose]: () => rmSync(copy, { recursive: true }),
  };
}
