/** A person on a fresh machine: a home with nothing of peernet in it, and the executable. */

import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { executable } from "../support/executable.ts";
import { type Ran, ranOf } from "../support/ran.ts";

/** A person's home folder. */
export interface Person extends AsyncDisposable {
  readonly name: string;
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  run(words: readonly string[], environment?: Readonly<Record<string, string>>): Promise<Ran>;
  /** Runs `setup --yes` without a service, and parses what it tells. @throws when it fails */
  setUp(...words: readonly string[]): Promise<SetUp>;
  /** Writes a file of the home folder, with the folders above it. */
  write(path: string, text: string): void;
  read(path: string): string;
  has(path: string): boolean;
  /** Every file and link below the home folder with what is in it, but for the state folder. */
  tree(): Readonly<Record<string, string>>;
}

/** The output of `setup --json`, as far as tests read it. */
export interface SetUp {
  readonly changed: boolean;
  readonly files: readonly { path: string; state: string; replaces: string | null }[];
  readonly applied: readonly { path: string; state: string; by_hand: boolean }[];
  readonly checks: readonly { name: string; state: string; detail: string }[];
}

/** Flags that keep setup off the person's machine, and its listener off the network. */
export const alone = ["--no-service", "--listen", "local"] as const;

/** Makes a home in which Claude Code and Codex were used; no agent's program is on PATH. */
export function person(name = "mini"): Person {
  // A space in the path: every command line that setup writes must stand it.
  const folder = join(mkdtempSync(join(tmpdir(), `peernet-${name}-`)), "a home");
  mkdirSync(join(folder, "bin"), { recursive: true });
  mkdirSync(join(folder, ".claude"));
  mkdirSync(join(folder, ".codex"));
  const environment = { PATH: join(folder, "bin"), HOME: folder, PEERNET_LISTEN_PORT: "0" };
  const run: Person["run"] = async (words, more = {}) => {
    const child = Bun.spawn([executable, ...words], {
      cwd: folder,
      env: { ...environment, ...more },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    return ranOf(child);
  };
  return { name, folder, environment, run, ...files(folder, run) };
}

function files(folder: string, run: Person["run"]) {
  return {
    setUp: async (...words: readonly string[]) => {
      const ran = await run(["setup", "--yes", "--json", ...alone, ...words]);
      if (ran.code !== 0) throw new Error(`setup: ${ran.out}${ran.err}`);
      return JSON.parse(ran.out);
    },
    write: (path: string, text: string) => {
      mkdirSync(dirname(join(folder, path)), { recursive: true, mode: 0o700 });
      writeFileSync(join(folder, path), text);
    },
    read: (path: string) => readFileSync(join(folder, path), "utf8"),
    has: (path: string) => existsSync(join(folder, path)),
    tree: () => treeOf(folder),
    [Symbol.asyncDispose]: async () => {
      if (existsSync(join(folder, ".peernet/control.sock"))) await run(["stop"]);
      rmSync(dirname(folder), { recursive: true, force: true });
    },
  };
}

function treeOf(folder: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name).slice(folder.length + 1);
    if (path.startsWith(".peernet")) continue;
    if (entry.isSymbolicLink()) found[path] = `-> ${readlinkSync(join(folder, path))}`;
    else found[path] = entry.isFile() ? readFileSync(join(folder, path), "utf8") : "folder";
  }
  return found;
}
