/**
 * Finds what an earlier version of peernet left out of an agent's files: hooks, such as those that
 * wake an idle session, and the permission to read messages. Changes nothing; a file that cannot be
 * read is not stale, for doctor reports it.
 */

import { type Agent, agents, type Places } from "../../harness/agents.ts";
import { isDecided } from "../../harness/allowed.ts";
import { isWaker } from "../../harness/events.ts";
import { lacksWakers, missingEvents, peernetHooks } from "../../harness/written-events.ts";
import { find } from "../apply/files.ts";

/** The parts that a home of an earlier version lacks. */
export interface Stale {
  /** The agents whose hooks are older than this version, as people say their names. */
  readonly hooks: readonly string[];
  /** True when Claude Code has peernet's hooks, and asks a person before it reads messages. */
  readonly asksToRead: boolean;
}

/** The parts that `peernet setup` would mend. */
export function staleIn(places: Places): Stale {
  const found = agents.map((agent) => ({ agent, state: stateOf(agent, places) }));
  const claude = found.find(({ agent }) => agent.name === "claude-code");
  const stale = found.filter(({ state }) => state?.isOld === true);
  return {
    hooks: stale.map(({ agent }) => agent.label),
    asksToRead: claude?.state?.asksToRead === true,
  };
}

function stateOf({ name, hooks }: Agent, places: Places) {
  if (hooks === null) return null;
  try {
    const { text } = find(hooks.file(places));
    const first = peernetHooks(hooks.agent, text).find(({ command }) => !isWaker(command));
    if (first === undefined) return null;
    const isOld =
      missingEvents(hooks.agent, text, first.command).length > 0 ||
      lacksWakers(hooks.agent, text, first.command);
    return { isOld, asksToRead: name === "claude-code" && !isDecided(text, "read_messages") };
  } catch {
    return null;
  }
}
