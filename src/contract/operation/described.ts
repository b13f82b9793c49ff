/** Limits that a schema checks by a function, in words for documents. Validates nothing. */

import { z } from "zod";

/** Words of the schemas that check by a function, or that ignore unknown values. */
export const described = z.registry<{ readonly words: string }>();

/** The schema of each entry of a list that is read entry by entry. */
export const entrySchemas = new WeakMap<z.core.$ZodType, z.core.$ZodType>();
