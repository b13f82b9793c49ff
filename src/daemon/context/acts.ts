/** Notes the acts without a person, until a person has seen them. */

import { type Act, unseenBytesMax, unseenName } from "../../contract/acts.ts";
import type { Context, LocalCaller } from "./context.ts";

/** Notes an act once it is durable, unless a person at a terminal carried it out. */
export function noteAct(
  { effects }: Pick<Context, "effects">,
  { attended, now }: LocalCaller,
  act: Omit<Act, "at_ms">,
): void {
  if (attended) return;
  const { files, log } = effects;
  try {
    if ((files.read(unseenName)?.length ?? 0) >= unseenBytesMax) return;
    files.append(unseenName, `${JSON.stringify({ ...act, at_ms: Math.floor(now.wallMs) })}\n`);
  } catch {
    // The act is in the audit trail all the same.
    log.error("act_not_noted", { verb: act.verb });
  }
}
