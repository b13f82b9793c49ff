/** The facts of a session in a hello, as far as it held them. */

import type { HelloOutput, RemoteHandle } from "../../contract/peer.ts";
import { factGroups } from "../../contract/text/fact-groups.ts";

type Listed = Pick<
  NonNullable<HelloOutput["handles"]>[number],
  "harness" | "branch" | "sha" | "dirty" | "summary" | "only_name"
>;

/** The facts of a session that a hello may hold, as far as it held them, and the hidden groups. */
export const listedOf = (
  { harness, branch, sha, dirty, summary, only_name }: Listed,
  hidden: HelloOutput["hidden"],
): Omit<Listed, "only_name"> & Pick<RemoteHandle, "hidden"> => ({
  ...(hidden === undefined ? {} : { hidden: only_name === true ? [...factGroups] : hidden }),
  ...(harness === undefined ? {} : { harness }),
  ...(branch === undefined ? {} : { branch }),
  ...(sha === undefined ? {} : { sha }),
  ...(dirty === undefined ? {} : { dirty }),
  ...(summary === undefined ? {} : { summary }),
});
