/** The end of a round as it crosses to its asker: bounded, and without its files. Pure. */

import { claimBytesMax } from "../../contract/tasks/limits.ts";
import type { HomeFault } from "../../contract/tasks/local.ts";
import type { Measured, TaskResult } from "../../contract/tasks/task.ts";
import type { Task } from "./task.ts";

/** Names of each list that cross; all of them are in the blob. */
const listedMax = 8;
const nameCharactersMax = 256;
/** Characters of claims that cross, at most three bytes each. */
const claimCharactersMax = Math.floor(claimBytesMax / 3);

const few = (names: readonly string[]): string[] =>
  names.slice(0, listedMax).map((name) => cut(name, nameCharactersMax));

/** The first characters of a text, never half of one. */
export const cut = (text: string, charactersMax: number): string =>
  text.length <= charactersMax
    ? text
    : text.slice(0, charactersMax).replace(/[\uD800-\uDBFF]$/, "");

/** The end without its files, each list short. */
export function shortResult(result: TaskResult): TaskResult {
  const { measured, claims } = result;
  return {
    ...result,
    measured: {
      ...measured,
      files: [],
      nested_repositories: few(measured.nested_repositories),
      network: {
        reached: few(measured.network.reached),
        refused: few(measured.network.refused),
      },
    },
    claims: {
      ...claims,
      text: claims.text === null ? null : cut(claims.text, claimCharactersMax),
      denials: few(claims.denials),
    },
  };
}

/** The end of a round: as its supervisor wrote it, or its state alone. */
export interface Ending extends Pick<Task, "state" | "reason"> {
  readonly measured?: TaskResult["measured"];
  readonly claims?: TaskResult["claims"];
}

/** The end in one paragraph for the session that asked: measured facts first, then claims. */
export function tidingsOf(
  { state, reason, measured, claims }: Ending,
  place: {
    readonly task: string;
    readonly machine: string;
    readonly ref: string | null;
    readonly fault: HomeFault | null;
    /** The gate that refused it, and the line that opens it. */
    readonly refusal: readonly string[] | null;
  },
): string {
  return [
    `task ${place.task} on ${place.machine}: ${state}${reason === null ? "" : ` (${reason})`}`,
    ...(place.refusal ?? []),
    ...(measured === undefined ? [] : [`measured: ${factsOf(measured).join("; ")}`]),
    ...(place.ref === null ? [] : [`its commit is here as ${place.ref}`]),
    ...(place.fault === null ? [] : [`its commit is not here: ${place.fault.says}`]),
    ...(place.fault === null ? [] : [`to bring it here: ${place.fault.fix}`]),
    ...(claims?.text == null ? [] : ["the runner claims:", cut(claims.text, 1_500)]),
  ].join("\n");
}

const factsOf = ({ exit, commit, files_count, added, deleted, usd, duration_ms }: Measured) => [
  ...(exit === null ? [] : [`exit ${exit}`]),
  ...(commit === null
    ? []
    : [`commit ${commit.slice(0, 7)}, ${files_count} files, +${added} -${deleted}`]),
  ...(usd === null ? [] : [`${usd} USD`]),
  `${Math.ceil(duration_ms / 1_000)} s`,
];
