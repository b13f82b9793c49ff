/** The facts of a session in a hello, as far as it held them. */

import type { HelloOutput } from "../../contract/peer.ts";

type Listed = Pick<
  NonNullable<HelloOutput["handles"]>[number],
  "harness" | "branch" | "sha" | "dirty" | "summary"
>;

/** The facts of a session that a hello may hold, as far as it held them. */
export const listedOf = ({ harness, branch, sha, dirty, summary }: Listed): Listed => ({
  ...(harness === undefined ? {} : { harness }),
  ...(branch === undefined ? {} : { branch }),
  ...(sha === undefined ? {} : { sha }),
  ...(dirty === undefined ? {} : { dirty }),
  ...(summary === undefined ? {} : { summary }),
});
