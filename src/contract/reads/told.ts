/** The repositories that a peer may read, and details of a refused reading: each bounded. */

import { z } from "zod";
import { RefPattern } from "../policy/document.ts";
import { Name } from "../terms.ts";
import { listedRefsMax, listedRepositoriesMax, patternCharactersMax } from "./limits.ts";

/** Refs that may be read, as rules write them. */
export const ToldRefs = z.array(RefPattern).max(64);
/** The size of a file. */
export const ToldBytes = z.int().min(0);

/** A ref or a pattern of refs, as a rule writes it; the other machine may write anything. */
const Pattern = z.string().min(1).max(patternCharactersMax);

/** Repositories that a machine may read, each with its refs as the rules write them. */
export const ToldRepositories = z.object({
  repositories: z
    .array(z.object({ name: Name, refs: z.array(Pattern).max(listedRefsMax) }))
    .max(listedRepositoriesMax),
  /** True when there are more repositories, or more refs of one. */
  more: z.boolean(),
});
export type ToldRepositories = z.infer<typeof ToldRepositories>;
