/** Reads the machines that root trusts for every user of this machine. */

import { PeernetError } from "../contract/errors.ts";
import type { TrustedLine } from "../daemon/trust/handlers.ts";
import { trustFiles } from "../platform/trust-folder.ts";

/** The lines of root's files; `tell` names each file that was passed over, with the reason. */
export async function trustedByRoot(tell: (text: string) => void): Promise<readonly TrustedLine[]> {
  const files = trustFiles();
  if (files.length === 0) return [];
  const { linesOf } = await import("../cli/trust/lines.ts");
  return files.flatMap((file) => {
    if ("why" in file) {
      tell(`peernet: ${file.path} is passed over: ${file.why}\n`);
      return [];
    }
    try {
      return linesOf(file.text, { wide: true });
    } catch (error) {
      if (!(error instanceof PeernetError)) throw error;
      tell(`peernet: ${file.path} is passed over: ${error.message}\n`);
      return [];
    }
  });
}
