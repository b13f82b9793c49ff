/**
 * The changed files of peers' sessions, as digests that only their connection's key explains. Asked
 * for when a hello says that they moved; kept in memory alone.
 */

import { overlapRepositoriesMax } from "../../contract/overlap/limits.ts";
import type { WireOverlapOutput } from "../../contract/overlap/overlap.ts";
import { overlapLabel, repositoryDigest, shortDigest } from "../../core/overlap/digests.ts";
import { type Instant, instantOf } from "../../platform/effects.ts";
import type { Context } from "../context/context.ts";
import { detach } from "../context/detached.ts";
import type { Links } from "../links/links.ts";
import type { PeerMemories } from "../peers/memories.ts";
import type { LocalChanges } from "./local.ts";

type Session = NonNullable<WireOverlapOutput["sessions"]>[number];

/** The last answer of a peer. */
interface Told {
  /** The exporter of the connection that carried it. */
  readonly key: Uint8Array;
  readonly epoch: number;
  readonly sessions: readonly Session[];
  /** The question that it answers: another one must be asked again. */
  readonly asked: string;
}

/** A session of a peer in a repository, and the given paths that it has changed. */
export interface Match {
  readonly fingerprint: string;
  readonly session: Session;
  readonly paths: readonly number[];
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
    const isKnown = this.#told.get(fingerprint)?.asked === asked;
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
      return { repositories, since: null };
    };
    // A peer that is away or refuses is shown by its link: the next hello asks again.
    const reply = await links
      .call(fingerprint, "overlap", { input, deadlineMs: askMs })
      .catch(() => null);
    if (reply === null) return;
    const { epoch, sessions } = reply.output;
    const told = new Set((sessions ?? []).map(({ repository }) => repository));
    const used = keys.find(({ repositories }) => repositories.some((each) => told.has(each)));
    const key = used?.key ?? new Uint8Array();
    this.#told.set(fingerprint, { key, epoch, sessions: sessions ?? [], asked });
    context.events.tell({ of: "memory" });
  }

  /** Sessions of peers in a repository, each with the given paths that it has changed. */
  matches(identity: string, paths: readonly string[]): readonly Match[] {
    const { sha256 } = this.#parts.context.effects;
    return [...this.#told].flatMap(([fingerprint, { key, sessions }]) => {
      const repository = repositoryDigest(sha256, key, identity);
      const there = sessions.filter((session) => session.repository === repository);
      if (there.length === 0) return [];
      const short = paths.map((path) => shortDigest(sha256, key, path));
      return there.map((session) => {
        const digests = new Set<string | null>(session.digests);
        const found = short.flatMap((digest, at) => (digests.has(digest) ? [at] : []));
        return { fingerprint, session, paths: session.more ? [] : found };
      });
    });
  }

  /** The sessions here that share a changed file with each session of a peer, by its name. */
  shared(fingerprint: string, now: Instant): SharedNames {
    const told = this.#told.get(fingerprint);
    if (told === undefined) return none;
    const local = this.#parts.local.live(now);
    const of = [told, ...local.map(({ files }) => files), ...local.map(({ lease }) => lease.name)];
    const known = this.#shared.get(fingerprint);
    if (known !== undefined && isSame(known.of, of)) return known.names;
    const names = new Map<string, { readonly name: string; readonly files: number }[]>();
    for (const { lease, files } of local) {
      if (files.more) continue;
      for (const match of this.matches(files.identity, files.paths)) {
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
