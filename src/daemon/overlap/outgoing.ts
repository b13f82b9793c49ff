/**
 * The changed files of peers' sessions, as digests that only their connection's key explains. Asked
 * for when a hello says that they moved; kept in memory alone.
 */

import { overlapRepositoriesMax } from "../../contract/overlap/limits.ts";
import type { WireOverlapOutput } from "../../contract/overlap/overlap.ts";
import { overlapLabel, repositoryDigest, shortDigest } from "../../core/overlap/digests.ts";
import { type Instant, instantOf } from "../../platform/effects.ts";
import type { PeerRow } from "../../store/peers.ts";
import type { Context } from "../context/context.ts";
import { detach } from "../context/detached.ts";
import type { Links } from "../links/links.ts";
import type { PeerMemories } from "../peers/memories.ts";
import type { LocalChanges } from "./local.ts";

type Session = WireOverlapOutput["sessions"][number];

/** The last answer of a peer. */
interface Told {
  /** The exporter of the connection that carried it. */
  readonly key: Uint8Array;
  readonly sessions: readonly Session[];
  /** True when the peer has more sessions than it told. */
  readonly more: boolean;
  /** The repositories of the question. */
  readonly identities: readonly string[];
  /** The question that it answers: another one must be asked again. */
  readonly asked: string;
  /** The boot time at which the peer last said this, or that nothing has changed. */
  bootMs: number;
}

/** A session of a peer in a repository, and the given paths that it has changed. */
export interface Match {
  readonly fingerprint: string;
  readonly session: Session;
  readonly paths: readonly number[];
  /** The time since the peer last said so. */
  readonly ageMs: number;
}

/** Dependencies of comparing with peers. */
export interface OverlapParts {
  readonly context: Context;
  readonly links: Links;
  readonly memories: PeerMemories;
  readonly local: LocalChanges;
}

const askMs = 5_000;

/** Compares with peers. */
export class PeerOverlaps {
  readonly #parts: OverlapParts;
  readonly #told = new Map<string, Told>();
  readonly #underWay = new Set<string>();
  readonly #shared = new Map<string, { readonly of: unknown[]; readonly names: SharedNames }>();

  constructor(parts: OverlapParts) {
    this.#parts = parts;
    parts.context.events.listen((item) => {
      if (item.of !== "greeted") return;
      const { fingerprint } = item;
      detach(parts.context.effects.log, "comparing", () => this.#refresh(fingerprint));
    });
  }

  async #refresh(fingerprint: string): Promise<void> {
    const { context, memories, local, links } = this.#parts;
    const row = context.tables.peers.get(fingerprint);
    const number = memories.of(fingerprint).overlap;
    const may = row?.their_scopes.includes("overlap") === true;
    if (!may || number === null) {
      if (this.#told.delete(fingerprint)) context.events.tell({ of: "memory" });
      return;
    }
    const now = instantOf(context.effects.clock);
    const identities = [...new Set(local.live(now).map(({ files }) => files.identity))]
      .sort()
      .slice(0, overlapRepositoriesMax);
    const asked = JSON.stringify([number, row?.their_grants, identities]);
    const told = this.#told.get(fingerprint);
    const isKnown = told?.asked === asked;
    if (isKnown) told.bootMs = now.bootMs;
    if (isKnown || this.#underWay.has(fingerprint) || identities.length === 0) return;
    this.#underWay.add(fingerprint);
    try {
      await this.#ask(fingerprint, { identities, asked, links });
    } finally {
      this.#underWay.delete(fingerprint);
    }
  }

  async #ask(
    fingerprint: string,
    {
      identities,
      asked,
      links,
    }: {
      readonly identities: readonly string[];
      readonly asked: string;
      readonly links: Links;
    },
  ): Promise<void> {
    const { context } = this.#parts;
    const { sha256 } = context.effects;
    // A call may leave over several connections: the answer shows which of them carried it.
    const keys: { readonly key: Uint8Array; readonly repositories: readonly string[] }[] = [];
    const input = (exporter: (label: string) => Uint8Array) => {
      const key = exporter(overlapLabel);
      const repositories = identities.map((identity) => repositoryDigest(sha256, key, identity));
      keys.push({ key, repositories });
      return { repositories };
    };
    // A peer that is away or refuses is shown by its link: the next hello asks again.
    const reply = await links
      .call(fingerprint, "overlap", { input, deadlineMs: askMs })
      .catch(() => null);
    if (reply === null) return;
    const { sessions, more } = reply.output;
    const told = new Set(sessions.map(({ repository }) => repository));
    const used = keys.find(({ repositories }) => repositories.some((each) => told.has(each)));
    const key = used?.key ?? new Uint8Array();
    const bootMs = context.effects.clock.bootMs();
    this.#told.set(fingerprint, { key, sessions, more, identities, asked, bootMs });
    context.events.tell({ of: "memory" });
  }

  /**
   * Live sessions of peers in a repository, each with the given paths that it has changed. A peer
   * that is not reached tells of no live session.
   */
  matches(identity: string, paths: readonly string[], now: Instant): readonly Match[] {
    const { sha256 } = this.#parts.context.effects;
    return [...this.#told].flatMap(([fingerprint, { key, sessions, bootMs }]) => {
      if (!this.#isReached(fingerprint, now)) return [];
      const ageMs = Math.max(0, Math.floor(now.bootMs - bootMs));
      const repository = repositoryDigest(sha256, key, identity);
      const there = sessions.filter((session) => session.repository === repository);
      if (there.length === 0) return [];
      const short = paths.map((path) => shortDigest(sha256, key, path));
      return there.map((session) => {
        const digests = new Set<string | null>(session.digests);
        const found = short.flatMap((digest, at) => (digests.has(digest) ? [at] : []));
        return { fingerprint, session, paths: session.more ? [] : found, ageMs };
      });
    });
  }

  #isReached(fingerprint: string, now: Instant): boolean {
    const row = this.#parts.context.tables.peers.get(fingerprint);
    if (row === null) return false;
    const { link } = this.#parts.memories.linkOf(row, now);
    return link === "up" || link === "one-way";
  }

  /** The reason why a peer's sessions in a repository are not all compared; null when they are. */
  whyNot({ fingerprint, their_scopes }: PeerRow, identity: string, now: Instant) {
    const told = this.#told.get(fingerprint);
    if (!this.#isReached(fingerprint, now)) return "not_reached";
    if (!their_scopes.includes("overlap")) return "not_granted";
    const isLive = this.#parts.local.live(now).some(({ files }) => files.identity === identity);
    if (!isLive) return "no_session";
    if (told?.identities.includes(identity) !== true) return "no_answer";
    return told.more ? "more_sessions" : null;
  }

  /** The sessions here that share a changed file with each session of a peer, by its name. */
  shared(fingerprint: string, now: Instant): SharedNames {
    const told = this.#told.get(fingerprint);
    if (told === undefined) return none;
    const local = this.#parts.local.live(now);
    const isReached = this.#isReached(fingerprint, now);
    const of = [
      told,
      isReached,
      ...local.map(({ files }) => files),
      ...local.map(({ lease }) => lease.name),
    ];
    const known = this.#shared.get(fingerprint);
    if (known !== undefined && isSame(known.of, of)) return known.names;
    const names = new Map<string, { readonly name: string; readonly files: number }[]>();
    for (const { lease, files } of local) {
      if (files.more) continue;
      for (const match of this.matches(files.identity, files.paths, now)) {
        const { name } = match.session;
        if (match.fingerprint !== fingerprint || name === null || match.paths.length === 0)
          continue;
        names.set(name, [
          ...(names.get(name) ?? []),
          { name: lease.name, files: match.paths.length },
        ]);
      }
    }
    this.#shared.set(fingerprint, { of, names });
    return names;
  }

  /** Drops the answers of a former peer. */
  forget(fingerprint: string): void {
    this.#told.delete(fingerprint);
    this.#shared.delete(fingerprint);
  }
}

/** Sessions here, each with the number of files that it shares, by the name of a peer's session. */
export type SharedNames = ReadonlyMap<
  string,
  readonly { readonly name: string; readonly files: number }[]
>;

const none: SharedNames = new Map();

const isSame = (one: readonly unknown[], other: readonly unknown[]): boolean =>
  one.length === other.length && one.every((value, at) => value === other[at]);
