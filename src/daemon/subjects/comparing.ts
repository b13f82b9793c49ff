/**
 * Compares this machine's trail with a peer's. Both are read a page at a time in the order of the
 * subjects' ids, and no clock of one machine is compared with the other's. A subject that seems to
 * be missing is read once more at the end: it may have begun meanwhile.
 */

import { PeernetError } from "../../contract/errors.ts";
import { greetingMs } from "../../contract/limits.ts";
import { subjectsListedMax } from "../../contract/subjects/limits.ts";
import type {
  ComparedCounts,
  CompareEvent,
  FoundSubject,
  ToldRecord,
} from "../../contract/subjects/subjects.ts";
import { accuses, judge, judgeOpen, type Open, type Subject } from "../../core/subjects/judge.ts";
import type { Trail, Verdict, Where } from "../../core/subjects/sides.ts";
import type { PeerRow } from "../../store/peers.ts";
import { unknownPeer } from "../context/context.ts";
import type { Links } from "../links/links.ts";
import type { PeerMemories } from "../peers/memories.ts";
import { both, grouped, type ReadingParts, recordsAbout, recordsOf } from "./groups.ts";
import { trailOf } from "./pages.ts";
import { type TheirTrail, theirTrail } from "./their-trail.ts";

/** Dependencies of comparing. */
export interface ComparingParts extends ReadingParts {
  readonly links: Links;
  readonly memories: PeerMemories;
}

/** A comparison's state. */
interface Comparison {
  readonly parts: ComparingParts;
  readonly peer: PeerRow;
  readonly theirs: TheirTrail;
  /** The facts of this machine's trail. */
  readonly here: Trail;
  readonly counts: { -readonly [K in keyof ComparedCounts]: number };
  readonly open: Open[];
  /** Accused subjects, which are read once more. */
  readonly doubted: string[];
  /** The last question with an end on each side. */
  readonly lastEnded: Record<Where, string>;
  listed: number;
  unlisted: number;
}

/** Compares the trails of this machine and a peer. */
export async function* compare(parts: ComparingParts, name: string): AsyncGenerator<CompareEvent> {
  const peer = parts.context.tables.peers.named(name);
  if (peer === null) throw unknownPeer(name);
  await mustTellSubjects(parts, peer);
  const comparison = begun(parts, peer);
  const { theirs } = comparison;
  const ours = grouped(recordsAbout(parts, peer));
  let subjects = 0;
  for await (const subject of both(ours, theirs.groups())) {
    yield* judged(comparison, subject);
    subjects += 1;
    if (subjects % progressEach === 0) yield { event: "progress", subjects };
  }
  yield* openOnes(comparison);
  yield* doubtedOnes(comparison);
  const { counts, unlisted } = comparison;
  const { fingerprint } = peer;
  yield { event: "compared", peer: peer.name, fingerprint, counts: { ...counts }, unlisted };
}

const progressEach = 500;

const begun = (parts: ComparingParts, peer: PeerRow): Comparison => ({
  ...{ parts, peer, theirs: theirTrail(parts.links, peer) },
  here: trailOf(parts.context, peer.fingerprint),
  counts: { agree: 0, differ: 0, only_here: 0, only_there: 0, explained: 0, incomparable: 0 },
  ...{ open: [], doubted: [], lastEnded: { here: "", there: "" }, listed: 0, unlisted: 0 },
});

/** Refuses a peer whose hello does not list the feature. @throws {version_unsupported} */
async function mustTellSubjects(
  { links, memories }: ComparingParts,
  { fingerprint, name }: PeerRow,
): Promise<void> {
  const tells = (): boolean => memories.of(fingerprint).features.includes("subjects");
  if (tells()) return;
  await links.greet(fingerprint, { deadlineMs: greetingMs, isAwaited: true });
  if (tells() || memories.of(fingerprint).version === null) return;
  throw new PeernetError("version_unsupported", {
    message: `${name} runs a version of peernet that compares no trails`,
    hint: `update peernet on ${name}`,
  });
}

function* judged(comparison: Comparison, subject: Subject): Generator<CompareEvent> {
  const { here, theirs, open, doubted, lastEnded } = comparison;
  const verdict = judge(subject, { here, there: theirs.trail() });
  noteEnds(lastEnded, subject);
  if (verdict.verdict === "open") {
    const { side } = verdict;
    const ageMs = Math.min(...subject[side].map(({ age_ms }) => age_ms));
    open.push({ id: subject.id, side, ageMs });
  } else if (accuses(verdict) && doubted.length < subjectsListedMax) doubted.push(subject.id);
  else yield* counted(comparison, subject, verdict);
}

/** Notes the last question with an end on each side. */
function noteEnds(lastEnded: Record<Where, string>, subject: Subject): void {
  for (const side of ["here", "there"] as const) {
    const hasEnd = subject[side].some(
      ({ verb, direction, outcome }) =>
        verb === "ask" && direction === "out" && outcome !== "asked",
    );
    if (hasEnd && subject.id > lastEnded[side]) lastEnded[side] = subject.id;
  }
}

/** Counts a verdict, and lists it while there is room. */
function* counted(
  comparison: Comparison,
  { id: subject_id, here, there }: Subject,
  verdict: Verdict,
): Generator<CompareEvent> {
  const { counts } = comparison;
  if (verdict.verdict === "open") return;
  const { verdict: word } = verdict;
  counts[word === "agrees" ? "agree" : word === "differs" ? "differ" : word] += 1;
  if (verdict.verdict === "agrees") return;
  if (comparison.listed >= subjectsListedMax) {
    comparison.unlisted += 1;
    return;
  }
  comparison.listed += 1;
  const { verb = "", age_ms = 0 } = here[0] ?? there[0] ?? {};
  const found: FoundSubject = { subject_id, verb, age_ms, ...verdict };
  yield { event: "subject", found };
}

/** Judges the questions without an end, now that both trails were read. */
async function* openOnes(comparison: Comparison): AsyncGenerator<CompareEvent> {
  const { here, theirs, open, lastEnded } = comparison;
  const trails = { here, there: theirs.trail() };
  for (const one of open) {
    const verdict = judgeOpen(one, trails[one.side], lastEnded[one.side]);
    if (accuses(verdict)) comparison.doubted.push(one.id);
    else yield* counted(comparison, await again(comparison, one.id), verdict);
  }
}

/** Judges each accused subject once more, by the records as they are now. */
async function* doubtedOnes(comparison: Comparison): AsyncGenerator<CompareEvent> {
  const { parts, peer, theirs, lastEnded } = comparison;
  for (const id of comparison.doubted) {
    const subject = await again(comparison, id);
    const trails = { here: trailOf(parts.context, peer.fingerprint), there: theirs.trail() };
    const verdict = judge(subject, trails);
    if (verdict.verdict !== "open") yield* counted(comparison, subject, verdict);
    else {
      const { side } = verdict;
      const ageMs = Math.min(...subject[side].map(({ age_ms }) => age_ms));
      const ended = judgeOpen({ id, side, ageMs }, trails[side], lastEnded[side]);
      yield* counted(comparison, subject, ended);
    }
  }
}

/** The present records of a subject on both machines. */
async function again({ parts, peer, theirs }: Comparison, id: string): Promise<Subject> {
  const there: readonly ToldRecord[] = await theirs.of(id);
  return { id, here: recordsOf(parts.context, peer, id), there };
}
