/** What `doctor` observed: one line a check, and one thing to do about each that is not well. */

import { z } from "zod";

export const Check = z.object({
  name: z.string(),
  state: z.enum(["ok", "warning", "failed"]),
  /** What was observed, never what is supposed. */
  detail: z.string(),
  /** One action; null exactly when the state is ok. */
  fix: z.string().nullable(),
});
export type Check = z.infer<typeof Check>;

export const DoctorOutput = z.object({ checks: z.array(Check) });
