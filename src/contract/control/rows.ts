/** Inputs and surfaces that several rows of the control table share. */

import { z } from "zod";
import type { Surface } from "../operation/operation.ts";
import { Name } from "../terms.ts";

/** Surfaces of a row that people and models may use. */
export const everywhere: readonly Surface[] = ["cli", "mcp", "dashboard"];
/** Surfaces of a row about the calling session itself. */
export const sessions: readonly Surface[] = ["cli", "mcp"];
/**
 * Surfaces of a row for people: no model gets a row that opens a window, or sees or takes a code.
 */
export const people: readonly Surface[] = ["cli", "dashboard"];
/** The input of a row without any. */
export const nothing = z.object({});
/** The input of a row about one peer. */
export const named = z.object({ name: Name });
