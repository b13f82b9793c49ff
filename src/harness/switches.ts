/**
 * The switches by which a user, or the machine's administrator, keeps a coding agent from running a
 * registered program. Values in, findings out: opens no file. Each finding has one fix, in one of
 * three forms; carrying the fix out ends the finding.
 */

import type { AgentName } from "./agents.ts";
import { commandOf } from "./entries.ts";
import { isObject, type JsonObject, valueAt } from "./jsonc.ts";

/** A part of peernet that an agent was told not to run. */
export interface SwitchedOff {
  readonly part: "mcp" | "hooks";
  /** The setting that switches the part off, for a person. */
  readonly by: string;
  readonly fix: string;
}

/** A settings file's object; empty when there is no file. */
export interface Settings {
  readonly path: string;
  readonly root: JsonObject;
  readonly isThere: boolean;
}

/** The settings of an agent, in order of precedence. */
export interface AgentSettings {
  /** The administrator's settings; a user cannot override them. */
  readonly managed: readonly Settings[];
  /** The settings of the current project, then the user's own. */
  readonly others: readonly Settings[];
  /** A list of servers that excludes every other server; null when an agent has no such list. */
  readonly exclusive: Settings | null;
  /** Switches that the agent keeps outside its settings. */
  readonly enablement: Settings | null;
}

/** The server's name among an agent's other servers. */
const name = "peernet";

type Part = SwitchedOff["part"];
type Path = readonly string[];

const shown = (path: Path): string => path.join(".");

/** A finding: a key has this value, and must be removed. */
function is(part: Part, path: Path, value: unknown) {
  return ({ path: file, root }: Settings): readonly SwitchedOff[] => {
    if (valueAt(root, [...path]) !== value) return [];
    const key = shown(path);
    const by = `${key} is ${String(value)} in ${file}`;
    return [{ part, by, fix: `take ${key} out of ${file}` }];
  };
}

/** A finding: a list of excluded servers names ours. */
function excludes(path: Path, names: readonly string[] = [name], part: Part = "mcp") {
  return ({ path: file, root }: Settings): readonly SwitchedOff[] => {
    const list = listOf(valueAt(root, [...path]));
    const found = names.find((each) => list.includes(each));
    if (found === undefined) return [];
    const by = `${shown(path)} has ${found} in ${file}`;
    return [{ part, by, fix: `take ${found} out of ${shown(path)} in ${file}` }];
  };
}

/** A finding: a list of admitted servers lacks ours. */
function admits(path: Path) {
  return ({ path: file, root }: Settings): readonly SwitchedOff[] => {
    const list = listOf(valueAt(root, [...path]));
    if (list.length === 0 || list.includes(name)) return [];
    const by = `${shown(path)} is without ${name} in ${file}`;
    return [{ part: "mcp", by, fix: `add ${name} to ${shown(path)} in ${file}` }];
  };
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** The first settings, in order of precedence, that have the key at all. */
function firstWith(all: readonly Settings[], path: Path): readonly Settings[] {
  const found = all.find(({ root }) => valueAt(root, [...path]) !== undefined);
  return found === undefined ? [] : [found];
}

type Look = (settings: AgentSettings, entry: JsonObject) => readonly SwitchedOff[];

const overEach =
  (...looks: readonly ((settings: Settings) => readonly SwitchedOff[])[]) =>
  (all: readonly Settings[]): readonly SwitchedOff[] =>
    all.flatMap((settings) => looks.flatMap((look) => look(settings)));

/** True when a list of Claude Code's administrator holds the server, by name or by command. */
function isListed(list: readonly unknown[], entry: JsonObject): boolean {
  const command = commandOf(entry);
  return list
    .filter(isObject)
    .some(
      ({ serverName, serverCommand }) =>
        serverName === name || (command !== null && Bun.deepEquals(serverCommand, command)),
    );
}

const claudeServers =
  (entry: JsonObject) =>
  ({ path, root }: Settings): readonly SwitchedOff[] => {
    const [denied, allowed] = [root.deniedMcpServers, root.allowedMcpServers];
    const isDenied = isListed(listOf(denied), entry);
    const isLeftOut = Array.isArray(allowed) && !isListed(allowed, entry);
    const found = (by: string, fix: string): SwitchedOff => ({ part: "mcp", by, fix });
    return [
      ...(isDenied
        ? [
            found(
              `deniedMcpServers has ${name} in ${path}`,
              `take ${name} out of deniedMcpServers in ${path}`,
            ),
          ]
        : []),
      ...(isLeftOut
        ? [
            found(
              `allowedMcpServers is without ${name} in ${path}`,
              `add ${name} to allowedMcpServers in ${path}`,
            ),
          ]
        : []),
    ];
  };

const claude: Look = ({ managed, others, exclusive }, entry) => {
  const all = [...managed, ...others];
  const isLeftOut =
    exclusive?.isThere === true && valueAt(exclusive.root, ["mcpServers", name]) === undefined;
  const denials = [`mcp__${name}`, `mcp__${name}__*`, "mcp__*"];
  return [
    ...firstWith(all, ["disableAllHooks"]).flatMap(is("hooks", ["disableAllHooks"], true)),
    ...managed.flatMap(is("hooks", ["allowManagedHooksOnly"], true)),
    ...overEach(claudeServers(entry), excludes(["permissions", "deny"], denials))(all),
    ...(exclusive !== null && isLeftOut
      ? [
          {
            part: "mcp",
            by: `mcpServers is without ${name} in ${exclusive.path}, which rules out all others`,
            fix: `add ${name} to mcpServers in ${exclusive.path}`,
          } as const,
        ]
      : []),
  ];
};

/** Servers that Codex's requirements admit, each by its name and its command. */
const codexServers =
  (entry: JsonObject) =>
  ({ path, root }: Settings): readonly SwitchedOff[] => {
    const { mcp_servers: servers } = root;
    if (!isObject(servers)) return [];
    const [program] = commandOf(entry) ?? [];
    const command = valueAt(servers, [name, "identity", "command"]);
    if (servers[name] !== undefined && (command === undefined || command === program)) return [];
    const by = `mcp_servers is without this ${name} in ${path}`;
    return [{ part: "mcp", by, fix: `add ${name} to mcp_servers in ${path}` }];
  };

const codex: Look = ({ managed, others, exclusive }, entry) => {
  const all = [...managed, ...others];
  const required = exclusive === null ? [] : [exclusive];
  const features = ["hooks", "codex_hooks"].map((key) => ["features", key]);
  return [
    ...features.flatMap((path) => firstWith(all, path).flatMap(is("hooks", path, false))),
    ...features.flatMap((path) => required.flatMap(is("hooks", path, false))),
    ...required.flatMap(is("hooks", ["allow_managed_hooks_only"], true)),
    ...required.flatMap(codexServers(entry)),
    ...overEach(is("mcp", ["mcp_servers", name, "enabled"], false))(managed),
  ];
};

const geminiLike: Look = ({ managed, others, enablement }) => {
  const all = [...managed, ...others];
  const lists = overEach(
    excludes(["mcp", "excluded"]),
    excludes(["excludeMCPServers"]),
    admits(["mcp", "allowed"]),
    admits(["allowMCPServers"]),
    is("mcp", ["admin", "mcp", "enabled"], false),
  );
  return [
    ...lists(all),
    ...(enablement === null ? [] : is("mcp", [name, "enabled"], false)(enablement)),
  ];
};

const opencode: Look = ({ managed, others }) => {
  const all = [...managed, ...others];
  const tools = [`${name}*`, `${name}_*`, "*"].map((key) => ["tools", key]);
  return [
    ...firstWith(managed, ["mcp", name, "enabled"]).flatMap(
      is("mcp", ["mcp", name, "enabled"], false),
    ),
    ...tools.flatMap((path) => firstWith(all, path).flatMap(is("mcp", path, false))),
  ];
};

const copilot: Look = ({ managed, others }) =>
  overEach(
    excludes(["disabledMcpServers"]),
    excludes(["disabled_mcp_servers"]),
  )([...managed, ...others]);

const looks: Readonly<Record<AgentName, Look>> = {
  "claude-code": claude,
  codex,
  "gemini-cli": geminiLike,
  "qwen-code": geminiLike,
  opencode,
  copilot,
};

/** The entry's own switch; each agent uses one of these names for it. */
function ofEntry(entry: JsonObject, { path, keys }: EntryPlace): readonly SwitchedOff[] {
  const settings = { path, root: entry, isThere: true };
  const found = [
    ...is("mcp", ["enabled"], false)(settings),
    ...is("mcp", ["disabled"], true)(settings),
  ];
  return found.map((each) => ({
    part: "mcp",
    by: `${shown(keys)}.${each.by}`,
    fix: each.fix.replace("take ", `take ${shown(keys)}.`),
  }));
}

/** The place of an entry in a file. */
export interface EntryPlace {
  readonly path: string;
  readonly keys: readonly string[];
}

/** Every setting that keeps an agent from running its registered entry. */
export const switchedOff = (
  agent: AgentName,
  settings: AgentSettings,
  { entry, place }: { readonly entry: JsonObject | null; readonly place: EntryPlace },
): readonly SwitchedOff[] => [
  ...(entry === null ? [] : ofEntry(entry, place)),
  ...looks[agent](settings, entry ?? {}).filter(({ part }) => entry !== null || part === "hooks"),
];

/** The projects in which Claude Code was told not to start the server. */
export const claudeProjectsWithout = (root: JsonObject): readonly string[] =>
  Object.entries(Object(root.projects)).flatMap(([folder, project]) =>
    listOf(Object(project).disabledMcpServers).includes(name) ? [folder] : [],
  );
