/**
 * Who may import whom: the layers, the libraries, and the modules of the runtime. Each ban names
 * what to do instead.
 */

import { posix } from "node:path";
import type { Import, Rule, Source, Violation } from "./source.ts";

interface Layer {
  /** Layers it may import. */
  readonly imports: readonly string[];
  /** Layers of which it may import types. */
  readonly types: readonly string[];
  readonly instead: string;
}

const parts: Omit<Layer, "instead"> = { imports: ["contract"], types: ["platform"] };
const faces: Omit<Layer, "instead"> = {
  imports: ["contract", "client", "session", "harness", "platform"],
  types: [],
};
const composed = "take it as a parameter, daemon/ composes";
const asked = "ask the daemon through src/client.ts";

/** The layers: the folders of src, and the files `client.ts` and `main.ts`. */
const layers: Readonly<Record<string, Layer>> = {
  contract: { imports: [], types: [], instead: "declare in contract/ what crosses a boundary" },
  platform: { imports: ["contract"], types: [], instead: "an effect decides nothing: pass it in" },
  core: { imports: ["contract"], types: [], instead: "load in daemon/, decide from plain values" },
  // The rows it keeps are the facts that core decides about.
  store: { imports: ["contract"], types: ["platform", "core"], instead: composed },
  peer: { ...parts, instead: composed },
  client: { ...parts, instead: "the client knows the contract only" },
  // Git is run by the same bounded spawner as every other program.
  session: {
    imports: ["contract", "platform"],
    types: [],
    instead: "take it as a parameter, cli/ composes",
  },
  keeper: {
    imports: ["contract", "client", "platform", "session"],
    types: [],
    instead: "the daemon decides: take it by value",
  },
  harness: { ...parts, instead: "take it as a parameter, cli/ composes" },
  discovery: { imports: ["contract", "peer"], types: ["platform"], instead: composed },
  daemon: {
    imports: ["contract", "core", "store", "peer", "discovery", "platform"],
    types: [],
    instead: "the daemon reads no project and shows nothing: let it be pushed, or asked for",
  },
  setup: {
    imports: ["contract", "harness", "platform"],
    types: [],
    instead: "take it as a parameter, cli/ composes",
  },
  cli: { ...faces, imports: [...faces.imports, "setup"], instead: asked },
  hook: { ...faces, instead: asked },
  mcp: { ...faces, instead: asked },
  dashboard: { ...faces, instead: asked },
};

interface Place {
  /** Files, and folders ending in a slash. */
  readonly places: readonly string[];
  readonly instead: string;
}

/** Each external library stands in one file or folder. */
const libraries: Readonly<Record<string, Place>> = {
  zod: {
    places: ["src/contract/", "src/platform/config.ts"],
    instead: "validate by a schema of src/contract",
  },
  elysia: { places: ["src/daemon/api/"], instead: "mount a table" },
  "@elysiajs/swagger": { places: ["src/daemon/api/"], instead: "mount a table" },
  jose: { places: ["src/peer/token.ts"], instead: "mint and verify through src/peer/token.ts" },
  "@noble/curves": { places: ["src/peer/cpace.ts"], instead: "pair through src/peer/cpace.ts" },
  "@modelcontextprotocol/sdk": {
    places: ["src/mcp/"],
    instead: "add a tool to src/mcp",
  },
  "@clack/prompts": {
    places: ["src/cli/wizard/"],
    instead: "ask a person through src/cli/wizard",
  },
  "jsonc-parser": {
    places: ["src/harness/"],
    instead: "edit an agent's config through src/harness",
  },
  "bun:sqlite": { places: ["src/store/"], instead: "read and write through src/store" },
  preact: { places: ["src/dashboard/page/"], instead: "the page alone is drawn" },
  "@preact/signals": { places: ["src/dashboard/page/"], instead: "the page alone is drawn" },
  "dns-packet": {
    places: ["src/discovery/advertisement.ts"],
    instead: "read a packet through src/discovery/advertisement.ts",
  },
  "dnssd-advertise": {
    places: ["src/discovery/announce.ts"],
    instead: "announce through src/discovery/announce.ts",
  },
};

const fileAccess: Place = {
  places: [
    "src/main.ts",
    "src/main/",
    "src/platform/",
    "src/session/",
    "src/keeper/",
    "src/harness/",
    "src/setup/",
  ],
  instead: "use Effects.files",
};

/** The modules of the runtime that may be used, and where. */
const modules: Readonly<Record<string, Place>> = {
  "node:fs": fileAccess,
  "node:fs/promises": fileAccess,
  "node:path": {
    places: [
      "src/main.ts",
      "src/main/",
      "src/platform/",
      "src/session/",
      "src/keeper/",
      "src/harness/",
      "src/setup/",
      "src/hook/",
      "src/mcp/",
      "src/cli/",
    ],
    instead: "a path is the business of platform/ and session/",
  },
  "node:os": { places: ["src/platform/"], instead: "take it from src/platform" },
  "node:crypto": {
    places: ["src/platform/", "src/peer/", "src/daemon/network/"],
    instead: "take sha256 or random from Effects",
  },
  "node:tls": { places: ["src/peer/", "src/daemon/network/"], instead: "dial through src/peer" },
  "node:http": { places: ["src/peer/", "src/daemon/network/"], instead: "use fetch" },
  "node:net": {
    places: ["src/peer/", "src/daemon/network/", "src/discovery/links.ts"],
    instead: "use fetch",
  },
  "node:dgram": {
    places: ["src/discovery/browse.ts"],
    instead: "ask the LAN through src/discovery/browse.ts",
  },
  "node:tty": { places: ["src/platform/"], instead: "take the Io of a command" },
  "bun:ffi": { places: ["src/platform/"], instead: "use Effects.clock" },
};

/** The names of `node:crypto` that only platform may import. */
const drawn = /^(random(Bytes|Int|UUID|Fill|FillSync)|getRandomValues|webcrypto|default)$/;

/** The files that main may load before it knows its mode: light, and needed by the fast paths. */
const light = new Set(["contract", "platform", "client", "main"]);

/** The one file of src that may read something outside of it: the version. */
const outsiders: Readonly<Record<string, string>> = {
  "src/platform/version.ts": "package.json",
};

const isAt = (path: string, { places }: Place): boolean =>
  places.some((place) => (place.endsWith("/") ? path.startsWith(place) : path === place));

/** The layer a path of src belongs to, `main` for the entry; null for what is none. */
export function layerOf(path: string): string | null {
  const [, first, ...rest] = path.split("/");
  if (!path.startsWith("src/") || first === undefined) return null;
  return rest.length > 0 ? first : first.replace(/\.ts$/, "");
}

/** The path that a relative import leads to, from the root of the repository. */
export const resolved = (from: string, specifier: string): string =>
  posix.join(posix.dirname(from), specifier);

/** Imports between layers follow the table; what is not in it is no layer. */
export const layerRule: Rule = (source) => {
  const layer = layerOf(source.path);
  if (layer === null) return [];
  return relative(source).flatMap((imported) => {
    const target = resolved(source.path, imported.specifier);
    if (outsiders[source.path] === target) return [];
    const message = layer === "main" ? ofMain(imported, target) : ofLayer(layer, imported, target);
    return message === null ? [] : [violation(source, imported, message)];
  });
};

function ofMain(imported: Import, target: string): string | null {
  const early = imported.lazy || imported.typeOnly || light.has(layerOf(target) ?? "");
  return early ? null : `main may not import ${target} eagerly: await import() it in its mode`;
}

function ofLayer(layer: string, imported: Import, target: string): string | null {
  const rules = layers[layer];
  if (rules === undefined) return `${layer} is no layer: add it to the table of layers, or move it`;
  const other = layerOf(target);
  if (other === null) return `${layer} may not import ${target}: src stands alone`;
  if (other === layer || rules.imports.includes(other)) return null;
  if (rules.types.includes(other)) {
    if (imported.typeOnly) return null;
    return `${layer} may import types of ${other} only: take the value as a parameter`;
  }
  return `${layer} may not import ${other}: ${rules.instead}`;
}

/** Each library and each module of the runtime is used in its place only. */
export const libraryRule: Rule = (source) => {
  if (layerOf(source.path) === null) return [];
  return source.imports
    .filter(({ specifier }) => !specifier.startsWith("."))
    .flatMap((imported) => {
      const message = ofLibrary(source.path, imported);
      return message === null ? [] : [violation(source, imported, message)];
    });
};

function ofLibrary(path: string, imported: Import): string | null {
  const name = packageOf(imported.specifier);
  const place = libraries[name] ?? modules[imported.specifier];
  if (place === undefined) return `${name} has no place yet: name one file or folder for it`;
  if (!isAt(path, place)) {
    return `${name} belongs in ${place.places.join(", ")}: ${place.instead}`;
  }
  const random = imported.names.find((imported) => drawn.test(imported));
  if (name === "node:crypto" && random !== undefined && layerOf(path) !== "platform") {
    return `${random} of node:crypto is banned here: take random from Effects`;
  }
  return null;
}

const packageOf = (specifier: string): string => {
  if (/^(node|bun):/.test(specifier)) return specifier;
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
};

/** A relative import names a file with its ending. */
export const endingRule: Rule = (source) =>
  relative(source)
    .filter(({ specifier }) => !/\.(ts|tsx|json|html|css|toml)$/.test(specifier))
    .map((imported) =>
      violation(source, imported, `import "${imported.specifier}" has no ending: write .ts`),
    );

/** The imports of a file that lead to other files of the repository. */
export const relative = (source: Source): readonly Import[] =>
  source.imports.filter(({ specifier }) => specifier.startsWith("."));

/** A violation that an import is. */
export const violation = (source: Source, imported: Import, message: string): Violation => ({
  path: source.path,
  line: imported.line,
  message,
});
