/**
 * A machine of a person: a HOME of its own with a repository in it, peernet, and clients. All that
 * is started in it ends with it.
 */

import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Status } from "../../../src/contract/peer.ts";
import { executable, type Home } from "../../support/executable.ts";
import { ranOf } from "../../support/ran.ts";
import { plainEnvironment } from "../../support/repository.ts";
import { binOf, type Client } from "./clients.ts";

/** A machine, as others know it by its name. */
export interface Machine extends Home {
  /** The work tree that sessions run in. */
  readonly tree: string;
  /** The environment of a client: no setting of peernet's, and none of the tester's. */
  readonly clientEnvironment: Readonly<Record<string, string>>;
  /** Writes a file below the HOME, and the folders on the way to it. */
  write(name: string, content: string): void;
  /** A file below the HOME; null where there is none. */
  read(name: string): string | null;
  /** Ends its keeper, so that hooks alone tell of its sessions; a start brings it back. */
  endKeeper(): void;
  /** Its live handles, as `peernet status --json` has them. */
  handles(): Promise<Status["handles"]>;
}

/** Makes a machine with these clients on its PATH; its repository is called `hydrate`. */
export function machine(name: string, clients: readonly Client[]): Machine {
  const folder = mkdtempSync(join(tmpdir(), `peernet-${name}-`));
  const tree = join(folder, "src", "hydrate");
  commitIn(tree, folder);
  mkdirSync(join(folder, ".local/bin"), { recursive: true });
  symlinkSync(executable, join(folder, ".local/bin/peernet"));
  const clientEnvironment = environmentOf(folder, clients);
  // Two daemons on one machine: the only setting that a person would not have.
  const environment = { ...clientEnvironment, PEERNET_LISTEN_PORT: "0" };
  const run = runIn(tree, environment);
  const json: Home["json"] = async (words, more) => {
    const ran = await run([...words, "--json"], more);
    if (ran.code !== 0) throw new Error(`peernet ${words.join(" ")}: ${ran.out}${ran.err}`);
    return JSON.parse(ran.out);
  };
  return {
    name,
    folder,
    tree,
    environment,
    clientEnvironment,
    run,
    json,
    write: (path, content) => {
      mkdirSync(join(folder, path, ".."), { recursive: true });
      writeFileSync(join(folder, path), content);
    },
    read: (path) =>
      existsSync(join(folder, path)) ? readFileSync(join(folder, path), "utf8") : null,
    endKeeper: () => {
      for (const pid of processesOf(folder)) if (modeOf(pid) === "keeper") end(pid);
    },
    handles: async () => Status.parse(await json(["status"])).handles,
    [Symbol.asyncDispose]: async () => {
      // One that is just being started may be missed, but not twice.
      for (const _round of [1, 2]) for (const pid of processesOf(folder)) end(pid);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function environmentOf(folder: string, clients: readonly Client[]) {
  const bins = [join(folder, ".local/bin"), ...clients.map(binOf), binOf("node")];
  return {
    PATH: [...bins, "/usr/local/bin", "/usr/bin", "/bin"].join(":"),
    HOME: folder,
    LANG: "C.UTF-8",
    SHELL: "/bin/sh",
    // A program that phones home is refused at once, and does not wait for a name server.
    HTTPS_PROXY: "http://127.0.0.1:9",
    NO_PROXY: "127.0.0.1",
  };
}

/** Runs peernet in a folder, as it is found on the PATH. */
function runIn(folder: string, environment: Readonly<Record<string, string>>): Home["run"] {
  return async (words, more = {}) => {
    const child = Bun.spawn([...(more.before ?? []), "peernet", ...words], {
      cwd: more.cwd ?? folder,
      env: { ...environment, ...more.environment },
      stdin: Buffer.from(more.stdin ?? ""),
      stdout: "pipe",
      stderr: "pipe",
    });
    return ranOf(child);
  };
}

function commitIn(tree: string, home: string): void {
  mkdirSync(tree, { recursive: true });
  writeFileSync(join(tree, "a.txt"), "water\n");
  for (const words of [
    ["init", "--quiet", "--initial-branch=main"],
    ["add", "."],
    ["commit", "--quiet", "--message=Add water"],
  ]) {
    const git = Bun.spawnSync(["git", ...words], { cwd: tree, env: plainEnvironment(home) });
    if (git.exitCode !== 0) throw new Error(`git ${words.join(" ")}: ${git.stderr}`);
  }
}

/** Every process with this HOME: daemon, keeper, clients, and their leftovers. */
function processesOf(home: string): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        return readFileSync(`/proc/${name}/environ`, "utf8").split("\0").includes(`HOME=${home}`);
      } catch {
        return false;
      }
    })
    .map(Number);
}

/** The first word that a process was given. */
function modeOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0")[1];
  } catch {
    return undefined;
  }
}

function end(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended by itself.
  }
}
