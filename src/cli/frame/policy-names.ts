/** Tells a person which rules of the policy an act about a machine's name touches. */

import type { LooseName } from "../../contract/policy/rows.ts";
import { stateNames } from "../../contract/text/state-names.ts";
import type { Io } from "../terminal/io.ts";
import { note } from "../terminal/output.ts";

const whys: Readonly<Record<LooseName["why"], string>> = {
  nobody: "no machine is called so",
  other: "another machine bears the name now",
  new: "it was paired after the last check",
};

/** Notes each name of the policy that does not count as written; nothing without a policy. */
export async function noteLooseNames(io: Io): Promise<void> {
  if (!(await Bun.file(`${io.home}/${stateNames.policy}`).exists())) return;
  // The act is done: a policy that cannot be read is told by its own commands.
  const policy = await io
    .calls()
    .policy({})
    .catch(() => null);
  if (policy !== null) noteLoose(io, policy.loose);
}

/** Notes names that do not count as written, and what lets them. */
export function noteLoose(io: Io, loose: readonly LooseName[]): void {
  for (const { name, why, rules } of loose) {
    note(io, `in the policy, ${name} of ${rules.join(", ")}: ${whys[why]}`);
  }
  if (loose.length > 0) {
    note(io, "names count for the machines that bore them at the last: peernet policy check");
  }
}
