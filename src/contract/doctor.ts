/** The observations of `doctor`: one line a check, and one remedy for each failed check. */

import { z } from "zod";

export const Check = z.object({
  name: z.string(),
  state: z.enum(["ok", "warning", "failed"]),
  /** The observation, never a guess. */
  detail: z.string(),
  /** One action; null exactly when the state is ok. */
  fix: z.string().nullable(),
});
export type Check = z.infer<typeof Check>;

export const DoctorOutput = z.object({ checks: z.array(Check) });
