/** `peernet activate`: takes a handle for the session that the command is typed in. */

import { resolve } from "node:path";
import { takeHandle } from "../../session/activation.ts";
import { announced, leaving } from "../../session/announcement.ts";
import { sessionOf } from "../../session/caller.ts";
import { describe } from "../../session/describe.ts";
import { type Context, command } from "../command.ts";
import type { Flags } from "../flags.ts";
import { note, printJson, printLine } from "../output.ts";

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
    const output = await takeHandle(io, input);
    if (json) {
      printJson(io, output);
      return 0;
    }
    printLine(io, announced(output));
    note(io, `to leave: ${leaving(output.handle)}`);
    return 0;
  },
});
