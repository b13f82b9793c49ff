/** Last known facts of a machine that does not answer: grey, with their age. */

import { PeernetError } from "../../contract/errors.ts";
import type { Peer, RemoteHandle } from "../../contract/peer.ts";
import { told, toldText } from "../../contract/text/fact-groups.ts";
import { machineHalf } from "../../contract/text/handle.ts";
import { past } from "../../contract/text/words.ts";
import { gitListed, nothing } from "../frame/facts.ts";
import type { Io } from "../terminal/io.ts";
import { noteBlock, type Row } from "../terminal/output.ts";

type LastKnown = NonNullable<Peer["last_known"]>;

/** Rows for a list of answers; none when nothing is known. On a narrow terminal two a session. */
export const lastKnownRows = (
  last: LastKnown | null | undefined,
  isNarrow = false,
): readonly Row[] =>
  (last?.handles ?? []).flatMap((remote): readonly Row[] => {
    const [handle = "", state = "", git = "", summary = ""] = cellsOf(remote, last?.age_ms ?? 0);
    if (!isNarrow) return [dim([handle, state, git, summary])];
    const told = summary === nothing ? [] : [{ ...dim([summary]), indent: 2 }];
    return [dim([handle, state]), ...told];
  });

const dim = (texts: readonly string[]): Row => ({
  cells: texts.map((text) => ({ text, style: "dim" })),
});

function cellsOf(remote: RemoteHandle, ageMs: number): readonly string[] {
  const { handle, state, branch = null, sha = null, dirty = null, summary, hidden } = remote;
  const git = gitListed({ branch, sha, dirty }, hidden);
  const text = toldText(told(summary, { of: "summary", hidden, why: nothing }), String);
  return [handle, `${state ?? "live"} ${past(ageMs)}`, git, text];
}

/** Codes of an ask that a machine left unanswered. */
const unanswered: ReadonlySet<string> = new Set(["peer_unreachable", "peer_timeout"]);

/**
 * Prints the last known facts of an asked session on stderr, before the error that says why it is
 * silent: they are no answer.
 */
export async function printLastKnown(io: Io, handle: string | null, error: unknown): Promise<void> {
  const machine = machineHalf(handle ?? "");
  if (!(error instanceof PeernetError) || !unanswered.has(error.code) || machine === null) return;
  // The error is what the person must read: these facts come before it where they can be had.
  const peer = await io
    .calls()
    ["peers/show"]({ name: machine })
    .catch(() => null);
  const last = peer?.last_known ?? null;
  if (last === null) return;
  const handles = last.handles.filter((each) => each.handle === handle);
  const rows = lastKnownRows({ ...last, handles }).map(({ cells }) => ({
    cells: ["last known", ...cells],
  }));
  noteBlock(io, rows, [{ gap: 3 }, { gap: 3 }, { gap: 3 }, { gap: 3 }]);
}
