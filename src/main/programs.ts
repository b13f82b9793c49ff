/** The programs of tasks: fixed commands. */

import type { Programs } from "../keeper/tasks/program.ts";

/** The programs of a state folder. */
export async function programsOf(_state: string): Promise<Programs> {
  const { commands } = await import("../keeper/tasks/command.ts");
  return commands(process.env.HOME ?? "/");
}
