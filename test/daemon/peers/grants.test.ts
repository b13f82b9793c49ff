/** Grants with limits, over real TLS: which handles and which facts a peer is told of. */

import { describe, expect, test } from "bun:test";
import type { GrantInput } from "../../../src/contract/grants.ts";
import { HelloOutput } from "../../../src/contract/peer.ts";
import { type Machine, machine, pair, session } from "../../support/daemon.ts";
import { until } from "../../support/until.ts";
import { askFor, hello } from "../attack/asking.ts";
import { moved } from "../attack/moved.ts";
import { enrol, type HandPeer } from "../attack/pairing.ts";
import { refusalOf } from "../attack/refusal.ts";

const git = { sha: "a".repeat(40), subject: "secret subject", branch: "secret-branch", dirty: 3 };
const hour = 3_600_000;

async function withHandles(on: Machine, ...names: readonly string[]): Promise<void> {
  for (const name of names) {
    const given = { name, session_id: name, project: "hidden", git, summary: "secret summary" };
    await on.calls.activate(session(given));
  }
}

const grant = (on: Machine, input: Partial<GrantInput>) =>
  on.calls["peers/grant"]({
    name: "mallory",
    entries: [{ scope: "ask", names: null }],
    ...input,
  });

/** Asks as a version that takes null for a hidden fact, or as one from before. */
async function answerTo(peer: HandPeer, handle: string, takes_null = true) {
  using connection = await peer.connect();
  const body = { ...askFor(handle), ...(takes_null ? { takes_null } : {}) };
  const reply = await connection.post("ask", body, { token: peer.token });
  return JSON.parse(reply?.body ?? "null");
}

async function helloTo(peer: HandPeer, features: readonly string[]) {
  using connection = await peer.connect();
  const reply = await connection.post("hello", { ...hello, features }, { token: peer.token });
  return JSON.parse(reply?.body ?? "null");
}

describe("a grant that names handles", () => {
  test("answers the others as handles that do not exist, byte by byte", async () => {
    await using on = await machine("on");
    await withHandles(on, "api", "web");
    const peer = await enrol(on, { name: "mallory" });
    await grant(on, { entries: [{ scope: "ask", names: ["api"] }] });
    const other = await answerTo(peer, "web");
    const missing = await answerTo(peer, "nope");
    expect(JSON.stringify(other).replaceAll("web", "nope")).toBe(JSON.stringify(missing));
    expect(other.error).toMatchObject({ code: "handle_unknown", details: { live: ["api"] } });
    expect((await answerTo(peer, "api")).project).toBe("hidden");
    const { handles, grants } = HelloOutput.parse(await helloTo(peer, ["grants"]));
    expect(handles?.map(({ name }) => name)).toEqual(["api"]);
    expect(grants).toEqual([{ scope: "ask", names: ["api"], expires_in_ms: null }]);
  });

  test("may name a session that is still to come", async () => {
    await using on = await machine("on");
    const peer = await enrol(on, { name: "mallory" });
    await grant(on, { entries: [{ scope: "ask", names: ["later"] }] });
    expect((await answerTo(peer, "later")).error.code).toBe("handle_unknown");
    await withHandles(on, "later");
    expect((await answerTo(peer, "later")).project).toBe("hidden");
  });
});

describe("a grant that hides facts", () => {
  const hide = ["summary", "subject", "branch", "counts", "state", "harness", "project"] as const;

  test("tells none of them in an answer, a hello or a preview", async () => {
    await using on = await machine("on");
    await withHandles(on, "api");
    const peer = await enrol(on, { name: "mallory" });
    await grant(on, { hide: [...hide] });
    const answer = await answerTo(peer, "api");
    expect(answer).toMatchObject({
      project: null,
      summary: null,
      git: { sha: git.sha, subject: null, branch: null, dirty: null },
      session: { harness: null, state: null, state_for_ms: null },
      hidden: hide,
    });
    const told = await helloTo(peer, ["grants"]);
    const shown = await on.calls.preview({ name: "api", as: "mallory" });
    for (const text of [answer, told, shown].map((value) => JSON.stringify(value))) {
      for (const secret of ["secret", '"hidden"', "claude"])
        expect(text.replace('"hidden":[', "")).not.toContain(secret);
    }
    expect(told.handles).toMatchObject([{ name: "api", project: null, state: null }]);
    expect(told.hidden).toEqual(hide);
    expect(shown.answer.hidden).toEqual([...hide]);
    expect(JSON.stringify(told.grants)).not.toContain("show");
  });

  test("shows a version from before the handle's name, or no handle at all", async () => {
    await using on = await machine("on");
    await withHandles(on, "api");
    const peer = await enrol(on, { name: "mallory" });
    await grant(on, { hide: ["project"] });
    expect((await answerTo(peer, "api", false)).project).toBe("api");
    expect((await helloTo(peer, [])).handles).toMatchObject([{ name: "api", project: "api" }]);
    await grant(on, { hide: ["harness"] });
    expect((await answerTo(peer, "api", false)).error.code).toBe("handle_unknown");
    expect((await helloTo(peer, [])).handles).toEqual([]);
  });
});

describe("a grant that ends", () => {
  test("ends in its last millisecond, and its peer learns of it at once", async () => {
    const time = moved();
    await using on = await machine("on", time);
    await withHandles(on, "api");
    const peer = await enrol(on, { name: "mallory" });
    await grant(on, { for_ms: hour });
    expect((await answerTo(peer, "api")).project).toBe("hidden");
    const { grants } = await helloTo(peer, ["grants"]);
    expect(grants[0].expires_in_ms).toBeLessThanOrEqual(hour);
    time.pass(hour);
    expect((await answerTo(peer, "api")).error.code).toBe("scope_denied");
    expect(await helloTo(peer, ["grants"])).toMatchObject({
      scopes: [],
      grants: [],
      handles: null,
    });
  });
});

test("an end in the past is refused, and one in less than a minute", async () => {
  await using on = await machine("on");
  await enrol(on, { name: "mallory" });
  for (const for_ms of [-hour, -1, 0, 59_999]) {
    const refused = await refusalOf(grant(on, { for_ms }));
    expect([refused.code, refused.message.startsWith("for_ms: ")]).toEqual(["bad_request", true]);
  }
});

test("pause lets a peer do nothing, and resume all that it was granted", async () => {
  await using on = await machine("on");
  await withHandles(on, "api");
  const peer = await enrol(on, { name: "mallory" });
  await grant(on, { entries: [{ scope: "ask", names: ["api"] }] });
  await on.calls["peers/pause"]({ name: "mallory" });
  expect((await answerTo(peer, "api")).error.code).toBe("scope_denied");
  const resumed = await on.calls["peers/resume"]({ name: "mallory" });
  expect(resumed.grants.their_entries).toMatchObject([{ scope: "ask", names: ["api"] }]);
  expect((await answerTo(peer, "api")).project).toBe("hidden");
});

test("each side sees what it may do there, with its limits", async () => {
  await using mini = await machine("mini");
  await using laptop = await machine("laptop");
  await pair(mini, laptop);
  await withHandles(mini, "api", "web");
  const entries = [{ scope: "ask" as const, names: ["api"] }];
  await mini.calls["peers/grant"]({ name: "laptop", entries, for_ms: hour });
  await until("the laptop is told of its entry", async () => {
    const { peers } = await laptop.calls.peers({});
    return peers[0]?.grants.our_entries[0]?.names?.[0] === "api";
  });
  const { peers } = await laptop.calls.peers({});
  expect(peers[0]?.handles.map(({ handle }) => handle)).toEqual(["mini/api"]);
  const left = peers[0]?.grants.our_entries[0]?.expires_in_ms ?? 0;
  expect(left).toBeGreaterThan(hour - 60_000);
  expect(left).toBeLessThanOrEqual(hour);
});

test("a grant is recorded with its limits", async () => {
  await using on = await machine("on");
  await enrol(on, { name: "mallory" });
  await grant(on, { entries: [{ scope: "ask", names: ["api"] }], hide: ["summary"] });
  const { records } = await on.calls.audit({ verb: "grant" });
  expect(JSON.parse(records[0]?.details ?? "null")).toMatchObject({
    scopes: ["ask"],
    entries: [{ scope: "ask", names: ["api"], hidden: ["summary"], expires_at_ms: null }],
    mine: false,
    paused: false,
  });
});
