/** Opens a commit for a peer: decided by the policy, found by the keeper, decided once more. */

import { accept, type Outcome, PeernetError, refuse, refuseWith } from "../../contract/errors.ts";
import type { InputOf } from "../../contract/operation/operation.ts";
import { readerIdleMs } from "../../contract/reads/limits.ts";
import type { OpenOutput } from "../../contract/reads/reads.ts";
import type { Wire } from "../../contract/wire.ts";
import { contentSaltBytes } from "../../core/audit-chain.ts";
import type { PeerRow } from "../../store/peers.ts";
import type { Context, Work } from "../context/context.ts";
import type { HeldReadings, IncomingReadParts, ReadCall } from "./held.ts";
import { type Readable, readableBy, unopened, unready, wanted } from "./open.ts";
import { handleOf, recordedOpening } from "./recorded.ts";

type Input = InputOf<Wire["read/open"]>;

/** One opening. */
export interface Opening {
  readonly readings: HeldReadings;
  readonly input: Input;
  readonly call: ReadCall;
}

/** Opens a commit. @throws the refusal, after it was recorded or counted */
export async function openReading(parts: IncomingReadParts, opening: Opening): Promise<OpenOutput> {
  const { errands } = parts;
  const { input, call } = opening;
  const before = await call.asPeer((peer, work) =>
    counted(parts, opening, { peer, work, outcome: admitted(parts, opening, { peer, work }) }),
  );
  const readable = await namedIn(parts, input, before);
  const decided = await call.asPeer((peer, work) =>
    counted(parts, opening, { peer, work, outcome: chosen(parts, peer, { readable, input }) }),
  );
  const of = { reading_id: input.reading_id, peer: before.fingerprint };
  const errand = { ...decided.errand, ...of, preferred: before.sessionSha };
  const ended = await errands.run({ kind: "read_open", input: errand });
  return call.asPeer((peer, work) => {
    const refused = (error: PeernetError): Outcome<never> =>
      counted(parts, opening, { peer, work, outcome: refuseWith(error) });
    if (!ended.done) return refused(unready(ended.why));
    const { output } = ended;
    if (!output.opened) return refused(unopened(output, decided.readable));
    // Policy and pairing may have ended while the keeper opened it.
    const again = chosen(parts, peer, { readable: decided.readable, input });
    if (!again.ok) return refused(again.error);
    const { sha, ref, files, age_ms, wall } = output;
    const { repository } = decided.readable;
    const times = { age_ms, expires_in_ms: readerIdleMs };
    const opened: OpenOutput = { sha, ref, repository, files, wall, ...times };
    noteOpened(parts, opening, { peer, work, opened, readable: decided.readable });
    return accept(opened);
  });
}

interface Noted {
  readonly peer: PeerRow;
  readonly work: Work;
  readonly opened: OpenOutput;
  readonly readable: Readable;
}

/** Records an opened reading, and holds it once that is durable. */
function noteOpened(
  { context, counts }: IncomingReadParts,
  { readings, input, call }: Opening,
  { peer, work, opened, readable }: Noted,
): void {
  const { fingerprint } = peer;
  const { reading_id: id } = input;
  const handle = handleOf(context, opened.repository);
  const draft = { direction: "in", verb: "read", subject_id: id, handle } as const;
  work.record(recordedOpening({ ...draft, ...call.originOf(peer) }, opened));
  work.after(() => {
    const salt = context.effects.random.bytes(contentSaltBytes);
    readings.add({ id, fingerprint, readable, opened, salt });
    counts.answered(fingerprint, call.now, "pieces");
  });
}

interface Decided<T> {
  readonly peer: PeerRow;
  readonly work: Work;
  readonly outcome: Outcome<T>;
}

/** The outcome, counted or recorded when it is a refusal. */
function counted<T>(
  { counts }: IncomingReadParts,
  { input, call }: Opening,
  { peer, work, outcome }: Decided<T>,
): Outcome<T> {
  const draft = { direction: "in", verb: "read", subject_id: input.reading_id } as const;
  if (!outcome.ok) {
    const refusal = { ...draft, ...call.originOf(peer), peer, outcome: outcome.error.code };
    counts.refused(work, refusal, call.now);
  }
  return outcome;
}

interface Admitted {
  readonly fingerprint: string;
  readonly all: readonly Readable[];
  /** The folder and the commit of the session that names the repository; null for none. */
  readonly cwd: string | null;
  readonly sessionSha: string | null;
}

/** A peer that may read something here, and the session that it named. */
function admitted(
  { policy, context }: Pick<IncomingReadParts, "policy"> & { readonly context: Context },
  { readings, input }: Opening,
  { peer, work }: { readonly peer: PeerRow; readonly work: Work },
): Outcome<Admitted> {
  const { fingerprint } = peer;
  const current = policy.of(fingerprint);
  const all = current === null ? [] : readableBy(current);
  if (all.length === 0 || peer.grants.paused) return refuse("scope_denied");
  // Another machine's reading is not replaced.
  const holder = readings.get(input.reading_id)?.fingerprint ?? fingerprint;
  if (holder !== fingerprint) return refuse("reading_gone");
  const leases = work.tables.leases.all().filter(({ run }) => run === context.run.id);
  const lease = leases.find(({ name }) => name === input.handle);
  return accept({
    ...{ fingerprint, all, cwd: lease?.cwd ?? null },
    sessionSha: lease?.git?.sha ?? null,
  });
}

/** The readable repository that a peer named, by its name or by a session in it; null for none. */
async function namedIn(
  { errands }: IncomingReadParts,
  { repository, handle }: Input,
  { all, cwd }: Admitted,
): Promise<Readable | null> {
  if (repository !== null) return all.find((each) => each.repository === repository) ?? null;
  if (handle === null || cwd === null) return null;
  const repositories = all.map(({ repository: name, path }) => ({ name, path }));
  const ended = await errands.run({ kind: "read_whose", input: { cwd, repositories } });
  if (!ended.done) throw unready(ended.why);
  return all.find((each) => each.repository === ended.output.name) ?? null;
}

/** Repositories that a refusal names. */
const namedMax = 32;

/** The commit to open, by the policy as it is now. */
function chosen(
  { policy }: IncomingReadParts,
  peer: PeerRow,
  { readable, input }: { readonly readable: Readable | null; readonly input: Input },
): Outcome<{ readonly readable: Readable; readonly errand: ReturnType<typeof wanted> }> {
  const current = policy.of(peer.fingerprint);
  if (current === null || peer.grants.paused) return refuse("repository_unknown");
  const all = readableBy(current);
  const found = all.find(
    (each) => each.repository === readable?.repository && each.path === readable.path,
  );
  if (found === undefined) {
    // The peer may read these: their names are no news to it.
    const repositories = [...new Set(all.map(({ repository }) => repository))].slice(0, namedMax);
    return refuse("repository_unknown", { details: { repositories } });
  }
  try {
    return accept({ readable: found, errand: wanted(current, found, input) });
  } catch (error) {
    if (error instanceof PeernetError) return refuseWith(error);
    throw error;
  }
}
