/**
 * Finds the machine to pair with when no address was given: looks for an open window for a while,
 * takes a single one, lets the person choose among several, and reports the search when there is
 * none.
 */

import type {
  Candidate,
  DiscoverOutput,
  OriginRefusal,
  Searched,
} from "../../contract/discovery.ts";
import { PeernetError } from "../../contract/errors.ts";
import { pairSweepMs } from "../../contract/limits.ts";
import { listed } from "../../contract/text/words.ts";
import { started } from "../../session/started.ts";
import { isName } from "../frame/grammar.ts";
import type { Io } from "../terminal/io.ts";
import { note, noteBlock, prompt } from "../terminal/output.ts";

/** True when a person can answer. */
export interface Finding {
  readonly interactive: boolean;
  /** The value of `--to`, which may be a machine's name and no address. */
  readonly to: string | null;
}

/** A machine to pair with, and the words for where it was found. */
export interface Target {
  readonly to: string;
  readonly name: string | null;
  readonly whence: string | null;
}

const named = (to: string): Target => ({ to, name: null, whence: null });

const targetOf = (candidate: Candidate): Target => ({
  to: candidate.address,
  name: candidate.paired ?? candidate.name,
  whence: whence(candidate),
});

/**
 * A machine whose window is open; null when there is none and a person may open one here instead.
 * @throws {window_none} {window_several}
 */
export async function findWindow(io: Io, finding: Finding): Promise<Target | null> {
  const { to } = finding;
  // An address needs no search; a search may know a name.
  if (to !== null && !isName(to)) return named(to);
  if (finding.interactive) note(io, "looking for an open pairing window");
  const found = await search(io, to);
  const [first, ...others] = found.open;
  if (first === undefined) {
    if (to !== null) return named(to);
    if (!finding.interactive) throw noneFound(found.last);
    note(io, searchedPhrase(found.last.searched));
    return null;
  }
  if (others.length === 0) return targetOf(first);
  return finding.interactive ? choose(io, found.open) : several(found.open);
}

interface Search {
  readonly open: readonly Candidate[];
  readonly last: DiscoverOutput;
}

/** Repeats the search until a window is open or the time is over. */
async function search(io: Io, name: string | null): Promise<Search> {
  const endMs = io.clock.monotonicMs() + (name === null ? pairSweepMs : namedSweepMs);
  for (;;) {
    const startedMs = io.clock.monotonicMs();
    const last = await started(io, () => io.calls().discover({}));
    const open =
      name === null
        ? last.candidates.filter(({ window_open }) => window_open)
        : meant(last.candidates, name);
    // When no source could be searched, a repeat finds nothing either.
    const isHopeless = !last.searched.some(({ searched }) => searched);
    if (open.length > 0 || isHopeless || io.clock.monotonicMs() >= endMs) return { open, last };
    await pause(io, startedMs + betweenMs);
  }
}

/**
 * The peer of that name, else each machine that claims the name; of several, those with a window
 * open.
 */
function meant(candidates: readonly Candidate[], name: string): readonly Candidate[] {
  const peers = candidates.filter(({ paired }) => paired === name);
  const all = peers.length > 0 ? peers : candidates.filter((each) => each.name === name);
  const open = all.filter(({ window_open }) => window_open);
  return open.length > 0 ? open : all.slice(0, 1);
}

/** A word that no machine uses is a host's name: then the resolver is asked, and soon. */
const namedSweepMs = 3_000;
/** The interval of sweeps: a sweep asks every machine. */
const betweenMs = 1_000;

function pause(io: Io, untilMs: number): Promise<void> {
  const ms = untilMs - io.clock.monotonicMs();
  if (ms <= 0) return Promise.resolve();
  return new Promise((resolve) => io.timers.after(ms, resolve));
}

async function choose(io: Io, open: readonly Candidate[]): Promise<Target> {
  note(io, `${open.length} machines have a pairing window open. The code goes only to one.`);
  noteBlock(
    io,
    open.map((candidate, at) => ({
      cells: [
        `${at + 1}`,
        candidate.name,
        candidate.address,
        whence(candidate),
        candidate.fingerprint.slice(0, shownCharacters),
      ],
      indent: 2,
    })),
    [{ gap: 2 }, { gap: 3 }, { gap: 3 }, { gap: 3 }],
  );
  for (let tries = 0; tries < triesMax; tries++) {
    const line = await prompt(io, "Which? ");
    if (line === null) break;
    const chosen = open[Number(line.trim()) - 1];
    if (chosen !== undefined) return targetOf(chosen);
  }
  return several(open);
}

const triesMax = 3;
/** `sha256:` and the announced part of the fingerprint. */
const shownCharacters = 23;

function several(open: readonly Candidate[]): never {
  const [first] = open;
  throw new PeernetError("window_several", {
    message: `${open.length} pairing windows are open: ${listed(open.map(({ name }) => name))}`,
    hint: `peernet pair --to ${first?.address}`,
    details: { candidates: open },
  });
}

/** A candidate's source and owner: `tailnet, you@example.com`. */
export function whence({ source, login, refusal }: Candidate): string {
  const of = login ?? (refusal === "tagged" ? "tagged, no user" : null);
  return of === null ? source : `${source}, ${of}`;
}

/** The reason not to pair with a tailnet machine. */
export const reasons: Readonly<Record<OriginRefusal, string>> = {
  other_user: "another user's machine",
  tagged: "tagged, so no user is the same",
  shared: "shared from another tailnet",
  expired: "its tailnet key expired",
  unknown: "the tailnet does not know it",
};

/**
 * The searched sources, the others, and the reasons: for a search that found nothing. Does not
 * mention configured addresses when there are none.
 */
export function searchedPhrase(searched: readonly Searched[]): string {
  return searched
    .filter(({ source, why }) => source !== "configured" || why === null)
    .map(({ source, why }) => `${source} ${phraseOf(source, why)}`)
    .join(", ");
}

/** The state that keeps the tailnet from being searched, in words. */
const states: Readonly<Record<string, string>> = {
  missing: "not installed",
  unanswered: "not answering",
};

function phraseOf(source: Searched["source"], why: string | null): string {
  if (why === null) return "searched";
  if (source === "lan" && why === "absent") return "not searched (no network is there)";
  if (source === "lan" && why === "unseen") return "not searched (/sys is not mounted)";
  if (source === "lan") return why === "off" ? "is off" : `not searched (multicast is ${why})`;
  return why === "off" ? "is off" : `not searched (Tailscale is ${states[why] ?? why})`;
}

function noneFound({ searched, candidates }: DiscoverOutput): PeernetError {
  const closed = candidates.find((candidate) => candidate.paired === null);
  const stopped = searched.some(({ source, why }) => source === "tailnet" && why === "stopped");
  const onceOpen = closed === undefined ? "peernet pair --open" : `on ${closed.name}: peernet pair`;
  return new PeernetError("window_none", {
    message: `no open window found: ${searchedPhrase(searched)}`,
    hint: stopped ? "tailscale up" : onceOpen,
  });
}
