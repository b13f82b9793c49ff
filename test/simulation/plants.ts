/** Mistakes that a run must find: each puts one wrong decision in place of the product's. */

import { attemptsMax } from "../../src/contract/limits.ts";
import type { PeerRow, TokenRow } from "../../src/store/peers.ts";
import type { Variant } from "./variant.ts";

/** A mistake, and what a run says when it has found it. */
export interface Plant {
  readonly name: string;
  readonly found: RegExp;
  /** Made anew for each run: some remember. */
  readonly variant: () => Variant;
}

/** What was read of peers the first time is believed for ever. */
function cached(): Variant {
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
    variant: () => ({ signsEarly: true }),
  },
];
