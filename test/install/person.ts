/** A person on this machine who installs: a home of their own, a PATH, a shell. */

import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ranOf } from "../support/ran.ts";

/** The end of an installation, and its output. */
export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The input of an installation, besides its arguments. */
export interface Given {
  /** The shell that runs it: a command and its first words. */
  readonly shell?: readonly string[];
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** The text that goes to the shell's standard input, in the place of a file. */
  readonly piped?: string;
  readonly cwd?: string;
}

/** A person with a home. */
export interface Person extends Disposable {
  readonly home: string;
  /** The default folder of the installation. */
  readonly folder: string;
  /** The executable that a shell would find there. */
  readonly executable: string;
  install(installer: string, words?: readonly string[], given?: Given): Promise<Ended>;
  /** Every path below the home, relative to it. */
  files(): string[];
  /** The text of a file below the home; null when it is not there. */
  read(name: string): string | null;
}

/** Makes a person; the home may be called by any name. */
export function person(name = "home"): Person {
  const parent = mkdtempSync(join(tmpdir(), "peernet-person-"));
  const home = join(parent, name);
  mkdirSync(home);
  const folder = join(home, ".local/bin");
  return {
    home,
    folder,
    executable: join(folder, "peernet"),
    install: async (installer, words = [], given = {}) => {
      const shell = given.shell ?? ["sh"];
      const command = given.piped === undefined ? [...shell, installer] : [...shell, "-s", "--"];
      const child = Bun.spawn([...command, ...words], {
        cwd: given.cwd ?? home,
        env: { PATH: "/usr/bin:/bin", HOME: home, SHELL: "/bin/sh", ...given.environment },
        stdin: given.piped === undefined ? "ignore" : Buffer.from(given.piped),
        stdout: "pipe",
        stderr: "pipe",
      });
      return ranOf(child);
    },
    files: () => readdirSync(home, { recursive: true }).map(String).sort(),
    read: (file) => {
      const path = join(home, file);
      return existsSync(path) ? readFileSync(path, "utf8") : null;
    },
    [Symbol.dispose]: () => rmSync(parent, { recursive: true, force: true }),
  };
}

/** A folder with only these programs in it, for a PATH that lacks all others. */
export function pathOf(programs: readonly string[]): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), "peernet-path-"));
  for (const program of programs) {
    const found = Bun.which(program);
    if (found === null) throw new Error(`${program} is not installed`);
    symlinkSync(found, join(path, program));
  }
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** The system programs that the installer uses, without those that fetch and check signatures. */
export const basic = [
  ..."sh cat chmod cut dirname find grep gzip head id kill mkdir mv printf pwd rm sed".split(" "),
  ..."sha256sum sleep tail tr uname wc".split(" "),
];
