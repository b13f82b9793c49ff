/** `peernet activate`: takes a handle for the session that the command is typed in. */

import { resolve } from "node:path";
import type { Control } from "../../contract/control.ts";
import { PeernetError } from "../../contract/errors.ts";
import type { OutputOf } from "../../contract/operation.ts";
import { describe } from "../../session/describe.ts";
import { isAlive } from "../../session/process.ts";
import { type Context, command } from "../command.ts";
import { started } from "../daemon.ts";
import type { Flags } from "../flags.ts";
import type { Io } from "../io.ts";
import { note, printJson, printLine } from "../output.ts";
import { sessionOf } from "../session.ts";
import { listed } from "../text.ts";

const flags = {
  summary: { kind: "text", value: "TEXT", summary: "what this session is doing, in a sentence" },
  cwd: {
    kind: "text",
    value: "DIR",
    summary: "the session's folder; the current one unless given",
  },
  pid: {
    kind: "count",
    value: "PID",
    summary: "the session's process; the nearest coding agent or terminal's shell unless given",
  },
} as const satisfies Flags;

type ActivateContext = Context<typeof flags>;

/** Takes a lease, or renames the one this session has, and sees to it that it is kept. */
export const activate = command({
  flags,
  examples: ["peernet activate", "peernet activate hydrate --summary 'port the sync client'"],
  async run({ io, flags, words, json }: ActivateContext) {
    const [name] = words;
    const session = sessionOf(io, flags.pid);
    const cwd = resolve(io.cwd(), flags.cwd ?? "");
    const { project, git } = await describe(cwd, io);
    const input = {
      ...session,
      cwd,
      project,
      git,
      ...(name === undefined ? {} : { name }),
      ...(flags.summary === null ? {} : { summary: flags.summary }),
    };
    const output = await started(io, () => freeing(io, () => io.calls().activate(input)));
    await io.ensureKeeper();
    if (json) {
      printJson(io, output);
      return 0;
    }
    printLine(io, live(output));
    note(io, `to leave: peernet deactivate ${output.handle.slice(output.handle.indexOf("/") + 1)}`);
    return 0;
  },
});

/** A name whose holder's process is gone is free at once: the keeper would free it soon. */
async function freeing<T>(io: Io, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const holder = error instanceof PeernetError ? holderIn(error) : null;
    if (holder === null || isAlive(holder.process)) throw error;
    await io.calls().deactivate({ name: holder.name, generation: holder.generation });
    return await call();
  }
}

/** Who holds the name, as the daemon tells it with its refusal. */
function holderIn({ code, details }: PeernetError) {
  if (code !== "handle_held") return null;
  const { name, generation, process } = details ?? {};
  const { pid, start_time }: { pid?: unknown; start_time?: unknown } = Object(process);
  if (typeof name !== "string" || typeof generation !== "number") return null;
  if (typeof pid !== "number" || typeof start_time !== "string") return null;
  return { name, generation, process: { pid, start_time } };
}

/** Peers that are named one by one; a longer list is told by its length. */
const namedMax = 4;

function live({ handle, renamed_from, visible_to }: OutputOf<Control["activate"]>): string {
  const before = renamed_from === null ? "" : ` (was ${renamed_from})`;
  const named = visible_to.slice(0, namedMax);
  const rest = visible_to.length - named.length;
  const who = rest === 0 ? listed(named) : listed([...named, `${rest} more`]);
  const may = visible_to.length === 0 ? "no paired machine may ask yet" : `${who} may ask`;
  return `live as ${handle}${before}, ${may}`;
}
