/**
 * The built executable, run as a person would: one command at a time, in a home of its own. Every
 * file that imports this fails while the executable is older than its source.
 */

import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { requireFresh } from "./built.ts";
import { type Ran, ranOf } from "./ran.ts";

/** Its path. */
export const executable = join(import.meta.dir, "../../dist/peernet");
/** True when it was built. */
export const isBuilt = existsSync(executable);
if (isBuilt) requireFresh({ executable, source: join(import.meta.dir, "../../src") });
/** The reason of a test that is skipped because it was not built. */
export const notBuilt = "dist/peernet is not built: scripts/build.sh";

/** A home in which commands are run. */
export interface Home extends AsyncDisposable {
  readonly name: string;
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  run(words: readonly string[], more?: RunOptions): Promise<Ran>;
  /** Runs with --json and parses what it printed. @throws when it fails */
  json(words: readonly string[], more?: RunOptions): Promise<unknown>;
}

/** The surroundings of a command. */
export interface RunOptions {
  readonly stdin?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Precedes the executable: `ip netns exec …`, `strace …`. */
  readonly before?: readonly string[];
}

/** Makes a fresh home; its daemon, if one was started, is stopped in the end. */
export function home(name: string, before: readonly string[] = []): Home {
  const folder = mkdtempSync(join(tmpdir(), `peernet-${name}-`));
  const environment = {
    PATH: process.env.PATH ?? "",
    HOME: folder,
    PEERNET_HOME: folder,
    PEERNET_MACHINE_NAME: name,
    PEERNET_LISTEN_PORT: "0",
  };
  const run: Home["run"] = async (words, more = {}) => {
    const child = Bun.spawn([...(more.before ?? before), executable, ...words], {
      cwd: more.cwd ?? folder,
      env: { ...environment, ...more.environment },
      stdin: Buffer.from(more.stdin ?? ""),
      stdout: "pipe",
      stderr: "pipe",
    });
    return ranOf(child);
  };
  return {
    name,
    folder,
    environment,
    run,
    json: async (words, more) => {
      const ran = await run([...words, "--json"], more);
      if (ran.code !== 0) throw new Error(`peernet ${words.join(" ")}: ${ran.out}${ran.err}`);
      return JSON.parse(ran.out);
    },
    [Symbol.asyncDispose]: async () => {
      if (existsSync(join(folder, "control.sock"))) await run(["stop"]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
