/** The output of failed commands, and the state that they leave unchanged. */

import { AuditRecord } from "../../src/contract/audit.ts";
import type { Home } from "../support/executable.ts";
import type { Ran } from "../support/ran.ts";

/** A command that failed: nothing on stdout, two lines on stderr. */
export const failed = (code: number, message: string, hint: string): Ran => ({
  code,
  out: "",
  err: `peernet: error: ${message}\npeernet: hint: ${hint}\n`,
});

/** Every record of a home's trail. */
export async function trail(home: Home): Promise<readonly AuditRecord[]> {
  const { out } = await home.run(["audit", "--json", "--all", "--limit", "1000"]);
  const lines = out.split("\n").filter(Boolean);
  return lines.map((line) => AuditRecord.parse(JSON.parse(line)));
}

/** The fields of a record that name the event. */
export type Recorded = Pick<AuditRecord, "direction" | "verb" | "outcome">;

/** The records that a call adds to a home's trail, without their common fields. */
export async function recorded(home: Home, run: () => Promise<unknown>): Promise<Recorded[]> {
  const before = (await trail(home)).length;
  await run();
  const added = (await trail(home)).slice(before);
  return added.map(({ direction, verb, outcome }) => ({ direction, verb, outcome }));
}
