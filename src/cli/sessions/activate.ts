/** `peernet activate`: takes a handle for the session in which the command runs. */

import { resolve } from "node:path";
import { PeernetError } from "../../contract/errors.ts";
import { fittingName } from "../../contract/text/naming.ts";
import { takeHandle } from "../../session/activation.ts";
import { announced, leaving } from "../../session/announcement.ts";
import { sessionOf } from "../../session/caller.ts";
import { describe, toldAtOnce } from "../../session/describe.ts";
import { type Context, command } from "../frame/command.ts";
import type { Flags } from "../frame/flags.ts";
import { isName } from "../frame/grammar.ts";
import { note, printJson, printLine } from "../terminal/output.ts";

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

/** Takes a lease, or renames this session's present one, and makes sure that a keeper renews it. */
export const activate = command({
  flags,
  examples: ["peernet activate", "peernet activate hydrate --summary 'port the sync client'"],
  async run({ io, flags, words, json }: ActivateContext) {
    const [name] = words;
    const session = sessionOf(io, flags.pid);
    const { cwd: named } = flags;
    const cwd = named?.startsWith("/") ? resolve(named) : resolve(io.cwd(), named ?? "");
    const described = await describe(cwd, io);
    if (named !== null && described.why === "gone") throw noFolder(cwd);
    const input = {
      ...session,
      cwd,
      project: described.project,
      ...toldAtOnce(described),
      ...(name === undefined ? {} : { name }),
      ...(flags.summary === null ? {} : { summary: flags.summary }),
    };
    const output = await takeHandle(io, input).catch((error) => {
      throw name === undefined || isName(name) ? error : misnamed(error, name);
    });
    if (json) {
      printJson(io, output);
      return 0;
    }
    printLine(io, announced(output));
    note(io, `to leave: ${leaving(output.handle)}`);
    if (described.why === "no_repository") {
      note(io, `${cwd} is in no git repository: peers are shown its name, ${described.project}`);
    }
    return 0;
  },
});

const noFolder = (cwd: string): PeernetError =>
  new PeernetError("bad_request", {
    message: `there is no folder ${cwd}`,
    hint: "peernet activate --cwd DIR",
  });

/** The refusal of a name, with an acceptable one; any other error unchanged. */
function misnamed(error: unknown, name: string): unknown {
  if (!(error instanceof PeernetError) || error.code !== "bad_request") return error;
  const { code, message } = error;
  const fitting = fittingName(name);
  const hint = fitting === "" ? "peernet help activate" : `peernet activate ${fitting}`;
  return new PeernetError(code, { message, hint });
}
