/**
 * The hooks of peernet in the text of an agent's hooks file, which Claude Code and Codex write
 * alike. Texts in, texts out; leaves every other hook as it is.
 */

import { type HookEvent, type HookedAgent, hookEvents, isPeernetHook } from "./events.ts";
import { readJson, valueAt, withAppended, withValue } from "./jsonc.ts";

/** A hook found in a file. */
export interface FoundHook {
  readonly event: string;
  readonly command: string;
  readonly path: readonly (string | number)[];
}

/** Every hook that runs a peernet. @throws {bad_request} when the text is no JSON */
export function peernetHooks(agent: HookedAgent, text: string | null): readonly FoundHook[] {
  return allHooks(text).filter(({ command }) => isPeernetHook(command, agent));
}

/** The text with every event's hook; one of another peernet gives way. @throws {bad_request} */
export function withHooks(agent: HookedAgent, text: string | null, command: string): string {
  let result = text;
  for (const event of hookEvents[agent]) {
    const hook = hookOf(event, command);
    const [first, ...others] = peernetHooks(agent, result).filter(isOf(event));
    // Backwards: taking one out moves those behind it.
    for (const other of others.reverse()) result = without(result ?? "", other);
    if (first === undefined) {
      result = withAppended(result, ["hooks", event.name], { hooks: [hook] });
    } else if (first.command !== command) {
      // What its user set beside the command, a timeout for one, stays.
      result = withValue(result, [...first.path, "command"], command);
    }
  }
  return result ?? "";
}

/**
 * The text without the hooks of one command; lists that are empty then go too, but for those that
 * were there `before`. @throws {bad_request}
 */
export function withoutHooks(text: string, command: string, before: string | null): string {
  let result = text;
  const found = allHooks(text).filter((hook) => hook.command === command);
  for (const hook of [...found].reverse()) result = without(result, hook);
  const former = readJson(before);
  const isEmpty = (path: readonly string[]): boolean => {
    const value = valueAt(readJson(result), [...path]);
    return value !== undefined && Object.keys(Object(value)).length === 0;
  };
  for (const { event } of found) {
    const path = ["hooks", event];
    if (isEmpty(path) && valueAt(former, path) === undefined) {
      result = withValue(result, path, undefined);
    }
  }
  if (isEmpty(["hooks"]) && former.hooks === undefined) {
    result = withValue(result, ["hooks"], undefined);
  }
  return result;
}

/** Events of an agent that no hook of a command is there for. @throws {bad_request} */
export const missingEvents = (
  agent: HookedAgent,
  text: string | null,
  command: string,
): readonly string[] => {
  const found = allHooks(text).filter((hook) => hook.command === command);
  return hookEvents[agent].filter((event) => !found.some(isOf(event))).map(({ name }) => name);
};

/** The hook of an event, as both agents write one. */
export const hookOf = ({ timeoutSeconds }: HookEvent, command: string) => ({
  type: "command",
  command,
  ...(timeoutSeconds === null ? {} : { timeout: timeoutSeconds }),
});

const isOf =
  ({ name }: HookEvent) =>
  ({ event }: FoundHook): boolean =>
    event === name;

function allHooks(text: string | null): readonly FoundHook[] {
  const events = Object.entries(Object(readJson(text).hooks));
  return events.flatMap(([event, groups]) =>
    listOf(groups).flatMap((group, at) =>
      listOf(Object(group).hooks).flatMap((hook, hookAt): readonly FoundHook[] => {
        const { command } = Object(hook);
        if (typeof command !== "string") return [];
        return [{ event, command, path: ["hooks", event, at, "hooks", hookAt] }];
      }),
    ),
  );
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Takes one hook out, and its group with it when it was the only one. */
function without(text: string, { path }: FoundHook): string {
  const group = path.slice(0, -2);
  const siblings = listOf(Object(valueAt(readJson(text), [...group])).hooks);
  return withValue(text, siblings.length > 1 ? [...path] : [...group], undefined);
}
