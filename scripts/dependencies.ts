/** The reference of the packages that peernet uses: reason, size, licence. */

import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dir, "..");

/** The reason for each named package: the code to write without it. */
const reasons: Readonly<Record<string, string>> = {
  "@biomejs/biome": "lint and format, one program for both",
  "@clack/prompts": "the questions of `peernet setup`; loaded by that command alone",
  "@elysiajs/swagger":
    "the API documents, loaded by `daemon --docs` alone; a patch in patches/ leaves its themes out",
  "@modelcontextprotocol/sdk":
    "the Model Context Protocol, as its authors implement it; a patch in patches/ leaves ajv out",
  "@noble/curves": "ristretto255 for CPace: audited, without dependencies but its own hashes",
  "@preact/signals": "what the dashboard's page draws again, and only that",
  "@types/dns-packet": "types of dns-packet",
  "axe-core": "finds what keeps people out of the dashboard, in its tests",
  bun: "runtime, bundler, test runner; its executable is most of ours",
  "bun-types": "types of Bun",
  "dns-packet": "reads DNS packets of strangers, within bounds of ours",
  "dnssd-advertise": "announces on the LAN (RFC 6762, 6763), with a patch of ours in patches/",
  elysia: "routes the two tables of operations and documents them",
  jose: "signs and checks peer tokens (RFC 7519): nothing of ours parses a signature",
  "jsonc-parser": "edits a coding agent's settings without touching its comments",
  "playwright-core": "drives a real browser in the dashboard's tests",
  preact: "the dashboard's page",
  typescript: "types; the architecture's rules read the source with its parser",
  zod: "one schema for each message: types, validation, documents",
};

interface Locked {
  readonly version?: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** The packages of the lock, by their path in the tree. */
function locked(): Readonly<Record<string, Locked>> {
  return JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
}

/** Bytes of a package as it is unpacked, without packages inside of it. */
function bytesOf(folder: string): number {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => name !== "node_modules")
    .map(({ name }) => join(folder, name))
    .reduce((sum, path) => {
      const { size } = lstatSync(path);
      return sum + (lstatSync(path).isDirectory() ? bytesOf(path) : size);
    }, 0);
}

/** The tree's path of a package that `from` asks for; null for an optional one that is absent. */
function pathOf(packages: Readonly<Record<string, Locked>>, name: string, from: string) {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf("/node_modules/")))) {
    const path = at === "" ? `node_modules/${name}` : `${at}/node_modules/${name}`;
    if (path in packages) return path;
    if (at === "") return null;
  }
}

/** All that a package brings with it, itself included. */
function brought(packages: Readonly<Record<string, Locked>>, name: string): ReadonlySet<string> {
  const found = new Set<string>();
  const waiting = [pathOf(packages, name, "")];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (path === null || found.has(path)) continue;
    found.add(path);
    const { dependencies: own, peerDependencies: peers } = packages[path] ?? {};
    for (const needed of Object.keys({ ...peers, ...own })) {
      waiting.push(pathOf(packages, needed, path));
    }
  }
  return found;
}

const nameOf = (path: string): string => path.split("node_modules/").at(-1) ?? path;
const kib = (bytes: number): string => Math.ceil(bytes / 1_024).toLocaleString("en");
const row = (...cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

function reasonOf(name: string): string {
  const reason = reasons[name];
  if (reason === undefined) throw new Error(`scripts/dependencies.ts does not say why ${name}`);
  return reason;
}

function rowOf(packages: Readonly<Record<string, Locked>>, name: string): string {
  const paths = [...brought(packages, name)];
  const { version = "", license = "" } = packages[`node_modules/${name}`] ?? {};
  const others = [...new Set(paths.map(nameOf))].filter((other) => other !== name).sort();
  const bytes = paths.reduce((sum, path) => sum + bytesOf(join(root, path)), 0);
  const more = others.length === 0 ? "" : others.join(", ");
  return row(`\`${name}\``, version, license, kib(bytes), reasonOf(name), more);
}

/** The text of docs/dependencies.md. */
export function dependencies(made: string): string {
  const packages = locked();
  const { dependencies: inside, devDependencies: outside } = JSON.parse(
    readFileSync(join(root, "package.json"), "utf8"),
  );
  const asked = [...Object.keys(inside), ...Object.keys(outside)];
  const idle = Object.keys(reasons).filter((name) => !asked.includes(name));
  if (idle.length > 0) throw new Error(`nothing asks for ${idle.join(", ")} any more`);
  const shipped = Object.entries(packages).filter(([path, { dev }]) => path !== "" && !dev);
  const head = [row("package", "version", "license", "KiB", "why", "brings")];
  head.push(row(...Array.from({ length: 6 }, () => "---")));
  const tools = Object.keys(outside).map((name) =>
    row(
      `\`${name}\``,
      outside[name],
      packages[`node_modules/${name}`]?.license ?? "",
      reasonOf(name),
    ),
  );
  return [
    "# Dependencies",
    made,
    `What the executable is bundled from: ${Object.keys(inside).length} packages that are asked ` +
      `for by name, ${shipped.length} with all that they bring. Versions are exact, each package ` +
      "of the lock has its hash and no host, and no install script is run. KiB is a package as " +
      "it is unpacked with all that it brings; of that the bundler keeps what is used. What it " +
      "keeps, by package: `scripts/bench.sh --only P11`. Known flaws: `scripts/audit.sh`.",
    [...head, ...Object.keys(inside).map((name) => rowOf(packages, name))].join("\n"),
    "What builds and tests it, and is in nothing that is shipped but Bun itself:",
    [
      row("package", "version", "license", "why"),
      row(...Array.from({ length: 4 }, () => "---")),
      ...tools,
    ].join("\n"),
  ].join("\n\n");
}
