/**
 * Decides what a policy permits, in any order of its rules. An absent selector matches nothing, a
 * refusal beats every permission, and of several permissions the strictest limits hold. Pure.
 */

import type {
  InboundRule,
  OutboundRule,
  PolicyDocument,
  ReadRule,
  RefuseRule,
} from "../../contract/policy/document.ts";
import { matchesRef, names } from "./matching.ts";

/**
 * An act to judge. `peers` are the policy's names for one machine: those that its key bore at the
 * last check.
 */
export type PolicyRequest = {
  readonly peers: readonly string[];
  readonly repository: string;
} & (
  | { readonly act: "read"; readonly ref: string }
  | { readonly act: "inbound"; readonly profile: string; readonly runner: string | null }
  | { readonly act: "outbound"; readonly session: string; readonly profile: string }
);

/** A selector of a rule that does not match, for the owner of the policy alone. */
export interface FailedClause {
  readonly rule: string;
  readonly selector: string;
}

/** The decision about an act. */
export interface PolicyDecision {
  readonly allowed: boolean;
  /** The rules that allow it, whether or not another refuses it. */
  readonly rules: readonly string[];
  /** The rules that refuse it. */
  readonly refusals: readonly string[];
  /** The first failing selector of each permission that does not apply. */
  readonly failed: readonly FailedClause[];
  /** True when the repository is in the policy. */
  readonly isKnown: boolean;
}

type Rule = ReadRule | InboundRule | OutboundRule;

/** Judges an act by a policy. */
export function decide(document: PolicyDocument, request: PolicyRequest): PolicyDecision {
  const refusals = document.refuse.filter((rule) => refuses(rule, request)).map(({ name }) => name);
  const judged = rulesFor(document, request).map((rule) => ({
    name: rule.name,
    selector: failing(rule, request),
  }));
  const rules = judged.filter(({ selector }) => selector === null).map(({ name }) => name);
  const failed = judged.flatMap(({ name, selector }) =>
    selector === null ? [] : [{ rule: name, selector }],
  );
  const isKnown = knows(document, request);
  const allowed = isKnown && refusals.length === 0 && rules.length > 0;
  return { allowed, rules, refusals, failed, isKnown };
}

/** Another machine's repositories are not in this one's policy; a folder has no commit to read. */
function knows({ repositories, folders }: PolicyDocument, request: PolicyRequest): boolean {
  if (request.act === "outbound") return true;
  const isRepository = Object.hasOwn(repositories, request.repository);
  return isRepository || (request.act === "inbound" && Object.hasOwn(folders, request.repository));
}

const rulesFor = ({ allow }: PolicyDocument, { act }: PolicyRequest): readonly Rule[] => allow[act];

/** The selector by which a permission does not apply; null when it applies. */
function failing(rule: Rule, request: PolicyRequest): string | null {
  if (!request.peers.some((peer) => names(rule.peer, peer))) return "peer";
  if (!names(rule.repository, request.repository)) return "repository";
  if (request.act === "read") {
    const refs = "ref" in rule ? rule.ref : undefined;
    return refs?.some((ref) => matchesRef(ref, request.ref)) === true ? null : "ref";
  }
  const profiles = "profile" in rule ? rule.profile : undefined;
  if (!names(profiles, request.profile)) return "profile";
  if (request.act === "outbound") {
    return names("session" in rule ? rule.session : undefined, request.session) ? null : "session";
  }
  // A fixed command has no runner, and its rule names none.
  if (request.runner === null) return null;
  return names("runner" in rule ? rule.runner : undefined, request.runner) ? null : "runner";
}

/** True when every selector that a refusal gives matches; an act without the subject does not. */
function refuses(rule: RefuseRule, request: PolicyRequest): boolean {
  if (rule.act !== undefined && !rule.act.includes(request.act)) return false;
  const of = <K extends string>(key: K): string | null => {
    const value: unknown = Object.entries(request).find(([name]) => name === key)?.[1];
    return typeof value === "string" ? value : null;
  };
  const fits = (list: readonly string[] | undefined, value: string | null): boolean =>
    list === undefined || (value !== null && names(list, value));
  const ref = of("ref");
  const isRef =
    rule.ref === undefined || (ref !== null && rule.ref.some((each) => matchesRef(each, ref)));
  const isPeer = rule.peer === undefined || request.peers.some((peer) => names(rule.peer, peer));
  return (
    isPeer &&
    isRef &&
    fits(rule.repository, request.repository) &&
    fits(rule.profile, of("profile")) &&
    fits(rule.runner, of("runner")) &&
    fits(rule.session, of("session"))
  );
}

/** The limits of a permitted reading. */
export interface ReadLimits {
  /** Patterns of paths that no peer gets, of all rules that permit it. */
  readonly denyPaths: readonly string[];
  /** True when every rule that permits it admits ancestors of its refs. */
  readonly history: boolean;
}

/** The limits under which some rules permit reading, the strictest of each. */
export function readLimits({ allow }: PolicyDocument, rules: readonly string[]): ReadLimits {
  const applied = allow.read.filter(({ name }) => rules.includes(name));
  return {
    denyPaths: [...new Set(applied.flatMap(({ deny_path }) => deny_path ?? []))],
    history: applied.length > 0 && applied.every(({ history }) => history === true),
  };
}

/** Refs that a machine may read of a repository, as the rules write them, the first rule first. */
export function readableRefs(
  document: PolicyDocument,
  { peers, repository }: Pick<PolicyRequest, "peers" | "repository">,
): readonly string[] {
  const refs = document.allow.read.flatMap(({ ref }) => ref ?? []);
  return [...new Set(refs)].filter(
    (ref) => decide(document, { act: "read", peers, repository, ref }).allowed,
  );
}

/** The scopes that a policy gives to a machine. */
export function scopesByPolicy(
  document: PolicyDocument,
  peers: readonly string[],
): readonly "read"[] {
  const all = Object.keys(document.repositories);
  const may = all.some((repository) => readableRefs(document, { peers, repository }).length > 0);
  return may ? ["read"] : [];
}
