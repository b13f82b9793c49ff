/** A peer by hand that compares changed files: what it learns, and what others believe of it. */

import { expect, test } from "bun:test";
import {
  newRepositoriesMax,
  overlapPathsMax,
  overlapSessionsMax,
} from "../../../src/contract/overlap/limits.ts";
import type { WireOverlapOutput } from "../../../src/contract/overlap/overlap.ts";
import { overlapLabel, repositoryDigest, shortDigest } from "../../../src/core/overlap/digests.ts";
import { sha256 } from "../../../src/platform/real.ts";
import { pathDigest } from "../../../src/session/overlap.ts";
import { machine } from "../../support/daemon.ts";
import { until } from "../../support/until.ts";
import { codeOf, newIdentity, type RawConnection } from "../attack/connection.ts";
import { enrol, type HandPeer } from "../attack/pairing.ts";
import { helloAnswer } from "../attack/reverse.ts";
import { liar, replyOf } from "../attack/server.ts";
import { identity, whoHas, works } from "./two.ts";

const file = "src/sync.ts";

/** Asks about repositories on a connection, keyed by it. */
async function compares(
  connection: RawConnection,
  { token }: HandPeer,
  identities: readonly string[],
) {
  const key = connection.exporter(overlapLabel);
  const repositories = identities.map((each) => repositoryDigest(sha256, key, each));
  const reply = await connection.post("overlap", { repositories }, { token });
  if (reply?.status !== 200) return { code: codeOf(reply), sessions: [], key };
  const told: WireOverlapOutput = JSON.parse(reply.body);
  return { code: null, sessions: told.sessions, key };
}

test("a peer without the scope is refused, and learns nothing of a repository", async () => {
  await using mini = await machine("mini");
  await works(mini, "hydrate", [file]);
  const mallory = await enrol(mini);
  using connection = await mallory.connect();
  expect((await compares(connection, mallory, [identity])).code).toBe("scope_denied");
  expect((await mini.calls.audit({ verb: "overlap" })).records).toEqual([]);
});

test("a peer learns of 8 new repositories a day, each on record, and of those again", async () => {
  let aheadMs = 0;
  await using mini = await machine("mini", {
    effects: (real) => ({
      ...real,
      clock: { ...real.clock, bootMs: () => real.clock.bootMs() + aheadMs },
    }),
  });
  const mallory = await enrol(mini);
  await mini.calls["peers/grant"]({ name: "mallory", entries: [], mine: true });
  const all = Array.from({ length: newRepositoriesMax + 2 }, (_, at) => `${at}`.repeat(40));
  const live = async () => {
    for (const [at, of] of all.entries()) await works(mini, `s${at}`, [file], { of });
  };
  await live();
  using connection = await mallory.connect();
  const learned = async () => (await compares(connection, mallory, all)).sessions.length;
  expect([await learned(), await learned()]).toEqual([newRepositoriesMax, newRepositoriesMax]);
  const records = async () => (await mini.calls.audit({ verb: "overlap" })).records.length;
  expect(await records()).toBe(newRepositoriesMax);
  aheadMs = 86_400_000;
  await live();
  using next = await mallory.connect();
  expect((await compares(next, mallory, all)).sessions.length).toBe(all.length);
  expect(await records()).toBe(all.length);
});

test("digests of one connection say nothing on another", async () => {
  await using mini = await machine("mini");
  await works(mini, "hydrate", [file]);
  const mallory = await enrol(mini);
  await mini.calls["peers/grant"]({ name: "mallory", entries: [], mine: true });
  using one = await mallory.connect();
  using other = await mallory.connect();
  const [first, second] = [
    await compares(one, mallory, [identity]),
    await compares(other, mallory, [identity]),
  ];
  const digest = (key: Uint8Array) => shortDigest(sha256, key, pathDigest(identity, file)) ?? "";
  expect(first.sessions[0]?.digests).toEqual([digest(first.key)]);
  expect(second.sessions[0]?.digests).toEqual([digest(second.key)]);
  expect(digest(first.key)).not.toBe(digest(second.key));
  // A repository's digest of another connection is no repository here.
  const stale = { repositories: [repositoryDigest(sha256, first.key, identity)] };
  const reply = await other.post("overlap", stale, { token: mallory.token });
  expect(JSON.parse(reply?.body ?? "").sessions).toEqual([]);
});

test("more than 32 repositories, and digests that are none, are refused", async () => {
  await using mini = await machine("mini");
  const mallory = await enrol(mini);
  await mini.calls["peers/grant"]({ name: "mallory", entries: [], mine: true });
  const good = "A".repeat(43);
  for (const repositories of [
    Array.from({ length: 33 }, () => good),
    ["A".repeat(42)],
    ["!".repeat(43)],
    [identity],
    [null],
    good,
  ]) {
    using connection = await mallory.connect();
    const reply = await connection.post("overlap", { repositories }, { token: mallory.token });
    expect([repositories, codeOf(reply)]).toEqual([repositories, "bad_request"]);
  }
});

/** A peer that tells its sessions as a test makes them, in the repository of the question. */
async function claiming(make: (repository: string) => unknown) {
  const self = newIdentity();
  let asked = 0;
  const answer = (line: string, body: string): unknown => {
    if (line.endsWith("/hello")) {
      return { ...helloAnswer, features: ["grants", "overlap"], scopes: ["overlap"], overlap: 1 };
    }
    if (!line.endsWith("/overlap")) return {};
    asked += 1;
    return make(JSON.parse(body).repositories[0]);
  };
  const server = await liar(self, ({ line, body, socket }) => {
    socket.write(replyOf(answer(line, body)));
  });
  return { self, server, asked: () => asked };
}

const told = (repository: string, more: object = {}) => ({
  ...{ repository, name: "sync", branch: null, more: false },
  digests: Array.from({ length: overlapPathsMax }, (_, at) => at.toString().padStart(11, "A")),
  ...more,
});

test("an answer beyond its bounds is not believed", async () => {
  const answers: readonly ((repository: string) => unknown)[] = [
    (at) => ({
      sessions: [told(at, { digests: new Array(129).fill("A".repeat(11)) })],
      more: false,
    }),
    (at) => ({ sessions: new Array(overlapSessionsMax + 1).fill(told(at)), more: false }),
    (at) => ({ sessions: [told(at, { name: "a/b" })], more: false }),
    (at) => ({ sessions: [told(at, { branch: "a".repeat(5_000) })], more: false }),
    (at) => ({ sessions: [told(at, { digests: ["short"] })], more: false }),
    () => ({ sessions: null, more: false }),
  ];
  for (const [which, make] of answers.entries()) {
    await using mini = await machine("mini");
    await works(mini, "api", [file]);
    const { self, server, asked } = await claiming(make);
    await using _server = server;
    await enrol(mini, { identity: self, port: server.port });
    await until(`it was asked ${which}`, async () => {
      await mini.calls.ask({ handle: null, question: null, thread_id: null });
      return asked() > 0;
    });
    const paths = [pathDigest(identity, file)];
    const found = await mini.calls["overlap/who"]({ identity, paths });
    expect([which, found.sessions.map((each) => each.machine)]).toEqual([which, ["mini"]]);
    expect([which, found.not_compared.map(({ why }) => why)]).toEqual([which, ["no_answer"]]);
  }
});

test("a peer that claims every digest it can names no file that it cannot guess", async () => {
  await using mini = await machine("mini");
  await works(mini, "api", [file]);
  const { self, server } = await claiming((at) => ({
    sessions: Array.from({ length: overlapSessionsMax }, () => told(at)),
    more: false,
  }));
  await using _server = server;
  await enrol(mini, { identity: self, port: server.port });
  await until("it is compared", async () => {
    await mini.calls.ask({ handle: null, question: null, thread_id: null });
    const paths = [pathDigest(identity, file)];
    return (await mini.calls["overlap/who"]({ identity, paths })).not_compared.length === 0;
  });
  expect((await whoHas(mini, [file])).map((each) => each.machine)).toEqual(["mini"]);
});
