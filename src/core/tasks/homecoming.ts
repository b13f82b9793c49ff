/** The reasons why the commit of an ended round is not in the asker's clone, in words. Pure. */

import { errorTable, isErrorCode } from "../../contract/errors.ts";
import { refusalLines } from "../../contract/tasks/gates.ts";
import type { HomeFault } from "../../contract/tasks/local.ts";
import { refName, type Task } from "./task.ts";

type Homed = Pick<
  Task,
  "home" | "home_reason" | "name" | "root" | "result" | "task_id" | "round" | "discarded"
>;

/** Refusals that another round of the task can end. */
const anotherRound: readonly string[] = ["link", "mode", "too_many"];
/** Refusals of bytes that will never be other ones. */
const never: readonly string[] = [
  ...["bundle", "refused", "base", "commit", "digest", "result", "too_large", "id_unknown"],
];

const says: Readonly<Record<string, string>> = {
  digest: "its result came in another form than was told",
  result: "its result is not one",
  too_large: "its result is too large",
  id_unknown: "it is no longer kept there",
};

/** The reason of a row: a code of ours, then its detail. */
export const homeReason = (why: string, detail: string): string => `${why}: ${detail}`;

/** The code of such a reason. */
export const homeCode = (reason: string | null): string | null => reason?.split(":")[0] ?? null;

/** The reason why a commit is not here, with the line that ends it; null where nothing is amiss. */
export function homeFault(task: Homed): HomeFault | null {
  const { home, home_reason: reason, name, root, result, discarded } = task;
  if (discarded || root === null || !hasCommits(result)) return null;
  const again = `peernet task fetch ${name}`;
  if (home === "due") return { due: true, says: "it did not come yet", fix: again };
  if (home !== "failed") return null;
  const code = homeCode(reason) ?? "failed";
  const detail = reason?.slice(code.length + 2) ?? "";
  const known = isErrorCode(code) ? errorTable[code].message : "git could not take it";
  const text = detail === "" ? (says[code] ?? known) : detail;
  if (anotherRound.includes(code))
    return { due: false, says: text, fix: `peernet task say ${name} "…"` };
  if (never.includes(code)) {
    return { due: false, says: text, fix: `peernet task discard ${name}, then run it again` };
  }
  return { due: false, says: text, fix: `mend that, then ${again}` };
}

const hasCommits = (result: string | null): boolean =>
  result !== null && JSON.parse(result).measured.bundle !== null;

/** The names by which a session learns where the end of a task is. */
export const placeOf = (task: Task, machine: string) => ({
  ...{ task: refName(task), machine, ref: task.ref, fault: homeFault(task) },
  refusal: refusalLines({ ...task, peer: machine }),
});
