/** A trail that was put back and grew past what its peers know: each of them still finds it. */

import { describe, expect, test } from "bun:test";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { trailRecordsMax } from "../../../src/contract/limits.ts";
import type { Checkpoint } from "../../../src/contract/peer.ts";
import { checkpointBytes } from "../../../src/core/audit-chain.ts";
import { judgeWitness } from "../../../src/core/witness.ts";
import { loadOrCreate, sign } from "../../../src/peer/identity.ts";
import { stateFiles } from "../../../src/platform/files.ts";
import { random, sha256 } from "../../../src/platform/real.ts";
import { type Machine, machine, pair } from "../../support/daemon.ts";
import { until } from "../../support/until.ts";
import { hello } from "../attack/asking.ts";
import { enrol } from "../attack/pairing.ts";

/** Adds records to a trail. */
async function grow(on: Machine, records: number): Promise<void> {
  for (let record = 0; record < records; record += 1) {
    await on.calls.ask({ handle: "none", question: "why", thread_id: null }).catch(() => null);
  }
}

const portOf = ({ address }: Machine): number => Number(address.slice(address.indexOf(":") + 1));

/** Says hello to every peer of a machine. */
const greetAll = (from: Machine) =>
  from.calls.ask({ handle: null, question: null, thread_id: null });

const disagreeing = async ({ calls }: Machine): Promise<readonly string[]> =>
  (await calls.peers({})).peers
    .filter(({ witness }) => witness === "disagrees")
    .map(({ name }) => name);

const witnessRecords = async ({ calls }: Machine) =>
  (await calls.audit({ verb: "witness" })).records;

/** A machine whose trail was put back and grew past what two peers keep. */
async function putBack() {
  const laptop = await machine("laptop");
  const desk = await machine("desk");
  let mini = await machine("mini");
  const { home } = mini;
  await pair(laptop, mini);
  await pair(desk, mini);
  await mini.daemon.stop();
  const backup = mkdtempSync(join(tmpdir(), "peernet-backup-"));
  cpSync(home, backup, { recursive: true });
  mini = await machine("mini", { home });
  await grow(mini, 20);
  mini = await mini.restart();
  await until("both keep a later checkpoint", async () => {
    await greetAll(mini);
    const verdict = await mini.calls["audit/verify"]({});
    return verdict.ok && verdict.witnesses === 2;
  });
  const lost = (await mini.calls.audit({ all: true })).total;
  for (const on of [mini, laptop, desk]) await on.daemon.stop();
  rmSync(home, { recursive: true });
  cpSync(backup, home, { recursive: true });
  rmSync(backup, { recursive: true });
  mini = await machine("mini", { home });
  await grow(mini, 40);
  // Its new head is signed when it ends.
  mini = await mini.restart();
  expect((await mini.calls.audit({ all: true })).total).toBeGreaterThan(lost);
  const peers = new AsyncDisposableStack();
  for (const peer of [laptop, desk]) {
    peers.use(await machine(peer.name, { home: peer.home, port: portOf(peer) }));
  }
  return { mini, peers };
}

const p23 =
  "P23: A trail restored together with its checkpoints is " +
  "found once a peer that keeps a later one is heard, also where it has grown past that one since.";

test(`38: a trail put back and grown past its witnesses is found by each, ${p23}`, async () => {
  const { mini, peers } = await putBack();
  await using _peers = peers;
  // The side that was put back greets first.
  await until("each tells of it", async () => {
    await greetAll(mini);
    return (await disagreeing(mini)).length === 2;
  });
  for (let times = 0; times < 3; times += 1) await greetAll(mini);
  const recorded = await witnessRecords(mini);
  expect(recorded.map(({ outcome }) => outcome)).toEqual(["disagrees", "disagrees"]);
  expect(recorded.map(({ peer_name }) => peer_name).sort()).toEqual(["desk", "laptop"]);
  expect(await mini.calls["audit/verify"]({})).toMatchObject({
    ok: false,
    reason: expect.stringMatching(/^the witness (desk|laptop) knows another record$/),
  });
  const { checks } = await mini.calls.doctor({});
  const found = checks.filter(({ name }) => name === "witness");
  expect(found.map(({ state }) => state)).toEqual(["failed", "failed"]);
  // It stays so once it has grown on and its peers keep what it signed since.
  await grow(mini, 10);
  await using later = await mini.restart();
  await greetAll(later);
  await greetAll(later);
  expect([...(await disagreeing(later))].sort()).toEqual(["desk", "laptop"]);
  expect(await later.calls["audit/verify"]({})).toMatchObject({ ok: false });
}, 60_000);

describe("38: a witness", () => {
  const own = { trailId: "t", head: { seq: 20, hash: "h" } };
  const witness = (seq: number, hash = "a", trail_id = "t"): Checkpoint => ({
    trail_id,
    seq,
    hash,
    at_ms: 1,
    signature: "s",
  });

  test("judgeWitness() compares with the record of that number", () => {
    expect(judgeWitness(witness(7), { ...own, hash: "a" })).toBe("agrees");
    expect(judgeWitness(witness(7), { ...own, hash: "b" })).toBe("disagrees");
    expect(judgeWitness(witness(20), { ...own, hash: "a" })).toBe("agrees");
    expect(judgeWitness(witness(21), { ...own, hash: null })).toBe("disagrees");
    expect(judgeWitness(witness(7, "a", "u"), { ...own, hash: "a" })).toBe("disagrees");
    // A record that was archived is not at hand.
    expect(judgeWitness(witness(7), { ...own, hash: null })).toBe("agrees");
  });

  test("judgeWitness() believes no trail of more than a billion records", () => {
    expect(judgeWitness(witness(trailRecordsMax), { ...own, hash: null })).toBe("disagrees");
    expect(judgeWitness(witness(trailRecordsMax + 1), { ...own, hash: null })).toBe("implausible");
    expect(judgeWitness(witness(2 ** 53 - 1), { ...own, hash: null })).toBe("implausible");
  });

  test("of 2^53 - 1 records, signed by a stolen key, fails nothing and is shown", async () => {
    await using on = await machine("on");
    const peer = await enrol(on);
    const identity = loadOrCreate({ files: stateFiles(on.home), random, sha256 });
    const at_ms = 1;
    const trail_id = Bun.randomUUIDv7();
    const unsigned = { trail_id, seq: 2 ** 53 - 1, hash: "0".repeat(64), at_ms };
    const signature = sign(identity, checkpointBytes(unsigned));
    using connection = await peer.connect();
    for (let times = 0; times < 3; times += 1) {
      const told = { ...hello, witness: { ...unsigned, signature } };
      expect((await connection.post("hello", told, { token: peer.token }))?.status).toBe(200);
    }
    expect((await witnessRecords(on)).map(({ outcome }) => outcome)).toEqual(["implausible"]);
    expect(await on.calls["audit/verify"]({})).toMatchObject({ ok: true });
    expect(await disagreeing(on)).toEqual(["mallory"]);
  });

  test("is told as it was before the hello that it answers", async () => {
    await using on = await machine("on");
    const peer = await enrol(on);
    using connection = await peer.connect();
    const trail_id = Bun.randomUUIDv7();
    const told = async (seq: number): Promise<number | null> => {
      const unsigned = { trail_id, seq, hash: "0".repeat(64), at_ms: seq };
      const signature = sign(peer.identity, checkpointBytes(unsigned));
      const checkpoint = { ...unsigned, signature };
      const reply = await connection.post("hello", { ...hello, checkpoint }, { token: peer.token });
      return JSON.parse(reply?.body ?? "").witness?.seq ?? null;
    };
    expect([await told(7), await told(9), await told(10)]).toEqual([null, 7, 9]);
  });

  test("that a peer signed for a trail of 2^53 - 1 records is not kept", async () => {
    await using on = await machine("on");
    const peer = await enrol(on);
    using connection = await peer.connect();
    const trail_id = Bun.randomUUIDv7();
    const kept = async (seq: number, at_ms: number): Promise<number | null> => {
      const unsigned = { trail_id, seq, hash: "0".repeat(64), at_ms };
      const signature = sign(peer.identity, checkpointBytes(unsigned));
      const told = { ...hello, checkpoint: { ...unsigned, signature } };
      await connection.post("hello", told, { token: peer.token });
      // What is kept now is told at the next hello.
      const reply = await connection.post("hello", hello, { token: peer.token });
      return JSON.parse(reply?.body ?? "").witness?.seq ?? null;
    };
    expect(await kept(7, 1)).toBe(7);
    expect(await kept(2 ** 53 - 1, 2)).toBe(7);
    expect(await kept(8, 3)).toBe(8);
  });
});
