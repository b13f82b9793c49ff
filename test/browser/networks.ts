/** Made-up networks of any size, the same each time. */

import type { AuditRecord } from "../../src/contract/audit.ts";
import type { Peer, Status } from "../../src/contract/peer.ts";
import type { ReadInput, ReadOutput } from "../../src/contract/reads/local.ts";
import type { TaskOutput } from "../../src/contract/tasks/local.ts";
import type { WatchEvent } from "../../src/contract/watch.ts";
import { both } from "../support/grants.ts";
import type { MadeMessage } from "./mail.ts";

/** The network that a page sees, and the trail that it may read. */
export interface Network {
  readonly events: readonly WatchEvent[];
  readonly records: readonly AuditRecord[];
  /** A test changes it, and tells the page by an event. */
  readonly mail?: MadeMessage[];
  readonly tasks?: TaskOutput[];
  /** Answers a reading. @throws {PeernetError} the refusal that the page is given */
  readonly read?: (input: ReadInput) => ReadOutput;
}

/** The size of a network. */
export interface Size {
  readonly peers: number;
  readonly handles: number;
  readonly own: number;
  readonly windowOpen?: boolean;
  readonly records?: number;
}

const machines = [
  "mini",
  "server",
  "laptop",
  "studio",
  "atlas",
  "nuc",
  "garage-pi",
  "build-box",
  "juniper",
  "orion",
  "basement",
  "thinkpad",
  "vega",
  "kepler",
  "wren",
  "dune",
  "cedar",
  "lab-gpu",
  "relay",
  "pixel",
];
const projects = [
  "hydrate",
  "api",
  "infra",
  "retry-sync",
  "web",
  "parser",
  "docs",
  "ledger",
  "billing",
  "search",
  "ingest",
  "auth",
  "mobile",
  "shader",
  "notes",
  "proxy",
  "queue",
  "metrics",
  "schema",
  "tests",
];
const states = ["working", "idle", "waiting", "working", "idle", null, "working", "idle"] as const;

const pick = <T>(list: readonly T[], index: number): T => {
  const found = list[index % list.length];
  if (found === undefined) throw new Error("an empty list");
  return found;
};

const named = (list: readonly string[], index: number): string =>
  index < list.length
    ? pick(list, index)
    : `${pick(list, index)}-${Math.floor(index / list.length) + 1}`;

const fingerprint = (index: number): string => {
  const digest = new Bun.CryptoHasher("sha256").update(`machine ${index}`).digest("base64url");
  return `sha256:${digest}`;
};

const hour = 3_600_000;
/** A morning in November. */
const morning = 1_795_000_000_000;

const summaries = [
  "Port the sync client to streaming; two tests still red",
  "Rotate the certificates of the staging cluster",
  null,
  "Find out why the retry queue grows over night",
  "Waiting for a person: may it run the migration on the copy?",
  "Write the release notes",
  "Split the parser so that the grammar has a file of its own, and the printer another",
] as const;
const branches = [
  "main",
  "retry-sync",
  "main",
  "feature/long-name-of-a-branch",
  "fix-401",
] as const;
const harnesses = ["claude-code", "codex", "claude-code", "shell"] as const;

/** Facts of a session in a hello. */
const facts = (at: number) => ({
  harness: pick(harnesses, at),
  branch: pick(branches, at),
  sha: new Bun.CryptoHasher("sha1").update(`commit ${at}`).digest("hex"),
  dirty: (at * 3) % 5,
  summary: pick(summaries, at),
});

const lastKnown = (name: string, index: number) => ({
  age_ms: 3 * hour,
  handles: [0, 1].map((at) => ({
    handle: `${name}/${named(projects, at + index)}`,
    project: null,
    state: pick(states, at + index),
    state_for_ms: null,
    expires_in_ms: 0,
  })),
});

/** The first session here, and files that it shares. */
const shared = (index: number) => [{ name: named(projects, 3), files: 1 + (index % 3) }];

/** The peer of that number, with its handles. */
export function peer(index: number, handles: number): Peer {
  const name = named(machines, index);
  const link =
    index % 7 === 3 ? "down" : index % 19 === 12 ? "one-way" : index % 23 === 9 ? "refused" : "up";
  const isUp = link === "up" || link === "one-way";
  const lan = index % 3 === 1;
  return {
    name,
    fingerprint: fingerprint(index),
    link,
    link_reason: null,
    link_detail: null,
    ...(link === "down" ? { tailnet: { online: false, age_ms: 5_000 } } : {}),
    address: lan ? `192.168.1.${20 + index}:7337` : `100.88.4.${20 + index}:7337`,
    round_trip_ms: isUp ? 2.4 + ((index * 7) % 40) : null,
    grants: both(index % 5 === 4 ? [] : ["ask"], ["ask"]),
    paired_at_ms: morning - 90 * hour,
    acknowledged: true,
    version: "0.1.0",
    last_seen_at_ms: morning,
    last_seen_age_ms: isUp ? 4_000 + index * 700 : 3 * hour,
    handles: Array.from(
      { length: isUp ? (handles > 6 ? handles : (index % handles) + 1) : 0 },
      (_, at) => ({
        handle: `${name}/${named(projects, at + index)}`,
        project: named(projects, at + index),
        state: pick(states, at + index),
        state_for_ms: 240_000 * (at + 1),
        expires_in_ms: 61_000,
        ...facts(at + index),
        ...(at === 0 && index % 4 === 0 ? { overlaps: shared(index) } : {}),
      }),
    ),
    named_by: index === 0 ? "itself" : "person",
    ...(isUp ? {} : { last_known: lastKnown(name, index) }),
  };
}

/** A network of a size. */
export function network(size: Size): Network {
  const machine: Status["machine"] = {
    name: "workbench",
    fingerprint: fingerprint(1_000),
    version: "0.1.0",
    running: true,
    listen: size.peers === 0 ? ["127.0.0.1:7337"] : ["100.88.4.10:7337", "192.168.1.9:7337"],
    started_at_ms: morning - 9 * hour,
  };
  const open = { open: true, expires_in_ms: 84_000, attempts_left: 3 } as const;
  const events: WatchEvent[] = [
    { event: "machine", machine },
    { event: "window", window: size.windowOpen === true ? open : { open: false } },
    { event: "chain", verified_to: size.records ?? 24 },
    ...Array.from({ length: size.own }, (_, at) => own(at)),
    ...Array.from({ length: size.peers }, (_, at): WatchEvent => {
      return { event: "peer", peer: peer(at, Math.max(1, size.handles)), greeted: null };
    }),
    { event: "ready" },
  ];
  return { events, records: trail(size) };
}

const own = (at: number): WatchEvent => ({
  event: "handle",
  renewed: false,
  handle: {
    handle: `workbench/${named(projects, at + 3)}`,
    project: named(projects, at + 3),
    harness: at % 2 === 0 ? "claude-code" : "codex",
    state: pick(states, at),
    state_for_ms: 250_000 + 90_000 * at,
    summary: pick(summaries, at),
    git: {
      ahead: at % 3,
      behind: 0,
      sha: "91c0d7e0aa0000000000000000000000000000aa",
      subject: "sync: back off after 429",
      branch: pick(branches, at),
      dirty: (at * 3) % 5,
    },
    started_at_ms: morning - 2 * hour,
    expires_in_ms: 58_000,
  },
});

const questions = ["is retry.ts free?", "what are you working on?", null, "may I rebase main?"];

function trail({ peers, records = 24 }: Size): readonly AuditRecord[] {
  const sha = (text: string): string => new Bun.CryptoHasher("sha256").update(text).digest("hex");
  return Array.from({ length: peers === 0 ? 2 : records }, (_, at): AuditRecord => {
    const who = at % Math.max(1, Math.min(peers, 6));
    const isAsk = peers > 0 && at % 9 !== 4;
    const direction = at % 3 === 0 ? "in" : "out";
    const isRefused = at % 11 === 7;
    return {
      seq: at + 1,
      at_ms: morning - (records - at) * 373_000,
      direction: isAsk ? direction : "local",
      verb: isAsk ? "ask" : peers === 0 ? "window_open" : "grant",
      peer_fingerprint: peers === 0 ? null : fingerprint(who),
      peer_name: peers === 0 ? null : named(machines, who),
      origin_address: direction === "in" ? "100.88.4.20:51324" : null,
      origin_transport: isAsk ? "tailnet" : "control",
      origin_node: null,
      origin_login: null,
      handle: isAsk
        ? direction === "in"
          ? pick(projects, at)
          : `${named(machines, who)}/${pick(projects, at)}`
        : null,
      from_handle: null,
      harness: isAsk ? "claude-code" : null,
      text: isAsk ? pick(questions, at) : null,
      outcome: isRefused ? "handle_unknown" : "ok",
      thread_id: isAsk
        ? `0199c3f0-7a6e-7c11-9b1f-${String(Math.floor(at / 3)).padStart(12, "0")}`
        : null,
      subject_id: isAsk ? `0199c3f0-7a6e-7c11-9b1f-${String(at).padStart(12, "0")}` : null,
      content_sha256: isAsk && !isRefused ? sha(`a${at}`) : null,
      details: isAsk ? null : '{"scopes":["ask"]}',
      count: null,
      prev_hash: at === 0 ? "" : sha(`r${at - 1}`),
      hash: sha(`r${at}`),
    };
  });
}
