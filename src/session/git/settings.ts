/**
 * The settings under which git reads a repository: a few values of the user's and the repository's
 * config, each of a known form, written into a config of our own. Settings that could name a
 * program are left out. Pure.
 */

/** Values of a config by key, in the order of its files. */
export type Settings = ReadonlyMap<string, readonly string[]>;

/** Reads the output of `git config -z --list`. */
export function settingsOf(output: Uint8Array): Settings {
  const settings = new Map<string, string[]>();
  for (const record of new TextDecoder().decode(output).split("\0")) {
    const end = record.indexOf("\n");
    const key = end < 0 ? record : record.slice(0, end);
    // A key without a value is a boolean that is true.
    const value = end < 0 ? "true" : record.slice(end + 1);
    if (key !== "") settings.set(key, [...(settings.get(key) ?? []), value]);
  }
  return settings;
}

/** The effective value of a key: the last one. */
export const lastOf = (settings: Settings, key: string): string | undefined =>
  settings.get(key)?.at(-1);

const truth = /^(true|yes|on|[1-9][0-9]*)$/i;

/** A value as git reads booleans; null when git would refuse it. */
export function truthOf(value: string): boolean | null {
  if (truth.test(value)) return true;
  return /^(false|no|off|0|)$/i.test(value) ? false : null;
}

/** True for a key that is set and true. */
export const isOn = (settings: Settings, key: string): boolean =>
  truthOf(lastOf(settings, key) ?? "") === true;

/** Settings by which git compares a file with its index; none of them names a program or a path. */
const booleans = [
  "core.filemode",
  "core.ignorecase",
  "core.precomposeunicode",
  "core.symlinks",
  "core.trustctime",
  "core.sparsecheckout",
  "core.sparsecheckoutcone",
] as const;

const words = {
  "core.autocrlf": /^(true|false|input)$/,
  "core.eol": /^(lf|crlf|native)$/,
  "core.checkstat": /^(default|minimal)$/,
  "extensions.objectformat": /^(sha1|sha256)$/,
} as const;

/** Extensions under which a repository is read; git itself refuses one that it does not know. */
const extensions = new Set([
  "extensions.objectformat",
  "extensions.worktreeconfig",
  "extensions.partialclone",
  "extensions.preciousobjects",
  "extensions.noop",
  "extensions.relativeworktrees",
  "extensions.refstorage",
]);

/** A repository's storage of refs; null when peernet does not read that kind. */
export function refStorageOf(own: Settings): "files" | "reftable" | null {
  const told = lastOf(own, "extensions.refstorage") ?? "files";
  return told === "files" || told === "reftable" ? told : null;
}

/** True for a repository's own config whose format this code knows. */
export function isKnownFormat(own: Settings): boolean {
  const version = lastOf(own, "core.repositoryformatversion") ?? "0";
  if (version !== "0" && version !== "1") return false;
  const asked = [...own.keys()].filter((key) => key.startsWith("extensions."));
  if (asked.some((key) => key === "extensions.refstorage")) {
    if (refStorageOf(own) === null || version === "0") return false;
  }
  return version === "0" || asked.every((key) => extensions.has(key));
}

/** Files outside of a repository by which a user makes git ignore or treat files. */
export interface UserFiles {
  readonly excludes: string;
  readonly attributes: string;
}

/** The config for git: fixed settings, and the allowed ones of the user's and the own config. */
export function frozenConfig(user: Settings, own: Settings, files: UserFiles): string {
  const chosen = new Map<string, string>();
  for (const settings of [user, own]) {
    for (const key of booleans) {
      const value = truthOf(lastOf(settings, key) ?? "?");
      if (value !== null) chosen.set(key, String(value));
    }
    for (const [key, form] of Object.entries(words)) {
      const value = lastOf(settings, key)?.toLowerCase();
      if (value !== undefined && form.test(value)) chosen.set(key, value);
    }
  }
  const isOther = lastOf(own, "extensions.objectformat")?.toLowerCase() === "sha256";
  if (!isOther) chosen.delete("extensions.objectformat");
  const fixed: readonly (readonly [string, string])[] = [
    ["core.repositoryformatversion", isOther ? "1" : "0"],
    ["core.bare", "false"],
    ["core.fsmonitor", "false"],
    ["core.hookspath", "/dev/null"],
    ["core.logallrefupdates", "false"],
    // Packs are mapped in parts, so that a large one needs little of git's limited memory.
    ["core.packedgitwindowsize", "32m"],
    ["core.packedgitlimit", "256m"],
    ["core.excludesfile", files.excludes],
    ["core.attributesfile", files.attributes],
  ];
  return [...fixed, ...chosen].map(([key, value]) => lineOf(key, value)).join("");
}

function lineOf(key: string, value: string): string {
  const [section, name] = key.split(".");
  return `[${section}]\n\t${name} = ${quoted(value)}\n`;
}

const quoted = (value: string): string =>
  `"${value.replace(/["\\]/g, "\\$&").replaceAll("\n", "\\n").replaceAll("\t", "\\t")}"`;

/** True for another user's folder that the user's config marks as safe, by git's own rules. */
export function isSafeDirectory(user: Settings, root: string, home: string): boolean {
  let isSafe = false;
  for (const given of user.get("safe.directory") ?? []) {
    const value = fromHome(given, home);
    // An empty value cancels those above it.
    if (value === "") isSafe = false;
    else if (value === "*" || value === root) isSafe = true;
    else if (value.endsWith("/*") && root.startsWith(value.slice(0, -1))) isSafe = true;
  }
  return isSafe;
}

/** A path of a config, in which a leading `~` is the user's home. */
export const fromHome = (path: string, home: string): string =>
  path === "~" || path.startsWith("~/") ? `${home}${path.slice(1)}` : path;
