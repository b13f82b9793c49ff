/**
 * Temporary git repositories, and programs that tell that they ran. Every git here has a home of
 * its own, so that no setting of a developer counts.
 */

import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { timers } from "../../src/platform/clock/timers.ts";

/** A temporary folder that is gone after the block. */
export interface Folder extends Disposable {
  readonly path: string;
  /** Writes a file, and the folders on the way to it; returns its path. */
  write(name: string, content: string): string;
  /** Writes a shell script that can be run; returns its path. */
  script(name: string, body: string): string;
}

/** Makes a temporary folder. */
export function temporaryFolder(): Folder {
  const path = mkdtempSync(join(tmpdir(), "peernet-"));
  const write = (name: string, content: string): string => {
    const file = join(path, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    return file;
  };
  return {
    path,
    write,
    script: (name, body) => {
      const file = write(name, `#!/bin/sh\n${body}\n`);
      chmodSync(file, 0o755);
      return file;
    },
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** The environment of a git that knows no user. */
export const plainEnvironment = (home: string): Readonly<Record<string, string>> => ({
  PATH: process.env.PATH ?? "",
  HOME: home,
  LC_ALL: "C",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_AUTHOR_NAME: "Ada",
  GIT_AUTHOR_EMAIL: "ada@example.invalid",
  GIT_COMMITTER_NAME: "Ada",
  GIT_COMMITTER_EMAIL: "ada@example.invalid",
});

/** Options by which a folder is described in a home of its own; `program` stands in for git. */
export const describing = (home: string, program?: string) => ({
  environment: plainEnvironment(home),
  home,
  timers,
  ...(program === undefined ? {} : { program }),
});

/** A repository in a temporary folder, with one commit unless it was asked for fresh. */
export interface Repository extends Folder {
  /** The work tree, a folder below the temporary one. */
  readonly tree: string;
  /** Runs plain git in the work tree; returns what it printed. @throws when it fails */
  git(...command: string[]): string;
  /** The same with bytes on its standard input. */
  feed(input: string, ...command: string[]): string;
  /** Runs plain git, and does not care how it ends. */
  tryGit(...command: string[]): void;
  /** Appends to the repository's config, as bytes one for each character. */
  configure(text: string): void;
}

/** Makes a repository whose work tree is called `hydrate`. */
export function repository(kind: "fresh" | "committed" = "committed"): Repository {
  const folder = temporaryFolder();
  const tree = join(folder.path, "hydrate");
  mkdirSync(tree);
  const spawn = (input: string, command: readonly string[]) =>
    Bun.spawnSync(["git", ...command], {
      cwd: tree,
      env: plainEnvironment(folder.path),
      stdin: Buffer.from(input),
    });
  const feed = (input: string, ...command: string[]): string => {
    const ran = spawn(input, command);
    if (ran.exitCode !== 0) throw new Error(`git ${command.join(" ")}: ${ran.stderr}`);
    return ran.stdout.toString().trim();
  };
  const git = (...command: string[]): string => feed("", ...command);
  git("init", "--quiet", "--initial-branch=main");
  if (kind === "committed") {
    folder.write("hydrate/a.txt", "water\n");
    git("add", ".");
    git("commit", "--quiet", "--message=Add water");
  }
  return {
    ...folder,
    tree,
    git,
    feed,
    tryGit: (...command) => {
      spawn("", command);
    },
    configure: (text) => {
      const bytes = Buffer.from(`\n${text}\n`, "latin1");
      writeFileSync(join(tree, ".git", "config"), bytes, { flag: "a" });
    },
  };
}

/** A program that leaves a mark when it runs. */
export interface Canary {
  /** Its path, free of characters that a shell or a config would read otherwise. */
  readonly program: string;
  /** True once it has run. */
  ran(): boolean;
}

/** Puts a canary into a folder. */
export function canary(folder: Folder): Canary {
  const mark = join(folder.path, "canary-ran");
  return {
    program: folder.script("canary", `: > ${mark}`),
    ran: () => existsSync(mark),
  };
}
