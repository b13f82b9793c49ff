/**
 * Whether Codex trusts the hooks that were written for it: it runs none that its user has not
 * reviewed, and says nothing of it. Reads the text of its settings; changes nothing.
 */

import { hookEvents } from "./events.ts";
import { readToml } from "./toml.ts";

/**
 * The events whose hook Codex has not been told to trust. It keeps a hash for each hook, under a
 * key of the file, by any of its paths, the event and two indexes.
 * @throws {bad_request} when the text is no TOML
 */
export function untrustedEvents(
  config: string | null,
  hooksFiles: readonly string[],
): readonly string[] {
  const state = Object(Object(readToml(config).hooks).state);
  const trusted = Object.entries(state).flatMap(([key, value]) =>
    typeof Object(value).trusted_hash === "string" ? [key] : [],
  );
  return hookEvents.codex
    .filter(({ name }) => {
      const event = name.replace(/(?<=[a-z])[A-Z]/g, "_$&").toLowerCase();
      const keys = hooksFiles.map((file) => `${file}:${event}:`);
      return !trusted.some((key) => keys.some((start) => key.startsWith(start)));
    })
    .map(({ name }) => name);
}
