/** The answers of setup as settings in config.toml, and those settings as default answers. */

import { PeernetError } from "../../contract/errors.ts";
import { readToml, type TomlValue, withKey } from "../../harness/toml.ts";
import { type Config, readConfig } from "../../platform/config.ts";

/** The settings that setup asks for. */
export interface Settings {
  readonly name: string;
  /** Addresses, and the words `tailnet` and `lan`. */
  readonly listen: readonly string[];
  /** The port to write; null to leave it unchanged. */
  readonly port: number | null;
  readonly activate: Config["sessions"]["activate"];
  /** The folders whose sessions take a handle, when only some folders' do. */
  readonly folders: readonly string[];
}

/**
 * The settings of config.toml, with `listen` and setup's own defaults for absent keys.
 * @throws {bad_request}
 */
export function proposed(text: string | null, listen: string): Settings {
  const config = readConfig({ text, environment: {} });
  const said = Object(readToml(text).sessions).activate !== undefined;
  return {
    name: config.machine.name,
    listen: config.listen.addresses ?? [listen],
    port: null,
    activate: said ? config.sessions.activate : "repositories",
    folders: config.sessions.folders,
  };
}

/**
 * The text of config.toml with these settings; the same text when it has them. @throws
 * {bad_request}
 */
export function withSettings(text: string | null, settings: Settings): string {
  const wanted: readonly (readonly [readonly [string, string], TomlValue])[] = [
    [["machine", "name"], settings.name],
    [["listen", "addresses"], settings.listen],
    ...(settings.port === null ? [] : [[["listen", "port"], settings.port] as const]),
    [["sessions", "activate"], settings.activate],
    // Folders are kept even while the setting that uses them is off.
    ...(settings.activate === "folders"
      ? [[["sessions", "folders"], settings.folders] as const]
      : []),
  ];
  let result = text ?? "";
  for (const [[table, key], value] of wanted) {
    const is: unknown = Object(readToml(result)[table])[key];
    if (!Bun.deepEquals(is, value)) result = withKey(result, [table, key], value);
  }
  readConfig({ text: result, environment: {} });
  return result;
}

/**
 * The text of config.toml with a setting that lets other machines reach this one. @throws
 * {bad_request}
 */
export const withListen = (text: string | null, word: "tailnet" | "lan"): string =>
  withKey(text, ["listen", "addresses"], [word]);

/** True when config.toml sets the port. @throws {bad_request} */
export const namesPort = (text: string | null): boolean =>
  Object(readToml(text).listen).port !== undefined;

/** The text of config.toml with one more folder whose sessions take no handle by themselves. */
export function withExcluded(text: string | null, folder: string): string {
  const { sessions } = readConfig({ text, environment: {} });
  if (sessions.exclude.includes(folder)) return text ?? "";
  const result = withKey(text, ["sessions", "exclude"], [...sessions.exclude, folder]);
  readConfig({ text: result, environment: {} });
  return result;
}

/**
 * Parses the value of `--sessions`: repositories, none, or folders separated by commas. @throws
 * {bad_request}
 */
export function sessionsOf(word: string): Pick<Settings, "activate" | "folders"> {
  if (word === "repositories" || word === "none") return { activate: word, folders: [] };
  const folders = word.split(",").filter(Boolean);
  if (folders.length > 0 && folders.every((folder) => /^(\/|~(\/|$))/.test(folder))) {
    return { activate: "folders", folders };
  }
  throw new PeernetError("bad_request", {
    message: "--sessions takes repositories, none, or absolute folders",
    hint: "peernet setup --sessions repositories",
  });
}
