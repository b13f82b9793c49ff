/** Words about tasks that a person or a model sees, on every surface alike. Pure; loads no zod. */

import { grouped } from "../text/numeral.ts";
import { lasted } from "../text/words.ts";
import type { ShownTask } from "./local.ts";
import type { Claims, Measured, TaskDecision, TaskResult, TaskState } from "./task.ts";

/** The word for a state; a claimed task is being prepared. */
export const stateWords = {
  submitted: "submitted",
  held: "held",
  accepted: "accepted",
  claimed: "preparing",
  running: "running",
  collecting: "collecting",
  completed: "completed",
  failed: "failed",
  cancelled: "stopped",
  timed_out: "timed out",
  over_budget: "over its budget",
  lost: "lost",
  refused: "refused",
  expired: "expired",
} as const satisfies Readonly<Record<TaskState, string>>;

const open: readonly TaskState[] = [
  ...(["submitted", "held", "accepted", "claimed", "running", "collecting"] as const),
];

/** True while a task goes on. */
export const isOpen = (state: TaskState): boolean => open.includes(state);

type Stated = Pick<ShownTask, "state" | "reason" | "peer" | "direction">;

/** A state with its reason: `held: waits for a person at mini`. */
export function stateText({ state, reason, peer, direction }: Stated): string {
  const where = direction === "out" ? peer : "this machine";
  if (state === "held") return `held: waits for a person at ${where}`;
  return reason === null ? stateWords[state] : `${stateWords[state]}: ${reason}`;
}

const counted = (count: number, noun: string): string =>
  `${grouped(count)} ${noun}${count === 1 ? "" : "s"}`;

const dollars = (usd: number): string => `${usd.toFixed(2)} USD`;

/** The facts that the supervisor measured, the most wanted first. */
export function measuredParts(measured: Measured): readonly string[] {
  const { exit, signal, commit, files_count: files, added, deleted, usd, network } = measured;
  const reached = network.reached.length === 0 ? "no network" : network.reached.join(", ");
  const refused = network.refused.length;
  return [
    exit === null ? (signal === null ? "nothing ran" : `ended by ${signal}`) : `exit ${exit}`,
    ...(commit === null ? [] : [`commit ${commit.slice(0, 7)}`]),
    ...(commit === null ? [] : [`${counted(files, "file")}, +${added} −${deleted}`]),
    ...(usd === null ? [] : [dollars(usd)]),
    refused === 0 ? reached : `${reached}; ${counted(refused, "request")} refused`,
    ...(measured.output_capped ? ["its output was cut"] : []),
    ...(measured.nested_repositories.length === 0
      ? []
      : [`${counted(measured.nested_repositories.length, "nested repository")} left out`]),
    measured.processes === "namespace" ? "no process left" : "processes ended as far as seen",
  ];
}

/** The words of the runner about its own work, which nobody has checked; null for none. */
export const claimText = ({ text }: Claims): string | null =>
  text === null || text.trim() === "" ? null : text.trim();

/** The end of a round in one line: `completed in 3 min`. */
export function endText({ state, reason, measured }: TaskResult): string {
  const why = reason === null ? "" : `: ${reason}`;
  return `${stateWords[state]} after ${lasted(measured.duration_ms)}${why}`;
}

/** The ways out of a run's sandbox: a fixed command reaches no model, whatever its rule says. */
export function networkText({ network, program }: Pick<TaskDecision, "network" | "program">) {
  const hosts = typeof network === "string" ? [] : network.hosts;
  const hasModel = program.runner !== null && network !== "none";
  if (hosts.length === 0) return hasModel ? "the model only" : "none";
  return [...(hasModel ? ["the model"] : []), ...hosts].join(", ");
}

/** The limits of a run. */
export const limitsText = ({ wall_ms, usd }: Pick<TaskDecision, "wall_ms" | "usd">): string =>
  [lasted(wall_ms), ...(usd === null ? [] : [dollars(usd)])].join(" · ");
