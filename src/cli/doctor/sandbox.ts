/** Doctor's check of the sandbox, in which files of this machine are read for a peer. */

import type { Check } from "../../contract/doctor.ts";
import { stateNames } from "../../contract/text/state-names.ts";
import type { Io } from "../terminal/io.ts";

/** The sandbox, built and tried; nothing where no policy lets anybody read. */
export async function sandboxCheck(io: Io): Promise<readonly Check[]> {
  const isWanted = await Bun.file(`${io.home}/${stateNames.policy}`).exists();
  if (!isWanted) return [];
  const name = "sandbox";
  const { wall, detail, fix } = await io.sandbox();
  if (wall === "bwrap") return [{ name, state: "ok", detail, fix: null }];
  const remedy = fix ?? "peernet policy deny PEER read";
  return [{ name, state: wall === null ? "failed" : "warning", detail, fix: remedy }];
}
