/** `peernet doctor`: observations, and one remedy for each problem. */

import type { Check } from "../../contract/doctor.ts";
import { command } from "../frame/command.ts";
import { printChecks } from "../terminal/checks.ts";
import { printJson, printLine } from "../terminal/output.ts";
import { counted } from "../terminal/text.ts";
import { daemonChecks } from "./daemon.ts";
import { machineChecks } from "./machine.ts";

/** Shows every check; exits 1 when a check has failed. Starts nothing. */
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
