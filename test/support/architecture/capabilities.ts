/**
 * Who may import whom within a layer: each capability is a folder, and those that meet do so in
 * the file above them. Types count too.
 */

import { layerOf, relative, resolved, violation } from "./imports.ts";
import type { Rule } from "./source.ts";

interface Capability {
  /** Folders of the same layer that it may import, types included. */
  readonly imports: readonly string[];
  readonly instead: string;
}

const together = "assemble.ts hands verbs down, typed in context/ports.ts";
const daemonFolder = (...imports: readonly string[]): Capability => ({
  imports,
  instead: together,
});
const rung = daemonFolder("context", "peers", "links", "sessions", "outbox", "errands");
const commandFolder: Capability = {
  imports: ["frame", "terminal"],
  instead: "move what both need to frame/ or terminal/",
};

/** The folders of a layer that has capabilities, and what each may import of the others. */
const capabilities: Readonly<Record<string, Readonly<Record<string, Capability>>>> = {
  daemon: {
    context: daemonFolder(),
    sessions: daemonFolder("context"),
    api: daemonFolder("context"),
    errands: daemonFolder("context"),
    network: daemonFolder("context", "api"),
    peers: daemonFolder("context", "network"),
    audit: daemonFolder("context"),
    outbox: daemonFolder("context", "peers", "audit"),
    pairing: daemonFolder("context", "network", "peers", "sessions"),
    metrics: daemonFolder("context", "peers"),
    trust: daemonFolder("context", "network", "peers", "pairing"),
    links: daemonFolder("context", "network", "peers", "audit", "sessions", "outbox"),
    policy: daemonFolder("context"),
    watch: daemonFolder("context", "peers", "audit", "sessions", "pairing"),
    webhooks: daemonFolder("context", "peers"),
    ask: rung,
    messages: rung,
    delivery: rung,
    tasks: rung,
    reads: rung,
    overlap: rung,
    subjects: rung,
  },
  cli: {
    terminal: { ...commandFolder, imports: [] },
    frame: { ...commandFolder, imports: ["terminal"] },
    // Setup ends with an offer to pair.
    wizard: { ...commandFolder, imports: ["frame", "terminal", "setup", "pairing"] },
    ...Object.fromEntries(
      ["help", "ask", "sessions", "audit", "pairing", "daemon", "doctor", "dashboard", "setup"]
        .concat(["messages", "tasks", "policy", "reads", "runners", "watch", "outbox"])
        .concat(["trust", "overlap"])
        .map((name) => [name, commandFolder]),
    ),
  },
};

/** Folders of capabilities import those named for them, and never each other. */
export const capabilityRule: Rule = (source) => {
  const layer = layerOf(source.path) ?? "";
  const folders = capabilities[layer];
  const own = folderOf(source.path);
  if (folders === undefined || own === null) return [];
  const rules = folders[own];
  if (rules === undefined) {
    const message = `${layer}/${own} is no capability: add it to the table, or move it`;
    return [{ path: source.path, line: 1, message }];
  }
  return relative(source).flatMap((imported) => {
    const target = resolved(source.path, imported.specifier);
    if (layerOf(target) !== layer) return [];
    const other = folderOf(target);
    if (other === own || (other !== null && rules.imports.includes(other))) return [];
    const name = other ?? target;
    return [
      violation(source, imported, `${layer}/${own} may not import ${name}: ${rules.instead}`),
    ];
  });
};

/** The folder of a file within its layer; null for a file that stands beside the folders. */
const folderOf = (path: string): string | null => {
  const parts = path.split("/");
  return parts.length > 3 ? (parts[2] ?? null) : null;
};
