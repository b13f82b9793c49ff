/**
 * Every interleaving of three entries of two subjects with lost requests and replies, a full disk,
 * a pause and one crash of the sender: each entry is stored, in the order of its subject.
 */

import { expect, test } from "bun:test";
import type { ErrorCode } from "../../src/contract/errors.ts";
import { afterFailure, type EntryHead, fateOf, leaving } from "../../src/core/outbox.ts";
import { explore } from "../support/explored.ts";
import { longWanted } from "../support/skip.ts";

/** The product's decisions, or a control's. */
interface Rules {
  readonly leaving: typeof leaving;
  readonly fateOf: typeof fateOf;
}

const product: Rules = { leaving, fateOf };

type Fault = "lost" | "full" | "slower" | "crashes";

/** A sender, the network, and a receiver that stores an id once. */
interface World {
  readonly rows: readonly EntryHead[];
  readonly underWay: readonly string[];
  /** Calls of the present life of the sender; those of a past one may still arrive. */
  readonly requests: readonly Call[];
  readonly replies: readonly (Call & { readonly code: ErrorCode | null })[];
  readonly life: number;
  readonly isPaused: boolean;
  readonly resting: readonly string[];
  readonly stored: readonly string[];
  readonly left: Readonly<Record<"entries" | Fault, number>>;
}

interface Call {
  readonly id: string;
  readonly life: number;
}

const entry = (id: string, subject_id: string): EntryHead => ({
  ...{ id, subject_id, fingerprint: "f", kind: "message", lane: "text", rank: 3, scope: null },
  ...{ session: null, version: 1, bytes: 1, queued_ms: 0, failures: 0, first_failure_ms: null },
  stuck: false,
});

const entries = [entry("a1", "a"), entry("a2", "a"), entry("b1", "b")];

const start: World = {
  ...{ rows: [], underWay: [], requests: [], replies: [], life: 1, isPaused: false },
  ...{ resting: [], stored: [], left: { entries: 3, lost: 2, full: 1, slower: 1, crashes: 1 } },
};

const without = <T extends Call>(calls: readonly T[], gone: T): readonly T[] =>
  calls.filter((each) => each !== gone);

const spent = (world: World, what: keyof World["left"]): World["left"] => ({
  ...world.left,
  [what]: world.left[what] - 1,
});

function steps(world: World, rules: Rules): readonly World[] {
  const { left, rows, underWay, resting } = world;
  const next: World[] = [];
  const queued = entries[entries.length - left.entries];
  if (queued !== undefined) {
    next.push({ ...world, rows: [...rows, queued], left: spent(world, "entries") });
  }
  if (world.isPaused || resting.length > 0) next.push({ ...world, isPaused: false, resting: [] });
  if (left.crashes > 0) {
    const fresh = { underWay: [], resting: [], isPaused: false, life: world.life + 1 };
    next.push({ ...world, ...fresh, left: spent(world, "crashes") });
  }
  if (!world.isPaused) {
    const isPaused = ({ id }: EntryHead): boolean => resting.includes(id);
    for (const { id } of rules.leaving(rows, { underWay: new Set(underWay), isPaused })) {
      const requests = [...world.requests, { id, life: world.life }];
      next.push({ ...world, underWay: [...underWay, id], requests });
    }
  }
  const arriving = world.requests.flatMap((request) => arrivals(world, request));
  return [...next, ...arriving, ...world.replies.map((reply) => replied(world, reply, rules))];
}

/** The fates of a request on its way. */
function arrivals(world: World, request: Call): readonly World[] {
  const requests = without(world.requests, request);
  const answered = (code: ErrorCode | null): World => ({
    ...{ ...world, requests },
    replies: [...world.replies, { ...request, code }],
  });
  const stored = world.stored.includes(request.id) ? world.stored : [...world.stored, request.id];
  const next: World[] = [{ ...answered(null), stored }];
  if (world.left.lost > 0) {
    const left = spent(world, "lost");
    next.push({ ...answered("peer_unreachable"), left });
    // It is stored, and nobody learns of that.
    next.push({ ...answered("peer_timeout"), stored, left });
    // It arrives after the sender has given the call up.
    const late = [...requests, { id: request.id, life: 0 }];
    next.push({ ...answered("peer_timeout"), requests: late, left });
  }
  if (world.left.full > 0) {
    next.push({ ...answered("storage_full"), left: spent(world, "full") });
  }
  if (world.left.slower > 0) {
    next.push({ ...answered("rate_limited"), left: spent(world, "slower") });
  }
  return next;
}

/** A reply reaches the sender, unless the sender has started again since. */
function replied(world: World, reply: World["replies"][number], rules: Rules): World {
  const replies = without(world.replies, reply);
  if (reply.life !== world.life) return { ...world, replies };
  const underWay = world.underWay.filter((id) => id !== reply.id);
  const after = { ...world, replies, underWay };
  switch (rules.fateOf(reply.code)) {
    case "done":
    case "refused":
      return { ...after, rows: world.rows.filter(({ id }) => id !== reply.id) };
    case "failed": {
      const rows = world.rows.map((row) => (row.id === reply.id ? afterFailure(row, 0) : row));
      return { ...after, rows, resting: [...world.resting, reply.id] };
    }
    default:
      return { ...after, isPaused: true };
  }
}

/** The complaints about a world after its calls have ended without a further fault. */
function complaints(world: World, rules: Rules): readonly string[] {
  let now: World = { ...world, left: { ...world.left, lost: 0, full: 0, slower: 0, crashes: 0 } };
  for (let step = 0; step < 64; step += 1) {
    const [first] = steps({ ...now, isPaused: false, resting: [] }, rules);
    if (first === undefined) break;
    now = first;
  }
  const found = entries.filter(({ id }) => !now.stored.includes(id)).map(() => "an entry is lost");
  const isEarly = now.stored.indexOf("a2") < now.stored.indexOf("a1");
  const isLeft = now.rows.length > 0;
  return [
    ...found,
    ...(isEarly ? ["a subject is out of order"] : []),
    ...(isLeft ? ["an entry never ends"] : []),
  ];
}

const keyOf = (world: World): string =>
  JSON.stringify({
    ...world,
    requests: world.requests.map(({ id, life }) => `${id} ${life === world.life}`).sort(),
    replies: world.replies
      .map(({ id, life, code }) => `${id} ${life === world.life} ${code}`)
      .sort(),
    underWay: [...world.underWay].sort(),
    resting: [...world.resting].sort(),
  });

const explored = (rules: Rules, depth: number) =>
  explore({
    ...{ start, key: keyOf, depth },
    steps: (world) => steps(world, rules),
    complaints: (world) => complaints(world, rules),
  });

/** Three entries take twelve steps without a fault; below fifty there is no other state. */
const depth = longWanted ? 50 : 12;

test(`leaving() and fateOf() hold in every interleaving of ${depth} steps`, () => {
  const { states, steps: taken, complaints: found } = explored(product, depth);
  console.log(`figure: outbox explored depth=${depth} states=${states} steps=${taken}`);
  expect([...found]).toEqual([]);
  expect(states).toBeGreaterThan(20_000);
}, 600_000);

test("leaving() and fateOf() fail in some interleaving when one of them decides wrongly", () => {
  const shallow = 7;
  const unordered: Rules["leaving"] = function* (rows, { underWay, isPaused }) {
    for (const row of rows) if (!underWay.has(row.id) && !isPaused(row)) yield row;
  };
  const believing: Rules["fateOf"] = (code) =>
    code === "peer_unreachable" ? "done" : fateOf(code);
  const hasty: Rules["fateOf"] = (code) => (code === "storage_full" ? "refused" : fateOf(code));
  const of = (rules: Partial<Rules>) => explored({ ...product, ...rules }, shallow).complaints;
  expect(of({ leaving: unordered })).toContain("a subject is out of order");
  expect(of({ fateOf: believing })).toContain("an entry is lost");
  expect(of({ fateOf: hasty })).toContain("an entry is lost");
}, 60_000);
