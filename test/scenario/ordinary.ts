/** Homes of an ordinary user, in which readers may run, also where the tests run as root. */

import { copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { OpenEvent } from "../../src/contract/pairing.ts";
import { executable } from "../support/executable.ts";
import { giveTo, ordinarily, ordinaryFolder } from "../support/ordinary.ts";
import { type Ran, ranOf } from "../support/ran.ts";

/** A machine of such a user. */
export interface Machine extends AsyncDisposable {
  readonly name: string;
  readonly folder: string;
  /** The environment of its programs. */
  readonly environment: Readonly<Record<string, string>>;
  /** The words that run peernet as its user. */
  readonly command: readonly string[];
  /** Runs peernet, in its home unless another folder is given. */
  run(words: readonly string[], stdin?: string, cwd?: string): Promise<Ran>;
  /** A git repository in its home, whose files are committed on `main`. */
  repository(name: string, files: Readonly<Record<string, string>>): string;
  /** Runs git, or another program, as that user. */
  does(...command: readonly string[]): string;
}

/** The surroundings of a machine; loopback unless given. */
interface Placed {
  /** The words that run a command on its host. */
  readonly before?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** Makes a machine with a daemon; it is stopped and removed in the end. */
export async function machine(name: string, placed: Placed = {}): Promise<Machine> {
  const command = [...(placed.before ?? []), ...ordinarily];
  const folder = ordinaryFolder();
  const program = join(folder, "peernet");
  copyFileSync(executable, program);
  const environment = {
    ...{ PATH: "/usr/bin:/bin", HOME: folder, PEERNET_HOME: join(folder, ".p") },
    ...{ PEERNET_MACHINE_NAME: name, PEERNET_LISTEN_PORT: "0" },
    PEERNET_LISTEN_ADDRESSES: "127.0.0.1",
    ...placed.environment,
  };
  const run: Machine["run"] = (words, stdin = "", cwd = folder) =>
    ranOf(
      Bun.spawn([...command, program, ...words], {
        ...{ cwd, env: environment, stdin: Buffer.from(stdin) },
        ...{ stdout: "pipe", stderr: "pipe" },
      }),
    );
  const does: Machine["does"] = (...command) => {
    const { success, stdout, stderr } = Bun.spawnSync([...ordinarily, ...command], {
      cwd: folder,
      env: { PATH: "/usr/bin:/bin", HOME: folder },
    });
    if (!success) throw new Error(`${command.join(" ")}: ${stderr}`);
    return stdout.toString().trim();
  };
  await run(["start"]);
  return {
    ...{ name, folder, environment, run, does, command: [...command, program] },
    repository: (called, files) => {
      const path = join(folder, called);
      does("git", "init", "-q", "-b", "main", path);
      for (const [file, text] of Object.entries(files)) {
        does("mkdir", "-p", join(path, file, ".."));
        writeFileSync(join(path, file), text);
        giveTo(join(path, file));
      }
      does("git", "-C", path, "add", "-A", "-f");
      commit(does, path, "first");
      return path;
    },
    [Symbol.asyncDispose]: async () => {
      if (existsSync(join(folder, ".p/control.sock"))) await run(["stop"]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Commits what is in the index. */
export function commit(does: Machine["does"], path: string, subject: string): void {
  const who = ["-c", "user.name=a", "-c", "user.email=a@example.org"];
  does("git", "-C", path, ...who, "commit", "-q", "--allow-empty", "-m", subject);
}

/** Pairs two machines, the first of which shows the code. */
export async function paired(one: Machine, other: Machine): Promise<void> {
  mkdirSync(join(one.folder, "pairing"));
  giveTo(join(one.folder, "pairing"));
  const child = Bun.spawn(
    [...ordinarily, join(one.folder, "peernet"), "pair", "--open", "--json"],
    {
      cwd: one.folder,
      env: {
        ...{ PATH: "/usr/bin:/bin", HOME: one.folder, PEERNET_HOME: join(one.folder, ".p") },
        ...{ PEERNET_MACHINE_NAME: one.name, PEERNET_LISTEN_PORT: "0" },
      },
      stdio: ["ignore", "pipe", "ignore"],
    },
  );
  let text = "";
  for await (const chunk of child.stdout) {
    text += new TextDecoder().decode(chunk);
    const [line = ""] = text.split("\n");
    if (!text.includes("\n")) continue;
    const opened = OpenEvent.parse(JSON.parse(line));
    if (opened.event !== "opened") throw new Error(line);
    const ran = await other.run(["pair", opened.addresses[0] ?? "", "-"], `${opened.code}\n`);
    if (ran.code !== 0) throw new Error(ran.err);
    break;
  }
  child.kill();
  await child.exited;
}
