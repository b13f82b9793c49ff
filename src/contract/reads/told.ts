/** Details of a refused reading that a peer is believed, each bounded. */

import { z } from "zod";
import { RefPattern } from "../policy/document.ts";

/** Refs that may be read, as rules write them. */
export const ToldRefs = z.array(RefPattern).max(64);
/** The size of a file. */
export const ToldBytes = z.int().min(0);
