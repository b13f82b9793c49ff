/**
 * Peernet's hooks in the text of an agent's hooks file, whose format Claude Code and Codex share.
 * Texts in, texts out; leaves every other hook unchanged.
 */

import { wakerPatienceS } from "../contract/delivery/limits.ts";
import { wakeSummary } from "../contract/delivery/notices.ts";
import {
  type HookEvent,
  type HookedAgent,
  hookEvents,
  isPeernetHook,
  isWaker,
  wakerCommand,
  wakerEvents,
} from "./events.ts";
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

/** The text with a hook for every event; each replaces another peernet's. @throws {bad_request} */
export function withHooks(agent: HookedAgent, text: string | null, command: string): string {
  let result = text;
  for (const wanted of hooksOf(agent, command)) {
    const [first, ...others] = peernetHooks(agent, result).filter(isLike(wanted));
    // Backwards: a removal moves the later hooks.
    for (const other of others.reverse()) result = without(result ?? "", other);
    if (first === undefined) {
      result = withAppended(result, ["hooks", wanted.event], groupOf(wanted));
    } else if (first.command !== wanted.hook.command) {
      // Settings that the user added beside the command, such as a timeout, stay.
      result = withValue(result, [...first.path, "command"], wanted.hook.command);
    }
  }
  return result ?? "";
}

/** A hook in the format of both agents. */
type Hook = Readonly<Record<string, unknown>> & { readonly command: string };

/** A hook, its event, and the tools that the event must be about; null for all. */
interface WrittenHook {
  readonly event: string;
  readonly tools: string | null;
  readonly hook: Hook;
}

/** Every hook of an agent by its event, in the order in which they are written. */
export function hooksOf(agent: HookedAgent, command: string): readonly WrittenHook[] {
  return hookEvents[agent].flatMap((event) => {
    const { name, tools } = event;
    const plain = { event: name, tools, hook: hookOf(event, command) };
    const waits = wakerEvents[agent].includes(name);
    return waits ? [plain, { event: name, tools, hook: wakerOf(command) }] : [plain];
  });
}

/** A hook as a group of its own in a hooks file. */
export const groupOf = ({ tools, hook }: WrittenHook) =>
  tools === null ? { hooks: [hook] } : { matcher: tools, hooks: [hook] };

/**
 * The text without the hooks of one command. Lists that become empty are removed too, unless
 * `before` had them. @throws {bad_request}
 */
export function withoutHooks(text: string, command: string, before: string | null): string {
  let result = text;
  const ours = [command, wakerCommand(command)];
  const found = allHooks(text).filter((hook) => ours.includes(hook.command));
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

/** The text without the wakers of one command. @throws {bad_request} */
export function withoutWakers(text: string, command: string): string {
  const found = allHooks(text).filter((hook) => hook.command === wakerCommand(command));
  return found.reverse().reduce((result, hook) => without(result, hook), text);
}

/** Events of an agent for which no hook runs this command. @throws {bad_request} */
export const missingEvents = (
  agent: HookedAgent,
  text: string | null,
  command: string,
): readonly string[] => {
  const found = allHooks(text).filter((hook) => hook.command === command);
  return hookEvents[agent].map(({ name }) => name).filter((name) => !found.some(isOf(name)));
};

/** True when hooks of an earlier version have no waker, so that no idle session can be woken. */
export const lacksWakers = (agent: HookedAgent, text: string | null, command: string): boolean => {
  const found = allHooks(text).filter((hook) => hook.command === wakerCommand(command));
  return !wakerEvents[agent].every((name) => found.some(isOf(name)));
};

/** The hook that reports an event. */
export const hookOf = ({ timeoutSeconds }: HookEvent, command: string): Hook => ({
  type: "command",
  command,
  ...(timeoutSeconds === null ? {} : { timeout: timeoutSeconds }),
});

/** The hook that waits to wake its session: its error output starts a turn when it ends with 2. */
const wakerOf = (command: string): Hook => ({
  type: "command",
  command: wakerCommand(command),
  asyncRewake: true,
  timeout: wakerPatienceS,
  rewakeSummary: wakeSummary,
});

const isOf =
  (name: string) =>
  ({ event }: FoundHook): boolean =>
    event === name;

const isLike =
  ({ event, hook }: { readonly event: string; readonly hook: Hook }) =>
  (found: FoundHook): boolean =>
    found.event === event && isWaker(found.command) === isWaker(hook.command);

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

/** Removes one hook, and its group when the hook was its only one. */
function without(text: string, { path }: FoundHook): string {
  const group = path.slice(0, -2);
  const siblings = listOf(Object(valueAt(readJson(text), [...group])).hooks);
  return withValue(text, siblings.length > 1 ? [...path] : [...group], undefined);
}
