/** Weighs a task of a peer: by the policy as it is now, and by what the keeper finds. */

import { accept, type Outcome, refuse } from "../../../contract/errors.ts";
import type { Gate, WeighErrand } from "../../../contract/tasks/errands.ts";
import { type TaskDecision, TaskDocument } from "../../../contract/tasks/task.ts";
import { type Asked, type Permitted, permitTask } from "../../../core/tasks/deciding.ts";
import {
  approvalDigest,
  decisionDigest,
  decisionOf,
  decisionText,
  standingDigest,
} from "../../../core/tasks/decision.ts";
import type { Task } from "../../../core/tasks/task.ts";
import type { PeerRow } from "../../../store/peers.ts";
import type { Work } from "../../context/context.ts";
import type { Undone } from "../../context/ports.ts";
import type { TaskParts } from "../parts.ts";

/** The document of a stored round. */
export function documentOf({ document }: Pick<Task, "document">): TaskDocument | null {
  if (document === null) return null;
  const read = TaskDocument.safeParse(JSON.parse(document));
  return read.success ? read.data : null;
}

/** A task that the policy permits now, with the digest of its text. */
export interface PermittedNow extends Permitted {
  readonly policy_sha256: string;
}

/** Permits a task of a peer, by the policy as it is now. */
export function permitNow(
  { policy }: Pick<TaskParts, "policy">,
  peer: PeerRow | null,
  asked: Asked,
): Outcome<PermittedNow> {
  if (peer === null || peer.refused || peer.grants.paused) return refuse("scope_denied");
  const current = policy.of(peer.fingerprint);
  if (current === null) return refuse("repository_unknown");
  const permitted = permitTask(current, asked, { isMine: peer.grants.mine });
  if (!permitted.ok) return permitted;
  return accept({ ...permitted.value, policy_sha256: current.digest });
}

/** The facts of a round that its weighing needs. */
export interface Weighing
  extends Pick<Task, "task_id" | "round" | "profile" | "base" | "bundle" | "has_bundle"> {}

/** The errand that weighs a round. */
export const weighErrand = (round: Weighing, permitted: Permitted): WeighErrand => ({
  task_id: round.task_id,
  round: round.round,
  place: permitted.place,
  // A later round goes on in the tree of the first one.
  bases: round.round > 1 || permitted.bases === null ? null : [...permitted.bases],
  base: permitted.place.kind === "folder" || round.round > 1 ? null : round.base,
  bundled: round.bundle !== null,
  profile: round.profile,
  runner: permitted.runner,
  command:
    permitted.command === null || "file" in permitted.command
      ? permitted.command
      : [...permitted.command],
  network: permitted.network,
  usd: permitted.usd,
});

/** A weighed round: its decision, or the gates in its way. */
export type Weighed =
  | {
      readonly is: "open";
      readonly decision: TaskDecision;
      readonly text: string;
      readonly sha256: string;
    }
  | { readonly is: "closed"; readonly gates: readonly Gate[] }
  | { readonly is: "unready"; readonly why: Undone };

/** Weighs a round by the keeper. */
export async function weigh(
  { errands, context }: Pick<TaskParts, "errands" | "context">,
  round: Weighing,
  permitted: PermittedNow,
): Promise<Weighed> {
  const ended = await errands.run({ kind: "task_weigh", input: weighErrand(round, permitted) });
  if (!ended.done) return { is: "unready", why: ended.why };
  const { gates } = ended.output;
  if (gates.length > 0) return { is: "closed", gates };
  const decision = decisionOf({
    ...{ permitted, policy_sha256: permitted.policy_sha256, profile: round.profile },
    ...{ base: round.base, bundle_sha256: round.bundle?.sha256 ?? null, weighed: ended.output },
  });
  if (decision === null) return { is: "closed", gates: [unfound] };
  const text = decisionText(decision);
  return { is: "open", decision, text, sha256: decisionDigest(text, context.effects.sha256) };
}

const unfound: Gate = { gate: "runner", why: "unfound", detail: "nothing was found to run" };

/** The key by which an approval stands for later rounds. */
export const standingKey = (fingerprint: string, { rules, profile }: TaskDecision) => ({
  fingerprint,
  rules: JSON.stringify(rules),
  profile,
});

/** A round as it would run, with the approval that it needs. */
export interface Judged {
  readonly task: Pick<Task, "fingerprint" | "document_sha256" | "approved">;
  readonly approval: Permitted["approval"];
  readonly decision: TaskDecision;
  readonly decision_sha256: string;
}

/** True when a person has to approve a round before it runs. */
export function isHeld(
  { context }: Pick<TaskParts, "context">,
  work: Work,
  judged: Judged,
): boolean {
  const { task, approval, decision, decision_sha256 } = judged;
  const { sha256 } = context.effects;
  if (approval === "none") return false;
  const { document_sha256 } = task;
  if (task.approved === approvalDigest({ document_sha256, decision_sha256 }, sha256)) return false;
  if (approval === "each") return true;
  const standing = work.tables.tasks.standing(standingKey(task.fingerprint, decision));
  return standing !== standingDigest(decision, sha256);
}
