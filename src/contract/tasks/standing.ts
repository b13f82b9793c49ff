/** The tasks that wait or go on, in counts: for those who watch. */

import { z } from "zod";

export const TaskStanding = z.object({
  /** Tasks of peers that wait for a person of this machine. */
  held: z.int().min(0),
  /** The machines that held tasks come from. */
  held_from: z.array(z.string()),
  /** Other tasks of peers that go on here. */
  here: z.int().min(0),
  /** Tasks of this machine that have no end yet, as far as it knows. */
  asked: z.int().min(0),
  /** The machines that were asked for them. */
  asked_of: z.array(z.string()),
});
export type TaskStanding = z.infer<typeof TaskStanding>;
