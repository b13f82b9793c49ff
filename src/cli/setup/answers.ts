/** What the flags of setup answer, over what stands in config.toml and what setup proposes. */

import { PeernetError } from "../../contract/errors.ts";
import { IpAddress, Name } from "../../contract/terms.ts";
import { fittingName } from "../../contract/text/naming.ts";
import { type AgentName, agents } from "../../harness/agents.ts";
import type { Answers } from "../../setup/plan/plan.ts";
import { proposed, sessionsOf } from "../../setup/plan/settings.ts";
import type { Survey } from "../frame/setup-parts.ts";

/** The flags that answer. */
export interface AnswerFlags {
  readonly name: string | null;
  readonly listen: string | null;
  readonly sessions: string | null;
  readonly agents: string | null;
  readonly service: boolean;
  readonly "no-service": boolean;
}

/** The answers where nobody is asked. @throws {bad_request} */
export function answersOf(survey: Survey, flags: AnswerFlags): Answers {
  const defaults = proposed(survey.config, survey.tailnet.state === "running");
  return {
    settings: {
      ...defaults,
      ...(flags.name === null ? {} : { name: nameOf(flags.name) }),
      ...(flags.listen === null ? {} : { listen: listenOf(flags.listen) }),
      ...(flags.sessions === null ? {} : sessionsOf(flags.sessions)),
    },
    agents: flags.agents === null ? defaultAgents(survey) : agentsOf(survey, flags.agents),
    service: wantsService(survey, flags),
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

function listenOf(words: string): readonly string[] {
  if (words === "local") return ["127.0.0.1"];
  return words.split(",").map((word) => {
    if (word === "tailnet" || word === "lan" || IpAddress.safeParse(word).success) return word;
    throw new PeernetError("bad_request", {
      message: `--listen takes tailnet, lan, local or addresses, not ${word || "nothing"}`,
      hint: "peernet setup --listen tailnet,lan",
    });
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

/** All that are here, but for those that an earlier setup found and was told to leave out. */
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
