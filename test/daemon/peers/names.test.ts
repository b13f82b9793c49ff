/** Peers that say they are called what another is called, and what becomes of the old handles. */

import { describe, expect, test } from "bun:test";
import type { Paired, PairedPeer } from "../../../src/contract/pairing.ts";
import { type Machine, machine, opened, session } from "../../support/daemon.ts";
import { newIdentity } from "../attack/connection.ts";
import { moved } from "../attack/moved.ts";
import { aboutOf, enrol, type HandPeer, someToken } from "../attack/pairing.ts";
import { refusalOf } from "../attack/refusal.ts";

/** Has `home` type the code that another machine shows; the peer as `home` tells it. */
async function join(home: Machine, shows: Machine): Promise<PairedPeer> {
  const window = await opened(shows);
  const { fingerprint } = shows.daemon;
  const input = { code: window.code, to: shows.address, fingerprint, grant: ["ask" as const] };
  const { peer } = await home.calls.pair(input);
  await window.ended;
  return peer;
}

const projectOf = async (home: Machine, handle: string): Promise<string> => {
  const answer = await home.calls.ask({ handle, question: null, thread_id: null });
  return "project" in answer ? (answer.project ?? "") : "";
};

/** A machine called `name` with one session, by whose project it is recognised. */
async function serving(name: string, project: string): Promise<Machine> {
  const on = await machine(name);
  await on.calls.activate(session({ name: "work", project }));
  return on;
}

const namesOf = async (home: Machine): Promise<Record<string, string>> =>
  Object.fromEntries(
    (await home.calls.peers({})).peers.map(({ fingerprint, name }) => [fingerprint, name]),
  );

/** Exchanges tokens again, under another name. */
async function tell(peer: HandPeer, name: string): Promise<number | undefined> {
  using connection = await peer.connect();
  const input = { token: someToken, about: aboutOf(peer.identity, { name }) };
  return (await connection.post("token", input, { token: peer.token }))?.status;
}

const promise =
  "P11: A peer's name never changes by what the peer says, and means no other key; " +
  "one that it had goes to no other key for 90 days without a person's word.";

describe(promise, () => {
  test("a second machine of the same name, as the one that types is told it", async () => {
    await using home = await machine("home");
    await using old = await serving("mini", "old");
    await using other = await serving("mini", "other");
    expect(await join(home, old)).toMatchObject({
      name: "mini",
      told_name: null,
      look_alike: null,
    });
    expect(await join(home, other)).toMatchObject({
      name: "mini-2",
      fingerprint: other.daemon.fingerprint,
      told_name: "mini",
      look_alike: { name: "mini", fingerprint: old.daemon.fingerprint },
    });
    expect(await projectOf(home, "mini/work")).toBe("old");
    expect(await projectOf(home, "mini-2/work")).toBe("other");
  });

  test("a second machine of the same name, as the one that shows is told it", async () => {
    await using home = await machine("home");
    const old = await enrol(home, { name: "mini" });
    const window = await opened(home);
    await using other = await machine("mini");
    const { fingerprint } = home.daemon;
    await other.calls.pair({ code: window.code, to: home.address, fingerprint, grant: ["ask"] });
    await window.ended;
    const paired = window.events.find((event): event is Paired => event.event === "paired");
    expect(paired?.peer).toMatchObject({
      name: "mini-2",
      told_name: "mini",
      look_alike: { name: "mini", fingerprint: old.identity.fingerprint },
    });
    expect(await namesOf(home)).toEqual({
      [old.identity.fingerprint]: "mini",
      [other.daemon.fingerprint]: "mini-2",
    });
  });

  test("a machine of this machine's own name", async () => {
    await using home = await serving("home", "own");
    await using other = await serving("home", "other");
    expect(await join(home, other)).toMatchObject({ name: "home-2", told_name: "home" });
    expect(await projectOf(home, "home/work")).toBe("own");
    expect(await projectOf(home, "work")).toBe("own");
    expect(await projectOf(home, "home-2/work")).toBe("other");
  });

  test("a machine whose name looks like another's is shown beside it", async () => {
    await using home = await machine("home");
    await using old = await serving("mini", "old");
    await using other = await serving("rnini", "other");
    await join(home, old);
    expect(await join(home, other)).toMatchObject({
      name: "rnini",
      told_name: null,
      look_alike: { name: "mini", fingerprint: old.daemon.fingerprint },
    });
    expect(await projectOf(home, "mini/work")).toBe("old");
  });

  test("a name that a person gave stays, also through another pairing", async () => {
    await using home = await machine("home");
    await using old = await serving("mini", "old");
    await join(home, old);
    await home.calls["peers/rename"]({ name: "mini", to: "studio" });
    expect(await join(home, old)).toMatchObject({ name: "studio", look_alike: null });
    expect(await projectOf(home, "studio/work")).toBe("old");
    const { code } = await refusalOf(projectOf(home, "mini/work"));
    expect(code).toBe("peer_unknown");
    expect(await namesOf(home)).toEqual({ [old.daemon.fingerprint]: "studio" });
  });

  test("a peer that sends another name in an exchange, or pairs again under one", async () => {
    await using home = await machine("home");
    const old = await enrol(home, { name: "mini" });
    const other = await enrol(home, { name: "mini" });
    const named = {
      [old.identity.fingerprint]: "mini",
      [other.identity.fingerprint]: "mini-2",
    };
    const renames = async () => (await home.calls.audit({ verb: "rename" })).records.length;
    const before = await renames();
    expect(await tell(other, "bank")).toBe(200);
    expect(await namesOf(home)).toEqual(named);
    expect(await renames()).toBe(before);
    await enrol(home, { name: "bank", identity: other.identity });
    expect(await namesOf(home)).toEqual(named);
  });

  test("a pairing is recorded by the fingerprint until the peer sends its name", async () => {
    await using home = await machine("home");
    const peer = await enrol(home, { name: "mini" });
    const { records } = await home.calls.audit({ verb: "pair", all: true });
    expect(records.map(({ peer_name }) => peer_name)).toEqual([
      peer.identity.fingerprint.slice(0, "sha256:".length + 8),
    ]);
    expect((await home.calls.peers({})).peers[0]?.name).toBe("mini");
  });

  test("a peer that calls itself what only an unnamed one is called", async () => {
    await using home = await machine("home");
    const peer = await enrol(home, { name: "unnamed-0123abcd" });
    const before = await namesOf(home);
    expect(await tell(peer, "bank")).toBe(200);
    expect(await namesOf(home)).toEqual(before);
  });

  test("a peer that a person calls so", async () => {
    await using home = await machine("home");
    const peer = await enrol(home, { name: "mini", identity: newIdentity() });
    await home.calls["peers/rename"]({ name: "mini", to: "unnamed-0123abcd" }).catch(() => {});
    const before = await namesOf(home);
    expect(await tell(peer, "bank")).toBe(200);
    expect(await namesOf(home)).toEqual(before);
  });
});

test("peers/rename refuses the name of another peer and of this machine", async () => {
  await using home = await machine("home");
  await enrol(home, { name: "mini" });
  await enrol(home, { name: "studio" });
  for (const to of ["studio", "home"]) {
    const error = await refusalOf(home.calls["peers/rename"]({ name: "mini", to }));
    expect(error.body).toEqual({
      code: "bad_request",
      message: `${to} is another machine's name here`,
      hint: "choose another name",
    });
  }
});

const dayMs = 86_400_000;

describe(promise, () => {
  test("another key that tells the name of an unpaired one, for 90 days", async () => {
    const clock = moved();
    await using home = await machine("home", { effects: clock.effects });
    const zed = await enrol(home, { name: "zed" });
    await home.calls.unpair({ name: "zed" });
    await using other = await serving("zed", "other");
    expect(await join(home, other)).toMatchObject({
      name: "zed-2",
      told_name: "zed",
      look_alike: null,
      former: zed.identity.fingerprint,
      named_by: "itself",
    });
    // The key itself has its name back.
    await enrol(home, { name: "zed", identity: zed.identity });
    expect(await namesOf(home)).toMatchObject({ [zed.identity.fingerprint]: "zed" });
    await home.calls.unpair({ name: "zed" });
    clock.move({ wallMs: 90 * dayMs - 60_000 });
    const early = await enrol(home, { name: "zed" });
    expect(await namesOf(home)).toMatchObject({ [early.identity.fingerprint]: "zed-3" });
    clock.move({ wallMs: 120_000 });
    const late = await enrol(home, { name: "zed" });
    expect(await namesOf(home)).toMatchObject({ [late.identity.fingerprint]: "zed" });
  });

  test("another key that tells the name of one that was renamed", async () => {
    await using home = await machine("home");
    const zed = await enrol(home, { name: "zed" });
    await home.calls["peers/rename"]({ name: "zed", to: "attic" });
    const window = await opened(home);
    await using other = await machine("zed");
    const { fingerprint } = home.daemon;
    await other.calls.pair({ code: window.code, to: home.address, fingerprint, grant: ["ask"] });
    await window.ended;
    const paired = window.events.find((event): event is Paired => event.event === "paired");
    const told = { name: "zed-2", told_name: "zed", former: zed.identity.fingerprint };
    expect(paired?.peer).toMatchObject({ ...told, named_by: "itself" });
  });

  test("a person may give the name to another key, and is noted as who gave it", async () => {
    await using home = await machine("home");
    await enrol(home, { name: "zed" });
    await home.calls.unpair({ name: "zed" });
    await enrol(home, { name: "zed" });
    const named = await home.calls["peers/rename"]({ name: "zed-2", to: "zed" });
    expect(named).toMatchObject({ name: "zed", named_by: "person" });
    // A peer of this name that told it alone stays so until a person confirms it.
    await enrol(home, { name: "mini" });
    const told = await home.calls["peers/show"]({ name: "mini" });
    const confirmed = await home.calls["peers/rename"]({ name: "mini", to: "mini" });
    expect([told.named_by, confirmed.named_by]).toEqual(["itself", "person"]);
  });
});
