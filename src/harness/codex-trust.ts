/**
 * Codex's trust in the hooks written for it: Codex silently skips every hook that its user has not
 * reviewed. Reads the text of its settings; changes nothing.
 */

import { hookEvents } from "./events.ts";
import { readToml } from "./toml.ts";

/**
 * The events whose hook the user has not trusted in Codex. Codex keeps a hash for each hook, under
 * a key of the file's path, the event and two indexes.
 * @throws {bad_request} when the text is no TOML
 */
export function untrustedEvents(
  config: string | null,
  hooksFiles: readonly string[],
): readonly string[] {
  const trusted = new Set(
    eventsWhere(config, hooksFiles, (state) => typeof state.trusted_hash === "string"),
  );
  return hookEvents.codex.map(({ name }) => name).filter((name) => !trusted.has(name));
}

/** The events whose hook Codex was told not to run. @throws {bad_request} */
export const disabledEvents = (
  config: string | null,
  hooksFiles: readonly string[],
): readonly string[] => eventsWhere(config, hooksFiles, ({ enabled }) => enabled === false);

interface HookState {
  readonly trusted_hash?: unknown;
  readonly enabled?: unknown;
}

function eventsWhere(
  config: string | null,
  hooksFiles: readonly string[],
  holds: (state: HookState) => boolean,
): readonly string[] {
  const states = Object.entries(Object(Object(readToml(config).hooks).state));
  const keys = states.flatMap(([key, value]) => (holds(Object(value)) ? [key] : []));
  return hookEvents.codex
    .filter(({ name }) => {
      const event = name.replace(/(?<=[a-z])[A-Z]/g, "_$&").toLowerCase();
      const starts = hooksFiles.map((file) => `${file}:${event}:`);
      return keys.some((key) => starts.some((start) => key.startsWith(start)));
    })
    .map(({ name }) => name);
}
