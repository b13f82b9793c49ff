/** A home in which the program is run from its source, under a umask of its own. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { folder } from "./folders.ts";

const main = join(import.meta.dir, "../../src/main.ts");

/** Makes one that is not there yet; its daemon, if one runs, is stopped in the end. */
export function home(umask: string) {
  const outside = folder();
  const path = join(outside.path, "state");
  const options = {
    cwd: outside.path,
    env: {
      PATH: process.env.PATH ?? "",
      // The compile cache of a Bun that runs from source; the program itself ignores it.
      HOME: process.env.HOME ?? outside.path,
      PEERNET_HOME: path,
      PEERNET_LISTEN_PORT: "0",
    },
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
  } as const;
  const command = (...words: readonly string[]): string[] => {
    const shell = ["sh", "-c", `umask ${umask}; exec "$@"`, "sh"];
    return [...shell, process.execPath, main, ...words];
  };
  const run = (...words: readonly string[]): void => {
    const { exitCode, stderr } = Bun.spawnSync(command(...words), options);
    if (exitCode !== 0) throw new Error(`${words.join(" ")}: ${stderr}`);
  };
  return {
    path,
    run,
    /** Runs the daemon in the foreground, as something else's child. */
    daemon: (...before: readonly string[]) => Bun.spawn([...before, ...command("daemon")], options),
    outside: outside.path,
    [Symbol.dispose]: () => {
      if (existsSync(join(path, "control.sock"))) run("stop");
      outside[Symbol.dispose]();
    },
  };
}
