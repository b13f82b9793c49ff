/** Every command, with hostile text in every field of the daemon's answers. */

import { expect, test } from "bun:test";
import type { AnswerMany } from "../../src/contract/ask.ts";
import { PeernetError } from "../../src/contract/errors.ts";
import type { OpenEvent, PairedPeer } from "../../src/contract/pairing.ts";
import { both } from "../support/grants.ts";
import { check, corpus, lineCount, poisoned, scenes } from "./hostile.ts";
import {
  answer,
  fingerprint,
  goneServer,
  nowMs,
  otherFingerprint,
  peer,
  record,
  status,
  wireAnswer,
} from "./samples.ts";
import { type Answers, run } from "./support.ts";

const many: AnswerMany = {
  answers: [answer(), answer({ handle: "mini/api" })],
  errors: [
    {
      handle: "server",
      error: { code: "peer_timeout", message: "down", hint: "wake it" },
      last_seen_age_ms: null,
    },
  ],
  asked: 2,
  answered: 2,
};
const nobody: AnswerMany = { answers: [], errors: many.errors, asked: 0, answered: 0 };

const pairedPeer: PairedPeer = {
  name: "mini",
  fingerprint,
  address: "100.88.4.20:7337",
  grants: both(["ask"], ["ask"]),
  told_name: "mini",
  look_alike: { name: "mini", fingerprint: otherFingerprint },
};

const events = (end: OpenEvent): readonly OpenEvent[] => [
  {
    event: "opened",
    code: "027674",
    expires_at_ms: nowMs,
    expires_in_ms: 120_000,
    addresses: ["a:1", "b:2"],
    fingerprint,
  },
  { event: "attempt_failed", from: "100.88.4.20", attempts_left: 2 },
  { event: "evicted", from: "100.88.4.20" },
  { event: "origin_refused", from: "100.88.4.20", login: "you@example.com", reason: "tagged" },
  { event: "unacknowledged", from: "100.88.4.20", fingerprint },
  end,
];

const page = {
  records: [
    record(),
    record({ outcome: "odd", peer_name: null, origin_login: "other@example.com" }),
    record({ direction: "local", peer_name: null, origin_address: null, count: 3 }),
  ],
  hidden_lease_events: 3,
  total: 3,
  head: "1".repeat(64),
  verified_to: 3,
};

/** Every way in which a command shows something, with the answers it shows. */
const shows: readonly (readonly [string, (poison: <T>(value: T) => T) => Answers])[] = [
  ["ask mini/hydrate why", (p) => ({ ask: async () => p(answer()) })],
  [
    "ask",
    (p) => ({
      ask: async () => p(many),
      peers: async () => p({ peers: [peer(), goneServer] }),
    }),
  ],
  ["ask mini/ why", (p) => ({ ask: async () => p(nobody) })],
  ["status", (p) => ({ status: async () => p(status({ peers: [peer(), goneServer] })) })],
  ["peers", (p) => ({ peers: async () => p({ peers: [peer({ link_detail: "a" }), goneServer] }) })],
  ["peers show mini", (p) => ({ "peers/show": async () => p(peer({ link_detail: "a" })) })],
  ["peers rename mini studio", (p) => ({ "peers/rename": async () => p(peer()) })],
  ["peers grant mini none", (p) => ({ "peers/grant": async () => p(withoutGrants) })],
  ["unpair server --yes", (p) => ({ unpair: async () => p(unpaired) })],
  ["deactivate hydrate", (p) => ({ deactivate: async () => p({ handle: "hydrate" }) })],
  ["summary x", (p) => ({ summary: async () => p({ handle: "hydrate", summary: "x" }) })],
  [`activate --pid ${process.pid}`, (p) => ({ activate: async () => p(activated) })],
  [
    "preview hydrate",
    (p) => ({ preview: async () => ({ handle: "mini/hydrate", answer: p(wireAnswer) }) }),
  ],
  ["audit", (p) => ({ audit: async () => p(page) })],
  ["audit verify", (p) => ({ "audit/verify": async () => p(verified) })],
  ["audit verify", (p) => ({ "audit/verify": async () => p(broken) })],
  ["audit export", (p) => ({ "audit/export": () => each(page.records.map((one) => p(one))) })],
  ["start", (p) => ({ status: async () => p(status()) })],
  ["pair --to 192.0.2.7 -", (p) => ({ ...joined(p), status: async () => p(status()) })],
  ...(
    [
      { event: "paired", peer: pairedPeer, visible: ["hydrate"] },
      { event: "burned", from: ["a", "b"] },
      { event: "expired" },
      { event: "closed" },
    ] as const satisfies readonly unknown[]
  ).map(opens),
];

const withoutGrants = peer({ grants: both([], []) });
const unpaired = {
  name: "server",
  fingerprint,
  told: true,
  connections_closed: 1,
  records_kept: 2,
};
const activated = {
  handle: "hydrate",
  generation: 1,
  expires_in_ms: 1,
  renamed_from: "water",
  visible_to: ["laptop", "server"],
};
const verified = {
  ok: true as const,
  records: 1,
  head: "ab",
  checkpoint_seq: 1,
  archived: 0,
  witnesses: 1,
};
const broken = { ok: false as const, first_bad_seq: 1, reason: "bad" };

function opens(end: { readonly event: string }) {
  const list = events(end as OpenEvent); // One of the four ends above.
  const answers = (p: <T>(value: T) => T): Answers => ({
    "pair/open": () => each(list.map((event) => p(event))),
    status: async () => p(status()),
  });
  return ["pair --open", answers] as const;
}

const joined = (p: <T>(value: T) => T): Answers => ({
  "pair/probe": async () => p({ address: "a:1", fingerprint, open: true, paired: "mini" }),
  pair: async () => p({ event: "paired" as const, peer: pairedPeer, visible: ["hydrate"] }),
});

async function* each<T>(values: readonly T[]): AsyncGenerator<T> {
  yield* values;
}

for (const [place, scene] of Object.entries(scenes)) {
  const words = place.endsWith("JSON") ? " --json" : "";
  for (const [line, answersOf] of shows) {
    test(`${line} prints allowed characters alone on ${place}`, async () => {
      const command = line === "audit export" ? line : `${line}${words}`;
      const lines = ["027674"];
      const plain = await run(command, { ...scene, lines, answers: answersOf((value) => value) });
      expect(plain.exit).not.toBe(70);
      check(plain, scene);
      const harmless = answersOf((value) => poisoned(value, "x"));
      const usual = await run(command, { ...scene, lines, answers: harmless });
      for (const [name, poison] of Object.entries(corpus)) {
        const answers = answersOf((value) => poisoned(value, poison));
        const outcome = await run(command, { ...scene, lines, answers });
        check(outcome, scene);
        // No text makes a line of its own: on a pipe nothing is wrapped, so the count is the same.
        if (scene.terminal === undefined) {
          expect([name, lineCount(outcome.out)]).toEqual([name, lineCount(usual.out)]);
          expect([name, lineCount(outcome.err)]).toEqual([name, lineCount(usual.err)]);
        }
      }
    });
  }

  test(`errors and what was typed are in allowed characters alone on ${place}`, async () => {
    for (const poison of Object.values(corpus)) {
      const fail = async (): Promise<never> => {
        throw new PeernetError("handle_unknown", {
          message: poison,
          hint: poison,
          details: { live: [poison] },
        });
      };
      const answers = { status: fail, ask: fail };
      const typed = [["status"], [poison], [`--${poison}`], ["ask", poison], ["peers", poison]];
      for (const argv of [
        ...typed,
        ["ask", `--${poison}=x`],
        ["help", poison],
        ["unpair", poison],
      ]) {
        const all = [...argv, ...(words === "" ? [] : ["--json"])];
        const outcome = await run(all, { ...scene, answers });
        expect(outcome.exit).not.toBe(0);
        check(outcome, scene);
      }
    }
  });
}

test("JSON keeps every hostile character, escaped", async () => {
  for (const poison of Object.values(corpus)) {
    const hostile = poisoned(answer(), poison);
    const { out } = await run("ask mini/hydrate --json", { answers: { ask: async () => hostile } });
    expect(out).toMatch(/^[^\n]*\n$/);
    expect(JSON.parse(out)).toEqual(hostile);
  }
});
