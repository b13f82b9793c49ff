/** What setup will do to each file, decided before any is touched: the one plan that is shown. */

import { PeernetError } from "../../contract/errors.ts";
import type { AgentName, Places } from "../../harness/agents.ts";
import type { Registered } from "../../harness/events.ts";
import { type Found, find, requireWritable } from "../apply/files.ts";
import type { Declined, Ledger, LedgerFile } from "../apply/ledger.ts";
import type { Service } from "../service/service.ts";
import { type Change, hooksChange, mcpChange, wholeChange } from "./changes.ts";
import { type Settings, withSettings } from "./settings.ts";
import { type FoundAgent, mcpFile } from "./survey.ts";

/** What was answered, in all. */
export interface Answers {
  readonly settings: Settings;
  readonly agents: readonly AgentName[];
  readonly service: boolean;
}

/** One file of the plan. */
export interface Step {
  readonly change: Change;
  readonly found: Found;
  readonly state: "new" | "change" | "same";
  /** The text it will have. */
  readonly after: string;
  /** What is there and gives way, for a person. */
  readonly replaces: string | null;
}

/** Everything that will be done. */
export interface Plan {
  readonly settings: Settings;
  readonly steps: readonly Step[];
  /** What an earlier setup did and these answers no longer ask for. */
  readonly undone: readonly LedgerFile[];
  /** True where it will be there afterwards; null where no service is wanted or none can be had. */
  readonly service: Service | null;
  /** What is not to be proposed again. */
  readonly declined: Declined;
}

/** What a plan is made of. */
export interface Planning {
  readonly places: Places;
  /** The state folder. */
  readonly folder: string;
  readonly registered: Registered;
  readonly found: readonly FoundAgent[];
  /** The service this machine can have; null where no manager answers. */
  readonly service: Service | null;
  readonly ledger: Ledger;
}

/** Makes the plan. @throws {bad_request} naming the file that cannot be changed */
export function planOf(planning: Planning, answers: Answers): Plan {
  const service = answers.service ? planning.service : null;
  const changes = [
    settingsChange(planning.folder, answers.settings),
    ...planning.found
      .filter(({ agent, hasPlugin }) => answers.agents.includes(agent.name) && !hasPlugin)
      .flatMap((each) => agentChanges(planning, each)),
    ...(service === null ? [] : [serviceChange(service)]),
  ];
  return {
    settings: answers.settings,
    steps: changes.map(stepOf),
    undone: planning.ledger.files.filter(({ path, kind }) => {
      return kind !== "config" && !changes.some((change) => change.path === path);
    }),
    service,
    declined: declinedBy(planning, answers),
  };
}

/** What was here to be had and is not wanted; what was not here stays as it was answered before. */
function declinedBy({ found, service, ledger }: Planning, answers: Answers): Declined {
  const here = found.map(({ agent }) => agent.name);
  const absent = ledger.declined.agents.filter((name) => !here.some((each) => each === name));
  return {
    agents: [...absent, ...here.filter((name) => !answers.agents.includes(name))],
    service: service === null ? ledger.declined.service : !answers.service,
  };
}

/** True where there is nothing to do. */
export const isDone = ({ steps, undone }: Plan): boolean =>
  undone.length === 0 && steps.every(({ state }) => state === "same");

const settingsChange = (folder: string, settings: Settings): Change => ({
  kind: "config",
  agent: null,
  path: `${folder}/config.toml`,
  what: "",
  edit: (text) => withSettings(text, settings),
  replaces: () => null,
  command: null,
});

function agentChanges(
  { places, registered }: Planning,
  { agent, program }: FoundAgent,
): readonly Change[] {
  const mcp = mcpChange(agent, registered, { path: mcpFile(agent, places), program });
  if (agent.hooks === null) return [mcp];
  return [mcp, hooksChange(agent, registered, agent.hooks.file(places))];
}

const serviceChange = ({ path, text }: Service): Change =>
  wholeChange({ kind: "service", path, what: "runs the daemon from login on", text });

function stepOf(change: Change): Step {
  const found = find(change.path);
  try {
    const after = change.edit(found.text);
    const state = found.text === null ? "new" : after === found.text ? "same" : "change";
    if (state !== "same") requireWritable(found);
    return { change, found, state, after, replaces: change.replaces(found.text) };
  } catch (error) {
    if (!(error instanceof PeernetError)) throw error;
    throw blocked(change, error);
  }
}

/** Says which file it is, and how to go on without the agent that it is of. */
function blocked({ path, agent }: Change, { message, hint }: PeernetError): PeernetError {
  const named = message.includes(path) ? message : `${path}: ${message}`;
  const without = agent === null ? hint : `mend it, or leave ${agent.label} out by --agents`;
  return new PeernetError("bad_request", { message: named, hint: without });
}
