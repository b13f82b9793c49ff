/** The decision about a task, and the digests by which an approval binds it. Pure. */

import type { WeighEnd } from "../../contract/tasks/errands.ts";
import type { TaskDecision } from "../../contract/tasks/task.ts";
import { hex, lv } from "../../contract/text/encoding.ts";
import type { Sha256 } from "../audit-chain.ts";
import type { Permitted } from "./deciding.ts";

/** The facts of which a decision is made. */
export interface Deciding {
  readonly permitted: Permitted;
  readonly policy_sha256: string;
  readonly profile: string;
  readonly base: string | null;
  readonly bundle_sha256: string | null;
  /** The place and the program, as the keeper found them. */
  readonly weighed: ReturnType<typeof WeighEnd.parse>;
}

/** The decision; null while the keeper found no path or no program. */
export function decisionOf(deciding: Deciding): TaskDecision | null {
  const { permitted, weighed, policy_sha256, profile, base, bundle_sha256 } = deciding;
  const { path, program } = weighed;
  if (path === null || program === null) return null;
  const { rules, wall_ms, usd, network, place } = permitted;
  const isFolder = place.kind === "folder";
  return {
    ...{ rules: [...rules], policy_sha256, wall_ms, usd, network, path, kind: place.kind },
    ...{ base: isFolder ? null : base, bundle_sha256, profile, program },
  };
}

/** JSON with the keys of every object in one order. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, each: unknown) =>
    typeof each === "object" && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([one], [other]) => (one < other ? -1 : 1)))
      : each,
  );

/** The text of a decision, as it is stored and digested. */
export const decisionText = (decision: TaskDecision): string => canonical(decision);

/** SHA-256 over `lv("peernet-decision-v1", decision)`. */
export const decisionDigest = (text: string, sha256: Sha256): string =>
  hex(sha256(lv("peernet-decision-v1", text)));

/** The digest that an approval binds: of the document and of the decision. */
export const approvalDigest = (
  { document_sha256, decision_sha256 }: { document_sha256: string; decision_sha256: string },
  sha256: Sha256,
): string => hex(sha256(lv("peernet-approval-v1", document_sha256, decision_sha256)));

/**
 * The digest of an approval that stands for later rounds: the decision without the base, the
 * bundle, and the text of the rest of the policy.
 */
export function standingDigest(decision: TaskDecision, sha256: Sha256): string {
  const { base: _base, bundle_sha256: _bundle, policy_sha256: _policy, ...rest } = decision;
  return hex(sha256(lv("peernet-standing-v1", canonical(rest))));
}

/** True when a running task must not go on under limits that were decided again. */
export function isNarrowed(
  decision: TaskDecision,
  now: Pick<Permitted, "wall_ms" | "usd" | "network">,
): boolean {
  const isCheaper = now.usd !== null && (decision.usd === null || now.usd < decision.usd);
  const isOther = canonical(now.network) !== canonical(decision.network);
  return now.wall_ms < decision.wall_ms || isCheaper || isOther;
}
