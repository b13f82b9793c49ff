/**
 * The plan: setup's change to each file, decided before any file is touched. The plan that is shown
 * is the plan that is carried out.
 */

import { PeernetError } from "../../contract/errors.ts";
import { stateNames } from "../../contract/text/state-names.ts";
import type { AgentName, Places } from "../../harness/agents.ts";
import { type AllowableTool, isDecided, proposedTools } from "../../harness/allowed.ts";
import type { Registered } from "../../harness/events.ts";
import { type Found, find, requireWritable } from "../apply/files.ts";
import type { Declined, Ledger, LedgerFile } from "../apply/ledger.ts";
import type { Service } from "../service/service.ts";
import { allowChange, type Change, hooksChange, mcpChange, wholeChange } from "./changes.ts";
import { type Settings, withSettings } from "./settings.ts";
import { type FoundAgent, mcpFile } from "./survey.ts";

/** All answers of the person. */
export interface Answers {
  readonly settings: Settings;
  readonly agents: readonly AgentName[];
  readonly service: boolean;
  /** Tools of peernet that Claude Code runs without asking. */
  readonly tools: readonly AllowableTool[];
}

/** One file of the plan. */
export interface Step {
  readonly change: Change;
  readonly found: Found;
  /** The text that the file has before this step; an earlier step may have made it. */
  readonly before: string | null;
  readonly state: "new" | "change" | "same";
  /** The text that the file will have. */
  readonly after: string;
  /** The existing entry that the step replaces, in words for a person. */
  readonly replaces: string | null;
}

/** All steps of setup. */
export interface Plan {
  readonly settings: Settings;
  readonly steps: readonly Step[];
  /** Earlier changes of setup that these answers no longer ask for. */
  readonly undone: readonly LedgerFile[];
  /** The service that will run afterwards; null when none is wanted or available. */
  readonly service: Service | null;
  /** The keeper's service beside it; null where the settings need none. */
  readonly keeper: Service | null;
  /** Offers that setup shall not propose again. */
  readonly declined: Declined;
}

/** The input of a plan. */
export interface Planning {
  readonly places: Places;
  /** The state folder. */
  readonly folder: string;
  readonly registered: Registered;
  readonly found: readonly FoundAgent[];
  /** The service that this machine can have; null when no service manager answers. */
  readonly service: Service | null;
  /** The keeper's service; null where the settings need none. */
  readonly keeper: Service | null;
  readonly ledger: Ledger;
}

/** Makes the plan. @throws {bad_request} naming the file that cannot be changed */
export function planOf(planning: Planning, answers: Answers): Plan {
  const service = answers.service ? planning.service : null;
  const keeper = answers.service ? planning.keeper : null;
  const changes = [
    settingsChange(planning.folder, answers.settings),
    ...planning.found
      .filter(({ agent, hasPlugin }) => answers.agents.includes(agent.name) && !hasPlugin)
      .flatMap((each) => agentChanges(planning, each, answers)),
    ...(service === null ? [] : [serviceChange(service)]),
    ...(keeper === null ? [] : [keeperChange(keeper)]),
  ];
  return {
    settings: answers.settings,
    steps: stepsOf(changes),
    undone: planning.ledger.files.filter(({ path, kind }) => {
      return kind !== "config" && !changes.some((change) => change.path === path);
    }),
    service,
    keeper,
    declined: declinedBy(planning, answers),
  };
}

/**
 * The available offers that the person declined; earlier answers stay for offers that are not
 * available now.
 */
function declinedBy({ found, service, ledger }: Planning, answers: Answers): Declined {
  const here = found.map(({ agent }) => agent.name);
  const hasTools = answers.agents.includes("claude-code");
  const absent = ledger.declined.agents.filter((name) => !here.some((each) => each === name));
  return {
    agents: [...absent, ...here.filter((name) => !answers.agents.includes(name))],
    service: service === null ? ledger.declined.service : !answers.service,
    tools: hasTools
      ? proposedTools.filter((tool) => !answers.tools.includes(tool))
      : ledger.declined.tools,
  };
}

/** True when the plan has no step. */
export const isDone = ({ steps, undone }: Plan): boolean =>
  undone.length === 0 && steps.every(({ state }) => state === "same");

const settingsChange = (folder: string, settings: Settings): Change => ({
  kind: "config",
  agent: null,
  path: `${folder}/${stateNames.config}`,
  what: "",
  edit: (text) => withSettings(text, settings),
  replaces: () => null,
  command: null,
});

function agentChanges(
  { places, registered, ledger }: Planning,
  { agent, program }: FoundAgent,
  { tools }: Answers,
): readonly Change[] {
  const mcp = mcpChange(agent, registered, { path: mcpFile(agent, places), program });
  if (agent.hooks === null) return [mcp];
  const path = agent.hooks.file(places);
  const hooks = hooksChange(agent, registered, path);
  if (agent.name !== "claude-code") return [mcp, hooks];
  const earlier = ledger.files.find((file) => file.path === path)?.allowed ?? [];
  const { text } = find(path);
  // A rule of the user decides about its tool, whatever setup proposes.
  const isOpen = (tool: AllowableTool): boolean => earlier.includes(tool) || !isDecided(text, tool);
  const open = named(hooks, () => tools.filter(isOpen));
  if (open.length + earlier.length === 0) return [mcp, hooks];
  return [mcp, hooks, allowChange(agent, path, { tools: open, earlier })];
}

const serviceChange = ({ path, text }: Service): Change =>
  wholeChange({ kind: "service", path, what: "runs the daemon from login on", text });

const keeperChange = ({ path, text }: Service): Change =>
  wholeChange({ kind: "keeper", path, what: "runs the keeper from login on", text });

/** A step for each change; several may change one file, each after the one before it. */
function stepsOf(changes: readonly Change[]): readonly Step[] {
  const steps: Step[] = [];
  for (const change of changes) {
    const earlier = steps.findLast((step) => step.change.path === change.path);
    const found = earlier?.found ?? find(change.path);
    steps.push(stepOf(change, found, earlier === undefined ? found.text : earlier.after));
  }
  return steps;
}

const stepOf = (change: Change, found: Found, before: string | null): Step =>
  named(change, () => {
    const after = change.edit(before);
    const state = before === null ? "new" : after === before ? "same" : "change";
    if (state !== "same") requireWritable(found);
    return { change, found, before, state, after, replaces: change.replaces(before) };
  });

/** The result of reading a change's file; an error names the file. */
function named<T>(change: Change, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof PeernetError)) throw error;
    throw blocked(change, error);
  }
}

/** The refusal that names the file, and says how to go on without the file's agent. */
function blocked({ path, agent, kind }: Change, { message, hint }: PeernetError): PeernetError {
  const named = message.includes(path) ? message : `${path}: ${message}`;
  const leftOut = kind === "permissions" ? "all tools out by --allow none" : null;
  const without =
    agent === null ? hint : `mend it, or leave ${leftOut ?? `${agent.label} out by --agents`}`;
  return new PeernetError("bad_request", { message: named, hint: without });
}
