/**
 * Decides by the policy what a task of a peer may be: the strictest limits of all rules that allow
 * it, the approval that it needs, and the place where it runs. Pure.
 */

import { accept, type Outcome, refuse } from "../../contract/errors.ts";
import {
  type approvals,
  type InboundRule,
  type PolicyDocument,
  wallMsOf,
} from "../../contract/policy/document.ts";
import type { TaskPlace } from "../../contract/tasks/errands.ts";
import { perDayDefault, runningOfPeerMax, wallMsDefault } from "../../contract/tasks/limits.ts";
import type { TaskDocument, TaskNetwork } from "../../contract/tasks/task.ts";
import { decide } from "../policy/deciding.ts";
import { names } from "../policy/matching.ts";

/** The policy for one peer. */
export interface PolicyFor {
  readonly document: PolicyDocument;
  readonly digest: string;
  /** The names that count for the peer's key. */
  readonly peers: readonly string[];
}

/** A task as far as the policy judges it. */
export type Asked = Pick<TaskDocument, "repository" | "profile" | "runner" | "limits">;

/** A permitted task with its limits. */
export interface Permitted {
  readonly rules: readonly string[];
  readonly place: TaskPlace;
  readonly runner: string | null;
  readonly command: readonly string[] | { readonly file: string } | null;
  readonly bases: readonly string[] | null;
  readonly wall_ms: number;
  readonly usd: number | null;
  readonly network: TaskNetwork;
  readonly approval: (typeof approvals)[number];
  /** The most tasks at once, and of a day, by rule. */
  readonly bounds: readonly {
    readonly rule: string;
    readonly atOnce: number;
    readonly perDay: number;
  }[];
}

const profiles: readonly string[] = ["query", "edit", "build"];
/** The runners of this build, in the order in which one is chosen where a rule allows all. */
const runners: readonly string[] = ["claude-code", "codex"];

/** Permits a task of a peer. Refuses with {repository_unknown} {policy_refused}. */
export function permitTask(
  policy: PolicyFor,
  asked: Asked,
  { isMine }: { readonly isMine: boolean },
): Outcome<Permitted> {
  const { document, peers } = policy;
  const place = placeOf(document, asked.repository);
  if (place === null || !runnable(policy).includes(asked.repository)) {
    return refuse("repository_unknown");
  }
  const command = commandOf(document, asked.profile);
  const isKind = command !== null || profiles.includes(asked.profile);
  if (!isKind || (command !== null && asked.runner !== null)) return refuse("policy_refused");
  if (place.kind === "folder" && command === null && asked.profile !== "query") {
    return refuse("policy_refused");
  }
  const runner = command === null ? runnerOf(policy, asked) : null;
  if (command === null && runner === null) return refuse("policy_refused");
  const judged = (profile: string) =>
    decide(document, { act: "inbound", peers, repository: asked.repository, profile, runner });
  const decision = judged(asked.profile);
  // A program inside the tree is the asker's code.
  const isBuild = command !== null && isInTree(command) && asked.profile !== "build";
  if (!decision.allowed || (isBuild && !judged("build").allowed)) return refuse("policy_refused");
  const rules = document.allow.inbound.filter(({ name }) => decision.rules.includes(name));
  return accept({
    ...{ rules: decision.rules, place, runner, command },
    ...{ bases: document.repositories[asked.repository]?.base ?? null },
    ...limitsOf(document, { rules, asked, isCommand: command !== null }),
    approval: approvalOf(rules, { isMine, profile: asked.profile }),
    bounds: rules.map(({ name, at_once, per_day }) => ({
      rule: name,
      atOnce: at_once ?? runningOfPeerMax,
      perDay: per_day ?? perDayDefault,
    })),
  });
}

/** The repositories and folders in which a peer may run something. */
export const runnable = (policy: PolicyFor): readonly string[] =>
  [...Object.keys(policy.document.repositories), ...Object.keys(policy.document.folders)].filter(
    (repository) => profilesIn(policy, repository).length > 0,
  );

/** The profiles that a peer may run in a repository or folder. */
export function profilesIn({ document, peers }: PolicyFor, repository: string): readonly string[] {
  const rules = document.allow.inbound.filter(
    (rule) => peers.some((each) => names(rule.peer, each)) && names(rule.repository, repository),
  );
  return [...profiles, ...Object.keys(document.profiles)].filter((profile) => {
    const isCommand = commandOf(document, profile) !== null;
    return rules
      .filter((rule) => names(rule.profile, profile))
      .some((rule) =>
        (isCommand ? [null] : namedRunners(rule)).some((runner) => {
          const request = { act: "inbound", peers, repository, profile, runner } as const;
          return decide(document, request).allowed;
        }),
      );
  });
}

const namedRunners = ({ runner }: Pick<InboundRule, "runner">): readonly string[] =>
  (runner ?? []).flatMap((name) => (name === "*" ? runners : [name]));

/** The asked runner, else the first that is allowed. */
function runnerOf({ document, peers }: PolicyFor, asked: Asked): string | null {
  if (asked.runner !== null) return asked.runner;
  const { repository, profile } = asked;
  const all = document.allow.inbound.flatMap(namedRunners);
  return (
    all.find(
      (runner) => decide(document, { act: "inbound", peers, repository, profile, runner }).allowed,
    ) ?? null
  );
}

const commandOf = ({ profiles: all }: PolicyDocument, profile: string): Permitted["command"] =>
  Object.hasOwn(all, profile) ? (all[profile]?.command ?? null) : null;

/** True for a program that the asker's commits bring along. */
function isInTree(command: NonNullable<Permitted["command"]>): boolean {
  if ("file" in command) return false;
  const [program = ""] = command;
  return program.includes("/") && !program.startsWith("/");
}

function placeOf({ repositories, folders }: PolicyDocument, name: string): TaskPlace | null {
  const repository = Object.hasOwn(repositories, name) ? repositories[name] : undefined;
  if (repository !== undefined) {
    const { path = null, clone = null } = repository;
    return { kind: "repository", name, path, clone };
  }
  const folder = Object.hasOwn(folders, name) ? folders[name] : undefined;
  return folder === undefined ? null : { kind: "folder", name, path: folder.path };
}

interface Limited {
  readonly rules: readonly InboundRule[];
  readonly asked: Asked;
  readonly isCommand: boolean;
}

/** The strictest of each limit; what an asker wishes can only lower it. */
function limitsOf(document: PolicyDocument, { rules, asked, isCommand }: Limited) {
  const own = Object.hasOwn(document.profiles, asked.profile)
    ? document.profiles[asked.profile]?.wall
    : undefined;
  const walls = [...rules.map(({ wall }) => wall), own].flatMap((wall) =>
    wall === undefined ? [] : [wallMsOf(wall)],
  );
  const allowed = walls.length === 0 ? wallMsDefault : Math.min(...walls);
  const sums = [...rules.map(({ usd }) => usd), asked.limits.usd].flatMap((usd) => usd ?? []);
  const network = isCommand ? "none" : "model";
  return {
    wall_ms: Math.max(1, Math.min(allowed, asked.limits.wall_ms ?? allowed)),
    usd: sums.length === 0 ? null : Math.min(...sums),
    network: rules
      .map((rule): TaskNetwork => rule.network ?? network)
      .reduce(narrower, rules[0]?.network ?? network),
  };
}

/** The narrower of two ways out: none, the model alone, or the hosts that both name. */
export function narrower(one: TaskNetwork, other: TaskNetwork): TaskNetwork {
  if (one === "none" || other === "none") return "none";
  if (one === "model" || other === "model") return "model";
  const hosts = one.hosts.filter((host) => other.hosts.includes(host));
  return hosts.length === 0 ? "none" : { hosts };
}

/**
 * The approval of a task. A machine that is not the person's own is held at each round, whatever
 * is written; one's own is held once unless it only queries, or its rules say otherwise.
 */
function approvalOf(
  rules: readonly InboundRule[],
  { isMine, profile }: { readonly isMine: boolean; readonly profile: string },
): Permitted["approval"] {
  if (!isMine) return "each";
  const usual = profile === "query" ? "none" : "once";
  const asked = rules.map(({ approval }) => approval ?? usual);
  if (asked.includes("each")) return "each";
  return asked.includes("once") ? "once" : "none";
}
