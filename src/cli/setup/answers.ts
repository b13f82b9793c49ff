/** The answers from setup's flags, which override config.toml and setup's proposals. */

import { PeernetError } from "../../contract/errors.ts";
import { IpAddress, Name } from "../../contract/terms.ts";
import { fittingName } from "../../contract/text/naming.ts";
import { listed } from "../../contract/text/words.ts";
import { type AgentName, agents } from "../../harness/agents.ts";
import { type AllowableTool, allowableTools, proposedTools } from "../../harness/allowed.ts";
import { addressesOf, freePort } from "../../setup/plan/networks.ts";
import type { Answers } from "../../setup/plan/plan.ts";
import { proposed, sessionsOf } from "../../setup/plan/settings.ts";
import type { Survey } from "../frame/setup-parts.ts";
import { isLoopback } from "./text.ts";

/** The flags with answers. */
export interface AnswerFlags {
  readonly name: string | null;
  readonly listen: string | null;
  readonly sessions: string | null;
  readonly agents: string | null;
  readonly allow: string | null;
  readonly service: boolean;
  readonly "no-service": boolean;
}

/**
 * The answers from flags, which override config.toml and setup's proposals. Setup proposes the
 * local network only to a person, who sees the consequences and agrees.
 * @throws {bad_request}
 */
export function answersOf(survey: Survey, flags: AnswerFlags, asks: boolean): Answers {
  const { tailnet, networks } = survey;
  const unasked = tailnet.state === "running" ? "tailnet" : "127.0.0.1";
  const hasLan = networks.lan !== null && networks.lan.length > 0;
  const isProposed = asks && tailnet.state !== "running" && hasLan;
  const defaults = proposed(survey.config, isProposed ? "lan" : unasked);
  return {
    settings: {
      ...defaults,
      ...(flags.name === null ? {} : { name: nameOf(flags.name) }),
      ...(flags.listen === null ? {} : { listen: listenOf(survey, flags.listen) }),
      ...(flags.sessions === null ? {} : sessionsOf(flags.sessions)),
    },
    agents: flags.agents === null ? defaultAgents(survey) : agentsOf(survey, flags.agents),
    service: wantsService(survey, flags),
    tools: flags.allow === null ? defaultTools(survey) : toolsOf(flags.allow),
  };
}

function wantsService({ service, ledger }: Survey, flags: AnswerFlags): boolean {
  if (flags.service && flags["no-service"]) {
    throw new PeernetError("bad_request", {
      message: "--service and --no-service exclude each other",
      hint: "peernet help setup",
    });
  }
  if (flags.service && service === null) {
    throw new PeernetError("bad_request", {
      message: "no service manager answers here that could run the daemon",
      hint: "peernet setup --no-service",
    });
  }
  const isDeclined = flags["no-service"] || (ledger.declined.service && !flags.service);
  return service !== null && !isDeclined;
}

/** The answers with a free port, when the default one is another user's. */
export function withFreePort(survey: Survey, answers: Answers): Answers {
  if (!survey.takesPort) return answers;
  const addresses = answers.settings.listen.flatMap((word) => addressesOf(word, survey));
  return { ...answers, settings: { ...answers.settings, port: freePort(addresses) } };
}

function listenOf(survey: Survey, words: string): readonly string[] {
  if (words === "local") return ["127.0.0.1"];
  return words.split(",").map((word) => {
    if (word === "lan") requireLan(survey);
    else if (IpAddress.safeParse(word).success) requireHere(survey, word);
    if (word === "tailnet" || word === "lan" || IpAddress.safeParse(word).success) return word;
    throw new PeernetError("bad_request", {
      message: `--listen takes tailnet, lan, local or addresses, not ${word || "nothing"}`,
      hint: "peernet setup --listen tailnet,lan",
    });
  });
}

/** The first address that another machine could reach, for a hint. */
const reachable = ({ networks }: Survey): string =>
  networks.addresses.find((address) => !isLoopback(address)) ?? "local";

function requireLan(survey: Survey): void {
  if (survey.networks.lan !== null) return;
  throw new PeernetError("bad_request", {
    message: "which networks are local cannot be told: /sys is not mounted",
    hint: `peernet setup --listen ${reachable(survey)}`,
  });
}

/** Addresses that stand for every address, and therefore always exist here. */
const wildcards: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);

function requireHere(survey: Survey, address: string): void {
  const { addresses } = survey.networks;
  if (wildcards.has(address) || isLoopback(address) || addresses.includes(address)) return;
  throw new PeernetError("bad_request", {
    message: `${address} is no address of this machine, which has ${listed(addresses)}`,
    hint: `peernet setup --listen ${reachable(survey)}`,
  });
}

function nameOf(word: string): string {
  const parsed = Name.safeParse(word);
  if (parsed.success) return parsed.data;
  throw new PeernetError("bad_request", {
    message: `--name ${word}: ${parsed.error.issues[0]?.message ?? "not a name"}`,
    hint: `peernet setup --name ${fittingName(word) || "mini"}`,
  });
}

/** All agents here, except those that an earlier setup found and excluded. */
const defaultAgents = ({ found, ledger }: Survey): readonly AgentName[] =>
  found.map(({ agent }) => agent.name).filter((name) => !ledger.declined.agents.includes(name));

function agentsOf({ found }: Survey, word: string): readonly AgentName[] {
  if (word === "none") return [];
  return word.split(",").map((each) => {
    const known = agents.find(({ name, program }) => name === each || program === each);
    const here = found.find(({ agent }) => agent.name === known?.name);
    if (here !== undefined) return here.agent.name;
    const names = found.map(({ agent }) => agent.name).join(",");
    throw new PeernetError("bad_request", {
      message:
        known === undefined ? `there is no agent ${each}` : `${known.label} was not found here`,
      hint: `peernet setup --agents ${names === "" ? "none" : names}`,
    });
  });
}

/** The proposed tools that nobody declined, and those that an earlier setup allowed. */
function defaultTools({ ledger }: Survey): readonly AllowableTool[] {
  const earlier = ledger.files.flatMap(({ allowed = [] }) => allowed);
  return allowableTools.filter(
    (tool) =>
      earlier.includes(tool) ||
      (proposedTools.includes(tool) && !ledger.declined.tools.includes(tool)),
  );
}

function toolsOf(word: string): readonly AllowableTool[] {
  if (word === "none") return [];
  const names = word.split(",");
  const unknown = names.find((name) => !allowableTools.some((tool) => tool === name));
  if (unknown === undefined) return allowableTools.filter((tool) => names.includes(tool));
  throw new PeernetError("bad_request", {
    message: `--allow takes ${allowableTools.join(", ")} or none, not ${unknown || "nothing"}`,
    hint: "peernet setup --allow read_messages",
  });
}
