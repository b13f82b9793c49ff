/** Checkpoints and the trail that they are of, towards machines that know trails or do not. */

import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { checkpointBytes } from "../../../src/core/audit-chain.ts";
import { laterCheckpoint } from "../../../src/daemon/peers/hello-row.ts";
import { loadOrCreate, sign } from "../../../src/peer/identity.ts";
import { stateFiles } from "../../../src/platform/files.ts";
import { random, sha256 } from "../../../src/platform/real.ts";
import { type Machine, machine } from "../../support/daemon.ts";
import { enrol } from "../attack/pairing.ts";

const trails = ["0190a0a0-0000-7000-8000-0000000000aa", "0190a0a0-0000-7000-8000-0000000000bb"];
const hello = {
  ...{ version: "0.1.0", protocols: [1], scopes: [], checkpoint: null, witness: null, port: null },
};

/** A checkpoint that a machine signed, of whichever trail. */
function signedBy({ home }: Pick<Machine, "home">, trail: number, seq: number) {
  const own = loadOrCreate({ files: stateFiles(home), random, sha256 });
  const unsigned = { trail_id: trails[trail] ?? "", seq, hash: "a".repeat(64), at_ms: 1 };
  const checkpoint = { ...unsigned, signature: sign(own, checkpointBytes(unsigned)) };
  return { checkpoint, key: own.signing.publicKey };
}

test("hello tells a checkpoint to a peer with the feature trail, and null to another", async () => {
  await using on = await (await machine("on")).restart();
  const peer = await enrol(on);
  using connection = await peer.connect();
  for (const [features, told] of [
    [["trail"], { seq: 1 }],
    [["grants"], null],
    [undefined, null],
  ] as const) {
    const reply = await connection.post("hello", { ...hello, features }, { token: peer.token });
    const { checkpoint } = JSON.parse(reply?.body ?? "{}");
    if (told === null) expect(checkpoint).toBeNull();
    else expect(checkpoint).toMatchObject(told);
  }
});

describe("laterCheckpoint()", () => {
  test("laterCheckpoint() takes a later one of its trail, and none of another", async () => {
    await using on = await machine("on");
    const { checkpoint: kept, key } = signedBy(on, 0, 5);
    const later = signedBy(on, 0, 6).checkpoint;
    const other = signedBy(on, 1, 7).checkpoint;
    expect(laterCheckpoint(null, other, key)).toBe(other);
    expect(laterCheckpoint(kept, later, key)).toBe(later);
    expect(laterCheckpoint(kept, other, key)).toBe(kept);
    expect(laterCheckpoint(kept, { ...later, trail_id: trails[1] ?? "" }, key)).toBe(kept);
    expect(laterCheckpoint(later, kept, key)).toBe(later);
  });
});

test("verify() finds a witness of another trail that this machine signed", async () => {
  await using on = await machine("on");
  await enrol(on);
  using database = new Database(join(on.home, "state.db"));
  const { checkpoint } = signedBy(on, 1, 1);
  database.run("UPDATE peer SET witness = ?", [JSON.stringify(checkpoint)]);
  const verdict = await on.calls["audit/verify"]({});
  expect(verdict).toMatchObject({ ok: false, first_bad_seq: 1 });
  if (!verdict.ok) expect(verdict.reason).toMatch(/^the witness [a-z0-9-]+ knows another trail$/);
  const forged = { ...checkpoint, signature: "A".repeat(86) };
  database.run("UPDATE peer SET witness = ?", [JSON.stringify(forged)]);
  expect(await on.calls["audit/verify"]({})).toMatchObject({ ok: true, witnesses: 0 });
});
