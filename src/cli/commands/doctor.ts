/** `peernet doctor`: what can be observed, and one thing to do about each that is not well. */

import type { Check } from "../../contract/doctor.ts";
import { printChecks } from "../checks.ts";
import { command } from "../command.ts";
import { daemonChecks } from "../doctor-daemon.ts";
import { machineChecks } from "../doctor-machine.ts";
import { printJson, printLine } from "../output.ts";
import { counted } from "../text.ts";

/** Shows every check; exits 1 when something has failed. Starts nothing. */
export const doctor = command({
  flags: {},
  async run({ io, json }) {
    const [daemon, machine] = await Promise.all([daemonChecks(io), machineChecks(io)]);
    const checks = [...daemon, ...machine];
    const count = (state: Check["state"]): number =>
      checks.filter((check) => check.state === state).length;
    if (json) printJson(io, { checks });
    else {
      printChecks(io, checks);
      const warnings = counted(count("warning"), "warning");
      printLine(io, `${count("failed")} failed, ${warnings}, ${count("ok")} ok`);
    }
    return count("failed") > 0 ? 1 : 0;
  },
});
