/** Mistakes that a run must find: each puts one wrong decision in place of the product's. */

import { attemptsMax } from "../../src/contract/limits.ts";
import type { HelloOutput } from "../../src/contract/peer.ts";
import type { Lease } from "../../src/core/sessions/lease.ts";
import type { Context } from "../../src/daemon/context/context.ts";
import type { Instant } from "../../src/platform/effects.ts";
import type { PeerRow, TokenRow } from "../../src/store/peers.ts";
import type { Variant } from "./variant.ts";

/** A mistake, and what a run says when it has found it. */
export interface Plant {
  readonly name: string;
  readonly found: RegExp;
  /** Made again for each run: some remember. */
  readonly variant: () => Variant;
}

/** The first reading of peers is believed for ever. */
export function cached(): Variant {
  const rows = new Map<string, PeerRow | null>();
  const tokens = new Map<string, readonly TokenRow[]>();
  return {
    tables: (real, run) => ({
      ...real,
      peers: {
        ...real.peers,
        get: (fingerprint) => {
          const row = rows.get(run + fingerprint) ?? real.peers.get(fingerprint);
          // Before both have each other's token nothing can be asked.
          if (row !== null && row.bearer !== null) rows.set(run + fingerprint, row);
          return row;
        },
        tokens: (fingerprint) => {
          const known = tokens.get(run + fingerprint) ?? real.peers.tokens(fingerprint);
          if (known.length > 0) tokens.set(run + fingerprint, known);
          return known;
        },
        putToken: (token) => {
          if (real.peers.get(token.fingerprint) !== null) real.peers.putToken(token);
        },
      },
    }),
  };
}

/** A hello's handles follow from the last ones in the same run of its daemon, and their instant. */
function told(retell: (before: Told, now: Told) => Told): Variant {
  const last = new Map<string, Told>();
  return {
    hello: (reply, { run, bootMs }) => {
      const now = { handles: reply.handles, bootMs };
      const telling = retell(last.get(run) ?? now, now);
      if (telling.handles !== null) last.set(run, telling);
      return { ...reply, handles: telling.handles };
    },
  };
}

interface Told {
  readonly handles: HelloOutput["handles"];
  readonly bootMs: number;
}

/** A user who left a process that has a lease without a session's id no longer counts as gone. */
function rejoined(context: Context, names: readonly string[], now: Instant): void {
  const rejoining = context.transact(now, ({ tables: { leases, sessions } }) => {
    const taken = leases.all().filter(({ name }) => names.includes(name));
    for (const { session_id, harness, process } of taken) {
      if (session_id === null) sessions.rejoin(harness, process);
    }
    return { value: undefined };
  });
  // The process may end before.
  rejoining.catch(() => {});
}

/** The lease of a name is asked for as it was read before, though it was released since. */
function unreleased(): Variant {
  const read = new Map<string, Lease>();
  return {
    tables: (real, run) => ({
      ...real,
      leases: {
        ...real.leases,
        all: () => {
          const leases = real.leases.all();
          const held = new Set(leases.map(({ name }) => name));
          for (const lease of leases) read.set(run + lease.name, lease);
          const before = [...read].filter(([key, { name }]) => key === run + name);
          return [...leases, ...before.flatMap(([, one]) => (held.has(one.name) ? [] : [one]))];
        },
      },
    }),
  };
}

/** Every mistake. */
export const plants: readonly Plant[] = [
  {
    name: "a lease lives a millisecond too long",
    found: /an expired lease was served/,
    variant: () => ({ instant: (now) => ({ ...now, bootMs: now.bootMs - 1 }) }),
  },
  {
    name: "a lease of another run of the daemon is served",
    found: /an expired lease was served/,
    variant: () => ({
      tables: (real, run) => ({
        ...real,
        leases: { ...real.leases, all: () => real.leases.all().map((one) => ({ ...one, run })) },
      }),
    }),
  },
  {
    name: "a crash gives a window its attempts back",
    found: /attempt 4 at one code was evaluated|a code was tried after it was over/,
    variant: () => ({
      // As if it were kept on the disk, and what was spent of it were not.
      revive: (window, before) => window.spend({ ...before, attempts_left: attemptsMax }),
    }),
  },
  {
    name: "a refused confirm spends no attempt",
    found: /attempt 4 at one code was evaluated/,
    variant: () => ({ forgetsAttempts: true }),
  },
  {
    name: "an answer leaves before its record is committed",
    found: /an answer left without its record/,
    variant: () => ({ answersEarly: true }),
  },
  {
    name: "whether a peer may ask is read from a cache",
    found: /a revoked peer was answered/,
    variant: cached,
  },
  {
    name: "a repeated ask is not remembered",
    found: /a repeated ask had another outcome/,
    variant: () => ({
      tables: (real) => ({
        ...real,
        peers: { ...real.peers, answered: () => null, putAnswered: () => {} },
      }),
    }),
  },
  {
    name: "a checkpoint is signed of what is not yet committed",
    found: /does not verify|a witness keeps a head/,
    variant: () => ({
      signsEarly: true,
      tables: (real) => ({ ...real, audit: { ...real.audit, ownHead: real.audit.head } }),
    }),
  },
  {
    name: "a link is shown as it was a second ago",
    found: /a link is (up|one-way) on which nobody was heard/,
    variant: () => ({ shown: (now) => ({ ...now, bootMs: now.bootMs - 1_000 }) }),
  },
  {
    name: "a call over a connection that the peer dialled counts as a dial",
    found: /a dial reached a machine that cannot be dialled/,
    variant: () => ({ countsReverse: true }),
  },
  {
    name: "a window is open a millisecond too long",
    found: /a code was tried late/,
    variant: () => ({ instant: (now) => ({ ...now, monotonicMs: now.monotonicMs - 1 }) }),
  },
  {
    name: "that a session has left is not remembered",
    found: /a session that its user released took a handle/,
    variant: () => ({
      tables: (real) => ({
        ...real,
        sessions: {
          ...real.sessions,
          put: (session) => real.sessions.put({ ...session, left: false }),
        },
      }),
    }),
  },
  {
    name: "waking brings back a session that left",
    found: /a session that its user released took a handle/,
    variant: () => ({ woken: rejoined }),
  },
  {
    name: "a lease that was released is asked for as it was read before",
    found: /nobody held/,
    variant: unreleased,
  },
  {
    name: "what a peer answered is told without a record",
    found: /a session was told what its own trail does not hold/,
    variant: () => ({
      tables: (real) => ({
        ...real,
        audit: {
          ...real.audit,
          append: (draft) =>
            (draft.direction === "out" ? real.audit.at(1) : null) ?? real.audit.append(draft),
        },
      }),
    }),
  },
  {
    name: "a hello tells a list that is out of date",
    found: /a hello told a handle that is not live/,
    variant: () => told((before) => before),
  },
  {
    name: "a hello tells for a second what was left of leases",
    found: /a hello told more than is left/,
    variant: () => told((before, now) => (now.bootMs - before.bootMs < 1_000 ? before : now)),
  },
  {
    name: "a hello tells handles to whoever asks",
    found: /a hello told handles to a peer that may not ask/,
    variant: () =>
      told((before, now) => ({ ...now, handles: now.handles ?? before.handles ?? [] })),
  },
];
