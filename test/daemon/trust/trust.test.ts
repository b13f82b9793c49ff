/** Trust by fingerprint between real daemons: who meets, once, and with which rights. */

import { describe, expect, test } from "bun:test";
import type { TrustedMachine } from "../../../src/contract/trust/trust.ts";
import { type Machine, machine, pair, session } from "../../support/daemon.ts";
import { until } from "../../support/until.ts";
import { codeOf, connectTo, newIdentity } from "../attack/connection.ts";
import { aboutOf, someToken } from "../attack/pairing.ts";
import { refusalOf } from "../attack/refusal.ts";

const ask = [{ scope: "ask" as const, names: null }];

/** The entry by which one machine trusts another. */
const entryOf = (other: Machine, more: Partial<TrustedMachine> = {}): TrustedMachine => ({
  ...{ fingerprint: other.daemon.fingerprint, name: null, to: other.address },
  ...{ entries: ask, mine: false },
  ...more,
});

const peersOf = async (on: Machine) => (await on.calls.peers({})).peers;
const expectedOf = async (on: Machine) => (await on.calls.peers({})).expected ?? [];
const isUp = async (on: Machine): Promise<boolean> =>
  (await peersOf(on)).some(({ link, acknowledged }) => link === "up" && acknowledged);

describe("trust", () => {
  test("says of an expected machine that it is not met yet, and what lets it meet", async () => {
    await using mini = await machine("mini");
    const builder = newIdentity();
    const expected = { fingerprint: builder.fingerprint, name: "builder", to: "127.0.0.1:9" };
    await mini.calls.trust({ machines: [{ ...expected, entries: ask, mine: false }] });
    const question = { handle: "builder/api", question: null, thread_id: null };
    const entries = [{ scope: "ask" as const, names: null }];
    for (const refused of [
      await refusalOf(mini.calls.ask(question)),
      await refusalOf(mini.calls["peers/show"]({ name: "builder" })),
      await refusalOf(mini.calls["peers/grant"]({ name: "builder", entries })),
      await refusalOf(mini.calls.unpair({ name: "builder" })),
    ]) {
      expect([refused.code, refused.message, refused.hint]).toEqual([
        "peer_unknown",
        expect.stringMatching(
          /^builder is expected, not met yet: it was trusted by its fingerprint .+ ago$/,
        ) as unknown as string,
        `on builder run: peernet trust ${mini.daemon.fingerprint}`,
      ]);
    }
    expect((await mini.calls.status({})).expected).toMatchObject([{ name: "builder" }]);
    await mini.calls.untrust({ fingerprint: builder.fingerprint });
    expect((await refusalOf(mini.calls.ask(question))).message).toBe("no peer is called builder");
    expect((await mini.calls.status({})).expected).toBeUndefined();
  });

  test("pairs two machines that trust each other, whoever is told the address", async () => {
    for (const tells of ["first", "second"] as const) {
      await using mini = await machine("mini");
      await using laptop = await machine("laptop");
      await mini.calls.activate(session());
      const hidden = { to: null };
      await mini.calls.trust({ machines: [entryOf(laptop, tells === "first" ? {} : hidden)] });
      expect(await expectedOf(mini)).toMatchObject([
        { fingerprint: laptop.daemon.fingerprint, scopes: ["ask"], mine: false },
      ]);
      await laptop.calls.trust({ machines: [entryOf(mini, tells === "second" ? {} : hidden)] });
      for (const on of [mini, laptop]) {
        await until("it is paired and up", () => isUp(on), 30_000);
        expect(await expectedOf(on)).toEqual([]);
      }
      const answer = { handle: "mini/hydrate", question: null, thread_id: null };
      expect(await laptop.calls.ask(answer)).toMatchObject({ status: "ok" });
      for (const on of [mini, laptop]) {
        const { records } = await on.calls.audit({ verb: "pair", all: true });
        const met = records.filter(({ outcome }) => outcome === "ok");
        expect(met.map(({ details }) => JSON.parse(details ?? "{}").by)).toEqual(["fingerprint"]);
      }
    }
  }, 90_000);

  test("takes the names and rights of the person, each way its own", async () => {
    await using mini = await machine("mini");
    await using laptop = await machine("laptop");
    await mini.calls.trust({ machines: [entryOf(laptop, { name: "attic", entries: [] })] });
    await laptop.calls.trust({ machines: [entryOf(mini, { mine: true })] });
    for (const on of [mini, laptop]) await until("it is up", () => isUp(on), 30_000);
    expect(await peersOf(mini)).toMatchObject([
      { name: "attic", named_by: "person", grants: { theirs: [], mine: false } },
    ]);
    expect(await peersOf(laptop)).toMatchObject([
      { name: "mini", named_by: "itself", grants: { mine: true } },
    ]);
  }, 60_000);

  test("refuses itself and a taken name, and then expects none of them", async () => {
    await using mini = await machine("mini");
    await using laptop = await machine("laptop");
    await using studio = await machine("studio");
    await pair(mini, laptop);
    const good = entryOf(studio, { name: "studio" });
    const itself = { ...good, fingerprint: mini.daemon.fingerprint };
    expect((await refusalOf(mini.calls.trust({ machines: [good, itself] }))).body).toMatchObject({
      code: "bad_request",
      message: `${mini.daemon.fingerprint} is this machine's own fingerprint`,
      hint: "on the other machine run: peernet id",
    });
    const taken = { ...good, name: "laptop" };
    expect((await refusalOf(mini.calls.trust({ machines: [good, taken] }))).body).toMatchObject({
      code: "bad_request",
      message: "laptop is another machine's name here",
    });
    expect(await expectedOf(mini)).toEqual([]);
  });

  test("sets the rights of a paired machine, which keeps its name and its link", async () => {
    await using mini = await machine("mini");
    await using laptop = await machine("laptop");
    await pair(mini, laptop);
    const { machines } = await mini.calls.trust({
      machines: [entryOf(laptop, { name: "other", entries: [] })],
    });
    expect(machines).toMatchObject([{ name: "laptop", state: "paired" }]);
    expect(await peersOf(mini)).toMatchObject([{ name: "laptop", grants: { theirs: [] } }]);
    const { fingerprint } = laptop.daemon;
    expect((await refusalOf(mini.calls.untrust({ fingerprint }))).body).toMatchObject({
      code: "bad_request",
      hint: "peernet unpair laptop",
    });
  });

  test("brings a machine back that lost its folder and kept its key", async () => {
    await using mini = await machine("mini");
    await using laptop = await machine("laptop");
    await pair(mini, laptop);
    await laptop.calls.unpair({ name: "mini" });
    await mini.calls.trust({ machines: [entryOf(laptop)] });
    await laptop.calls.trust({ machines: [entryOf(mini)] });
    for (const on of [mini, laptop]) await until("it is up again", () => isUp(on), 30_000);
  }, 60_000);

  test("untrust ends an expectation, and unpair leaves none", async () => {
    await using mini = await machine("mini");
    await using laptop = await machine("laptop");
    const { fingerprint } = laptop.daemon;
    expect((await refusalOf(mini.calls.untrust({ fingerprint }))).code).toBe("peer_unknown");
    await mini.calls.trust({ machines: [entryOf(laptop, { name: "laptop", to: null })] });
    expect(await mini.calls.untrust({ fingerprint })).toEqual({ fingerprint, name: "laptop" });
    expect(await expectedOf(mini)).toEqual([]);
    await mini.calls.trust({ machines: [entryOf(laptop)] });
    await laptop.calls.trust({ machines: [entryOf(mini)] });
    await until("it is up", () => isUp(mini), 30_000);
    await mini.calls.unpair({ name: "laptop" });
    using connection = await connectTo(mini.address, { identity: newIdentity() });
    const input = { about: aboutOf(newIdentity(), {}), token: someToken };
    expect(codeOf(await connection.post("meet", input))).toBe("unauthenticated");
    expect([await peersOf(mini), await expectedOf(mini)]).toEqual([[], []]);
  }, 60_000);
});

test("P51: Only a key whose fingerprint a person or root trusted here meets this machine, and an unpaired one meets it no more.", async () => {
  await using mini = await machine("mini");
  await using laptop = await machine("laptop", {});
  const identity = newIdentity();
  const told = { about: aboutOf(identity, { name: "mallory" }), token: someToken };
  const meet = async (by = identity) => {
    using connection = await connectTo(mini.address, { identity: by });
    return await connection.post("meet", told);
  };
  // A stranger's call mints, stores and records nothing of its own.
  const before = (await mini.calls.audit({ all: true })).records.length;
  expect(codeOf(await meet())).toBe("unauthenticated");
  expect((await mini.calls.audit({ all: true })).records.length).toBe(before);
  const entry = entryOf(laptop, { fingerprint: identity.fingerprint, to: null });
  await mini.calls.trust({ machines: [entry] });
  expect(codeOf(await meet(newIdentity()))).toBe("unauthenticated");
  const first = await meet();
  const again = await meet();
  expect([first?.status, again?.status]).toEqual([200, 200]);
  // A lost reply is repeated in the same bytes, and makes no second pairing.
  expect(JSON.parse(again?.body ?? "").token).toBe(JSON.parse(first?.body ?? "").token);
  const { records } = await mini.calls.audit({ verb: "pair", all: true });
  expect(records.filter(({ outcome }) => outcome === "ok")).toHaveLength(1);
  // Trusted once more while it is paired: its end ends that, too.
  await mini.calls.trust({ machines: [entry] });
  await mini.calls.unpair({ name: "mallory" });
  expect(codeOf(await meet())).toBe("unauthenticated");
  expect(await peersOf(mini)).toEqual([]);
});
