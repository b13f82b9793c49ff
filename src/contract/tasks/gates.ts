/**
 * Gates in the way of a task in words, each with the line that opens it and the machine to type it
 * on. Pure; loads no zod.
 */

import type { ShownTask } from "./local.ts";

/** The task at a gate. */
export type Gated = Pick<ShownTask, "peer" | "runner">;

/** A shut gate. */
export interface ShutGate {
  /** The sentence about the other machine, without its name. */
  readonly says: string;
  /** The machine on which the line is typed. */
  readonly on: "there" | "here";
  readonly line: string;
}

const there = (says: string, line: string): ShutGate => ({ says, on: "there", line });

/** The gates by their names on the wire. */
const gates: Readonly<Record<string, (of: Gated) => ShutGate>> = {
  repository: () => there("has no such repository at its place", "peernet policy edit"),
  base: ({ peer }) => ({
    says: "does not have that commit, or its rule does not allow it",
    on: "here",
    line: `run it again with --send; or git push, then git fetch on ${peer}`,
  }),
  bundle: ({ peer }) => ({
    says: "could not take the commits that were sent",
    on: "here",
    line: `git push, then git fetch on ${peer}, and run it again without --send`,
  }),
  sandbox: () => there("has no sandbox to run in", "peernet doctor"),
  runner: () => there("has no runner that it can use", "peernet runner"),
  credential: ({ runner }) =>
    there(
      "has no key for that runner",
      runner === null ? "peernet runner" : `peernet runner add ${runner}`,
    ),
  disk: () => there("has too little space on its disk", "df -h"),
  user: () => there("runs no task as root", "peernet doctor"),
  keeper: () => there("has no keeper that answers", "peernet start"),
  rule: () => there("has no rule that allows it", "peernet policy edit"),
  policy: () => there("has no rule that allows it any more", "peernet policy edit"),
};

/** A gate by its name on the wire; null for a later version's. */
export const gateOf = (name: string, of: Gated): ShutGate | null =>
  Object.hasOwn(gates, name) ? (gates[name]?.(of) ?? null) : null;

/** The gate that refused a task of this machine, as its two lines; null for any other end. */
export function refusalLines(
  task: Gated & Pick<ShownTask, "state" | "reason" | "direction">,
): readonly [says: string, fix: string] | null {
  const { state, reason, direction, peer } = task;
  if (state !== "refused" || direction !== "out" || reason === null) return null;
  const gate = gateOf(reason, task);
  if (gate === null) return null;
  return [`${peer} ${gate.says}`, gate.on === "here" ? gate.line : `on ${peer} run: ${gate.line}`];
}
