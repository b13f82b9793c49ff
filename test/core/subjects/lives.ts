/**
 * Two machines that ask, write, wait and read, and write what an honest daemon writes about it:
 * replies are lost, refusals are only counted, daemons end abruptly, disks are full, records are
 * moved to files. Their clocks differ by days.
 */

import type { AuditRecord } from "../../../src/contract/audit.ts";
import { contentSha256 } from "../../../src/core/audit-chain.ts";
import { interruptionOf, lastId } from "../../../src/core/subjects/interruptions.ts";
import type { Trail } from "../../../src/core/subjects/sides.ts";
import { toldOf } from "../../../src/core/subjects/told.ts";
import { sha256 } from "../../../src/platform/real.ts";
import { record } from "../../cli/samples.ts";
import { seededRandom } from "../../support/effects.ts";
import type { Draw } from "../../support/histories.ts";

/** A machine with its trail. */
export interface Life {
  readonly name: string;
  readonly records: AuditRecord[];
  /** The last id in an archive file; null without one. */
  archived: string | null;
  seq: number;
  /** The hour of the first refusal of each kind. */
  readonly refused: Map<string, number>;
  uuid(): string;
  wallMs(): number;
}

/** Both machines at an instant. */
export interface World {
  readonly draw: Draw;
  readonly lives: readonly [Life, Life];
  nowMs: number;
}

const startMs = 1_800_000_000_000;

/** Two machines without a record. */
export function newWorld(draw: Draw): World {
  const world = { draw, nowMs: 0 };
  const life = (name: string): Life => {
    const skewMs = draw.between(-3, 3) * 86_400_000 + draw.below(100_000);
    const wallMs = (): number => startMs + skewMs + world.nowMs;
    const clock = { wallMs, bootMs: wallMs, monotonicMs: wallMs };
    const { uuid } = seededRandom(draw.below(2 ** 32), clock);
    return { name, records: [], archived: null, seq: 0, refused: new Map(), uuid, wallMs };
  };
  return Object.assign(world, { lives: [life("laptop"), life("mini")] as const });
}

/** Appends a record as a machine writes it. */
export function write(life: Life, fields: Partial<AuditRecord>): void {
  life.seq += 1;
  const bare = { text: null, thread_id: null, content_sha256: null, details: null, count: null };
  const at = { seq: life.seq, at_ms: life.wallMs(), handle: null, from_handle: null };
  life.records.push(record({ ...bare, ...at, harness: null, subject_id: null, ...fields }));
}

/** The first refusal of a kind in an hour is recorded; the others are counted. */
function refuse(world: World, life: Life, fields: Partial<AuditRecord>): void {
  const kind = `${fields.verb} ${fields.outcome}`;
  const isCounted = (life.refused.get(kind) ?? Number.NEGATIVE_INFINITY) > world.nowMs - 3_600_000;
  if (isCounted) return;
  life.refused.set(kind, world.nowMs);
  write(life, { ...fields, text: null });
}

/** The daemon of a machine ends abruptly, and starts again a while later. */
export function crash(world: World, life: Life): void {
  const since_ms = life.records.at(-1)?.at_ms ?? life.wallMs();
  world.nowMs += world.draw.below(100_000);
  life.refused.clear();
  const mark = { direction: "local", verb: "trail", outcome: "interrupted" } as const;
  write(life, { ...mark, details: JSON.stringify({ since_ms }), handle: null });
}

/** Moves the older part of a machine's records to a file. */
export function archive({ draw }: World, life: Life): void {
  const cut = life.records.splice(0, draw.below(life.records.length + 1));
  const marks = cut.filter(({ verb }) => verb === "trail").map((one) => interruptionOf(one).last);
  const ids = cut.flatMap(({ subject_id }) => subject_id ?? []);
  life.archived = [life.archived ?? "", ...marks, ...ids].sort().at(-1) || null;
}

const digest = (draw: Draw): string => contentSha256(draw.bytes(16), "", sha256);

/** An asker, the machine that answers, and a fresh id. */
interface Call {
  readonly asker: Life;
  readonly answerer: Life;
  readonly id: string;
}

const outOf = ({ asker, answerer, id }: Call, verb: AuditRecord["verb"], name: string) => ({
  ...{ direction: "out" as const, verb, subject_id: id, handle: `${answerer.name}/${name}` },
  from_handle: `${asker.name}/own`,
});
const intoOf = ({ id }: Call, verb: AuditRecord["verb"], name: string) => ({
  ...{ direction: "in" as const, verb, subject_id: id, handle: name },
});

/** The ways in which an ask may end, each honest. */
function ask(world: World, call: Call): void {
  const { draw } = world;
  const { asker, answerer } = call;
  const thread_id = asker.uuid();
  const text = draw.oneIn(3) ? null : `question ${draw.below(100)}`;
  const out = { ...outOf(call, "ask", "hydrate"), thread_id };
  const into = { ...intoOf(call, "ask", "hydrate"), thread_id };
  const content_sha256 = digest(draw);
  const asks = () => write(asker, { ...out, text, outcome: "asked" });
  const answers = () => write(answerer, { ...into, text, outcome: "ok", content_sha256 });
  const ends = (outcome: string, content: string | null = null) =>
    write(asker, { ...out, outcome, content_sha256: content });
  const way = draw.below(14);
  const refusal = draw.pick(["handle_unknown", "scope_denied"]);
  if (way === 6 || way === 7) refuse(world, answerer, { ...into, outcome: refusal });
  if (way < 6 || (way > 8 && way < 13) || (way === 13 && draw.oneIn(2))) answers();
  if (way === 11) write(asker, { ...out, text, outcome: "storage_full" });
  else if (way !== 12) asks();
  if (way < 6) ends("ok", content_sha256);
  else if (way < 8) ends(refusal);
  // The answer was lost, and the same ask once more was refused, and counted.
  else if (way < 11) ends(["peer_unreachable", "peer_timeout", "handle_unknown"][way - 8] ?? "");
  else if (way > 11) crash(world, asker);
}

function message(world: World, call: Call): void {
  const { draw } = world;
  const { asker, answerer } = call;
  const bytes = draw.below(100);
  const details = JSON.stringify({ by: "session", bytes });
  const shared = { thread_id: asker.uuid(), content_sha256: digest(draw), details };
  const out = { ...outOf(call, "message", "api"), ...shared };
  const handle = `${answerer.name}/api`;
  const into = { ...intoOf(call, "message", handle), from_handle: `${asker.name}/own`, ...shared };
  write(asker, { ...out, outcome: "asked" });
  const way = draw.below(8);
  if (way === 1) write(asker, { ...out, outcome: "expired" });
  if (way === 2) {
    refuse(world, answerer, { ...into, content_sha256: null, outcome: "inbox_full" });
    write(asker, { ...out, outcome: "inbox_full" });
  }
  if (way < 3) return;
  const outcome = draw.pick(["stored", "held"]);
  write(answerer, { ...into, outcome });
  if (draw.oneIn(6)) crash(world, draw.pick([asker, answerer]));
  if (way === 3) write(asker, { ...out, outcome: "peer_refused" });
  if (way > 4) write(asker, { ...out, outcome });
}

function wait(world: World, call: Call): void {
  const { draw } = world;
  const { asker, answerer } = call;
  const details = JSON.stringify({ until: "idle" });
  const out = { ...outOf(call, "wait", "api"), details };
  const into = { ...intoOf(call, "wait", "api"), details };
  write(asker, { ...out, outcome: "asked" });
  if (draw.oneIn(6)) {
    write(asker, { ...out, outcome: "peer_unreachable" });
    return;
  }
  write(answerer, { ...into, outcome: "waiting", content_sha256: digest(draw) });
  if (draw.oneIn(6)) crash(world, asker);
  if (draw.oneIn(4)) {
    write(asker, { ...out, outcome: "timeout" });
    return;
  }
  write(answerer, { ...into, outcome: "reached", content_sha256: digest(draw) });
  write(asker, { ...out, outcome: draw.oneIn(4) ? "cancelled" : "reached" });
}

function read(world: World, call: Call): void {
  const { draw } = world;
  const { asker, answerer } = call;
  const detailsOf = (act: string, more: object) =>
    JSON.stringify({ act, repository: "hydrate", sha: "a".repeat(40), ...more });
  const out = { ...outOf(call, "read", ""), handle: `${answerer.name}:hydrate` };
  const into = { ...intoOf(call, "read", ""), handle: `${answerer.name}:hydrate` };
  const done = (details: string) => {
    write(answerer, { ...into, outcome: "ok", details });
    return () => write(asker, { ...out, outcome: "ok", details });
  };
  done(detailsOf("open", {}))();
  for (let nth = 0; nth < draw.below(4); nth += 1) {
    if (draw.oneIn(5)) {
      write(answerer, { ...into, outcome: draw.pick(["path_unknown", "policy_refused"]) });
      write(asker, { ...out, outcome: "path_unknown" });
      continue;
    }
    const told = done(detailsOf("file", { path: `src/${nth}.ts`, bytes: draw.below(1_000) }));
    if (draw.oneIn(12)) {
      crash(world, asker);
      return;
    }
    if (draw.oneIn(8)) write(asker, { ...out, outcome: "peer_timeout" });
    else told();
  }
}

function task(world: World, call: Call): void {
  const { draw } = world;
  const { asker, answerer } = call;
  const out = { ...outOf(call, "task", ""), handle: `${answerer.name}:web` };
  const into = { ...intoOf(call, "task", ""), handle: `${answerer.name}:web` };
  for (let round = 1; round <= draw.between(1, 2); round += 1) {
    const details = JSON.stringify({ round, profile: "edit" });
    const content_sha256 = digest(draw);
    write(asker, { ...out, outcome: "asked", content_sha256, details });
    if (draw.oneIn(8)) {
      write(asker, { ...out, outcome: "peer_unreachable", details });
      return;
    }
    const state = draw.pick(["held", "accepted", "submitted"]);
    write(answerer, { ...into, outcome: state, content_sha256, details });
    if (draw.oneIn(6)) crash(world, draw.pick([asker, answerer]));
    write(answerer, { ...into, outcome: "running", details });
    const ended = {
      ...{ outcome: draw.pick(["completed", "failed", "timed_out"]) },
      ...{ content_sha256: digest(draw), details },
    };
    write(answerer, { ...into, ...ended });
    // Its result is on the way.
    if (draw.oneIn(8)) return;
    write(asker, { ...out, ...ended });
    const fetched = JSON.stringify({ act: "fetch", round });
    if (draw.oneIn(2)) write(asker, { ...out, outcome: "ok", details: fetched });
  }
}

/** Lives one honest history. */
export function live(world: World, acts: number): void {
  const { draw } = world;
  for (let act = 0; act < acts; act += 1) {
    world.nowMs += draw.oneIn(2) ? draw.below(2_000) : draw.below(1_500_000);
    const [asker, answerer] = draw.oneIn(2) ? world.lives : world.lives.toReversed();
    if (asker === undefined || answerer === undefined) return;
    const call = { asker, answerer, id: asker.uuid() };
    draw.pick([ask, ask, ask, message, message, wait, read, task])(world, call);
    if (draw.oneIn(60)) archive(world, draw.pick(world.lives));
  }
}

/** A machine's trail as its peer is told of it. */
export const toldBy = (life: Life) =>
  life.records.flatMap((one) => toldOf(one, { nowMs: life.wallMs(), pairedAtMs: 0, sha256 }) ?? []);

/** The facts of a machine's trail besides its records. */
export const trailOf = ({ records, archived }: Life): Trail => ({
  interruptions: records.filter(({ outcome }) => outcome === "interrupted").map(interruptionOf),
  archived: archived === null ? null : archived < lastId ? archived : lastId,
});
