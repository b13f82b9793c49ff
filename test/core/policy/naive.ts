/**
 * A second evaluator of policies, as plain as possible: it writes down every act that is allowed,
 * strikes out every act that is refused, then looks the asked one up. Shares nothing with the
 * first.
 */

import type { PolicyDocument } from "../../../src/contract/policy/document.ts";
import type { PolicyRequest } from "../../../src/core/policy/deciding.ts";

const everything = {
  peer: ["laptop", "mini"],
  repository: ["hydrate", "web", "docs", "absent"],
  profile: ["query", "edit"],
  runner: ["claude-code", "codex"],
  session: ["one", "two"],
  ref: ["refs/heads/main", "refs/heads/release/1", "refs/tags/v1"],
} as const;

type Part = keyof typeof everything;
/** One act, with a dash for a part that it has not. */
type Act = Readonly<Record<Part | "act", string>>;
type Selectors = Partial<Record<Part | "act", readonly string[] | undefined>>;

/** The values that a selector names. */
function expanded(part: Part, list: readonly string[] | undefined): readonly string[] {
  if (list === undefined) return [];
  const all: readonly string[] = everything[part];
  if (part !== "ref") return list.includes("*") ? all : all.filter((each) => list.includes(each));
  const forms = list.map((each) => {
    const full = each.startsWith("refs/") ? each : `refs/heads/${each}`;
    return new RegExp(`^${full.replaceAll(".", "\\.").replaceAll("*", ".*")}$`);
  });
  return all.filter((ref) => forms.some((form) => form.test(ref)));
}

/** Every act that one permission allows. */
function allowedBy(act: string, rule: Selectors, parts: readonly Part[]): readonly Act[] {
  const none = {
    act,
    peer: "-",
    repository: "-",
    profile: "-",
    runner: "-",
    session: "-",
    ref: "-",
  };
  let acts: Act[] = [none];
  for (const part of parts) {
    const values = [...expanded(part, rule[part]), ...(part === "runner" ? ["-"] : [])];
    acts = acts.flatMap((each) => values.map((value) => ({ ...each, [part]: value })));
  }
  return acts;
}

const parts: readonly Part[] = ["peer", "repository", "profile", "runner", "session", "ref"];

/** True when a refusal names an act. */
const strikes = (rule: Selectors, act: Act): boolean =>
  (rule.act === undefined || rule.act.includes(act.act)) &&
  parts.every((part) => rule[part] === undefined || expanded(part, rule[part]).includes(act[part]));

/** True when a policy permits a request. */
export function naive(document: PolicyDocument, request: PolicyRequest): boolean {
  const { allow, refuse, repositories, folders } = document;
  const local = (act: Act): boolean =>
    act.repository in repositories || (act.act === "inbound" && act.repository in folders);
  const acts = [
    ...allow.read
      .flatMap((rule) => allowedBy("read", rule, ["peer", "repository", "ref"]))
      .filter(local),
    ...allow.inbound
      .flatMap((rule) => allowedBy("inbound", rule, ["peer", "repository", "profile", "runner"]))
      .filter(local),
    ...allow.outbound.flatMap((rule) =>
      allowedBy("outbound", rule, ["peer", "repository", "profile", "session"]),
    ),
  ];
  // A machine of several names is refused by each of them.
  const isStruck = (act: Act): boolean =>
    refuse.some((rule) => request.peers.some((peer) => strikes(rule, { ...act, peer })));
  return acts.some((act) => isAsked(act, request) && !isStruck(act));
}

function isAsked(act: Act, request: PolicyRequest): boolean {
  if (act.act !== request.act || act.repository !== request.repository) return false;
  if (!request.peers.includes(act.peer)) return false;
  if (request.act === "read") {
    const { ref } = request;
    return act.ref === (ref.startsWith("refs/") ? ref : `refs/heads/${ref}`);
  }
  if (act.profile !== request.profile) return false;
  return request.act === "inbound"
    ? act.runner === (request.runner ?? "-")
    : act.session === request.session;
}
