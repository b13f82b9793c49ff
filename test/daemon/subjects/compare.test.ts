/** Two paired daemons compare their trails over real connections, after edits of a database. */

import { Database } from "bun:sqlite";
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CompareEvent } from "../../../src/contract/subjects/subjects.ts";
import { stateFiles } from "../../../src/platform/files.ts";
import { type Machine, machine, pair, session } from "../../support/daemon.ts";
import { until } from "../../support/until.ts";
import { enrol } from "../attack/pairing.ts";

setDefaultTimeout(60_000);

/** All events of a comparison. */
async function compared(on: Machine, peer: string): Promise<readonly CompareEvent[]> {
  const events: CompareEvent[] = [];
  for await (const event of on.calls["audit/compare"]({ peer })) events.push(event);
  return events;
}

const countsOf = (events: readonly CompareEvent[]) =>
  events.find((event) => event.event === "compared")?.counts;
const foundIn = (events: readonly CompareEvent[]) =>
  events.flatMap((event) => (event.event === "subject" ? [event.found] : []));
const none = { agree: 0, differ: 0, only_here: 0, only_there: 0, explained: 0, incomparable: 0 };

/** Two paired machines. */
interface Two extends AsyncDisposable {
  readonly mini: Machine;
  readonly laptop: Machine;
  /** The ids of four answered asks of laptop, in their order, and of a stored message. */
  readonly asks: readonly string[];
  readonly message: string;
}

const secret = "where is the treasure";

async function acquainted(): Promise<Two> {
  const mini = await machine("mini");
  const laptop = await machine("laptop");
  await pair(mini, laptop);
  await mini.calls.activate(session({ name: "api" }));
  const entries = [{ scope: "message" as const, names: null }];
  await mini.calls["peers/grant"]({ name: "laptop", entries, hold: false });
  for (const question of [null, secret, null, secret]) {
    await laptop.calls.ask({ handle: "mini/api", question, thread_id: null });
  }
  const from = { by: "person" as const };
  const { sent } = await laptop.calls.send({ to: "mini/api", text: secret, from });
  const outcomes = async (outcome: string) => {
    const { records } = await laptop.calls.audit({ all: true });
    return records.filter((record) => record.direction === "out" && record.outcome === outcome);
  };
  await until("each end is on record", async () => {
    const ends = [await outcomes("ok"), await outcomes("stored")];
    return ends.flat().filter(({ subject_id }) => subject_id !== null).length === 5;
  });
  const asks = (await outcomes("ok")).flatMap(({ subject_id }) => subject_id ?? []);
  return {
    ...{ mini, laptop, asks, message: sent[0]?.message_id ?? "" },
    [Symbol.asyncDispose]: async () => {
      await laptop[Symbol.asyncDispose]();
      await mini[Symbol.asyncDispose]();
    },
  };
}

type Statement = readonly [sql: string, ...values: string[]];

/** Changes the trails as somebody who runs as their user can: while no daemon runs. */
async function edit(two: Two, changes: { mini?: Statement[]; laptop?: Statement[] }): Promise<Two> {
  for (const on of [two.laptop, two.mini]) await on.daemon.stop();
  for (const name of ["mini", "laptop"] as const) {
    using database = new Database(join(two[name].home, "state.db"));
    for (const trigger of ["changed", "cut"]) {
      database.run(`DROP TRIGGER audit_is_never_${trigger}`);
    }
    for (const [sql, ...values] of changes[name] ?? []) database.run(sql, values);
  }
  const again = ({ name, home, address }: Machine): Promise<Machine> =>
    machine(name, { home, port: Number(address.split(":").at(-1)) });
  const mini = await again(two.mini);
  const laptop = await again(two.laptop);
  return {
    ...{ ...two, mini, laptop },
    [Symbol.asyncDispose]: async () => {
      await laptop[Symbol.asyncDispose]();
      await mini[Symbol.asyncDispose]();
    },
  };
}

const named =
  "P69: A result that a machine edits or leaves out of its trail is named by the comparison with " +
  "its peer's, and no honest trail is accused, whatever crashed or was lost between the two " +
  "records.";

describe(named, () => {
  test("compare() agrees on every subject of two honest machines, on both of them", async () => {
    await using two = await acquainted();
    for (const [on, peer] of [
      [two.laptop, "mini"],
      [two.mini, "laptop"],
    ] as const) {
      const events = await compared(on, peer);
      expect(countsOf(events)).toEqual({ ...none, agree: 5 });
      expect(foundIn(events)).toEqual([]);
    }
  });

  test("compare() names what the answering machine changed and left out", async () => {
    const before = await acquainted();
    const [changed = "", left = ""] = before.asks;
    await using two = await edit(before, {
      mini: [
        ["UPDATE audit SET content_sha256 = ? WHERE subject_id = ?", "a".repeat(64), changed],
        ["DELETE FROM audit WHERE subject_id = ?", left],
        ["DELETE FROM audit WHERE subject_id = ?", before.message],
      ],
    });
    const events = await compared(two.laptop, "mini");
    expect(countsOf(events)).toEqual({ ...none, agree: 2, differ: 1, only_here: 2 });
    const found = foundIn(events).map(({ subject_id, verdict }) => [subject_id, verdict]);
    expect(found.sort()).toEqual(
      [
        [changed, "differs"],
        [left, "only_here"],
        [two.message, "only_here"],
      ].sort(),
    );
    const back = foundIn(await compared(two.mini, "laptop"));
    expect(back.map(({ verdict }) => verdict).sort()).toEqual([
      "differs",
      "only_there",
      "only_there",
    ]);
  });

  test("compare() names what the asking machine left out of its own trail", async () => {
    const before = await acquainted();
    const [left = ""] = before.asks;
    await using two = await edit(before, {
      laptop: [["DELETE FROM audit WHERE subject_id = ?", left]],
    });
    const found = foundIn(await compared(two.laptop, "mini"));
    expect(found).toMatchObject([{ subject_id: left, verdict: "only_there", verb: "ask" }]);
  });

  test("compare() reads several pages, and finds the one record that is missing", async () => {
    const before = await acquainted();
    const [like = ""] = before.asks;
    // Each of these has the records of an answered ask, under another id.
    const copies = `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400)
      INSERT INTO audit SELECT (SELECT max(seq) FROM audit) + i * 4 + row_number() OVER (), at_ms,
        direction, verb, peer_fingerprint, peer_name, origin_address, origin_transport, origin_node,
        origin_login, handle, from_handle, harness, text, outcome, thread_id,
        printf('01800000-0000-7000-8000-%012d', i), content_sha256, details, count, prev_hash, hash
      FROM audit, n WHERE subject_id = ?`;
    const last = "01800000-0000-7000-8000-000000000399";
    await using two = await edit(before, {
      laptop: [[copies, like]],
      mini: [
        [copies, like],
        ["DELETE FROM audit WHERE subject_id = ?", last],
      ],
    });
    const events = await compared(two.laptop, "mini");
    expect(countsOf(events)).toEqual({ ...none, agree: 404, only_here: 1 });
    expect(foundIn(events)).toMatchObject([{ subject_id: last }]);
  });
});

test("compare() calls it no accusation where the asking daemon ended abruptly", async () => {
  const before = await acquainted();
  const { records } = await before.laptop.calls.audit({ all: true });
  const { at_ms = 0 } = records.at(-1) ?? {};
  const [left = ""] = before.asks;
  const mark = `INSERT INTO audit (seq, at_ms, direction, verb, outcome, details, prev_hash, hash)
    SELECT max(seq) + 1, ${at_ms}, 'local', 'trail', 'interrupted', ?, '', ? FROM audit`;
  const details = JSON.stringify({ since_ms: at_ms });
  await using two = await edit(before, {
    laptop: [
      ["DELETE FROM audit WHERE subject_id = ?", left],
      [mark, details, "b".repeat(64)],
    ],
  });
  const found = foundIn(await compared(two.laptop, "mini"));
  const explained = { verdict: "explained", why: "interrupted", side: "here" };
  expect(found).toMatchObject([{ subject_id: left, ...explained }]);
  expect(foundIn(await compared(two.mini, "laptop"))).toMatchObject([
    { subject_id: left, ...explained, side: "there" },
  ]);
});

test("a daemon notes that the former one ended abruptly, and not that it was stopped", async () => {
  const home = mkdtempSync(join(tmpdir(), "peernet-abrupt-"));
  const first = await machine("mini", { home });
  await first.daemon.stop();
  const marks = async (on: Machine) => {
    const { records } = await on.calls.audit({ all: true, verb: "trail" });
    return records.map(({ outcome }) => outcome);
  };
  const second = await first.restart();
  expect(await marks(second)).toEqual(["ok"]);
  await second.daemon.stop();
  // A daemon that is killed leaves its note.
  stateFiles(home).write("process.json", "{}");
  await using third = await second.restart();
  expect(await marks(third)).toEqual(["ok", "interrupted"]);
});

const told =
  "P70: A peer is told only records about itself: ids, outcomes, digests and sizes, never a text.";

describe(told, () => {
  test("subjects tells a peer nothing about another peer", async () => {
    await using two = await acquainted();
    const mallory = await enrol(two.mini);
    using connection = await mallory.connect();
    const post = async (input: object) =>
      JSON.parse(
        (await connection.post("subjects", input, { token: mallory.token }))?.body ?? "{}",
      );
    expect((await post({ after: null })).records).toEqual([]);
    for (const only of [...two.asks, two.message]) {
      expect(await post({ after: null, only })).toMatchObject({ records: [], more: false });
    }
    const ask_id = Bun.randomUUIDv7();
    const asked = { ask_id, thread_id: ask_id, handle: "api", question: secret };
    await connection.post("ask", asked, { token: mallory.token });
    const own = await connection.post("subjects", { after: null }, { token: mallory.token });
    expect(JSON.parse(own?.body ?? "{}").records).toMatchObject([{ subject_id: ask_id }]);
    expect(own?.body).not.toContain(secret);
    expect(own?.body).not.toContain("api");
  });

  test("subjects is counted, as a comparison by that peer", async () => {
    await using two = await acquainted();
    await compared(two.laptop, "mini");
    await two.laptop.daemon.stop();
    await using again = await two.mini.restart();
    const { records } = await again.calls.audit({ verb: "compare" });
    expect(records).toMatchObject([{ peer_name: "laptop", direction: "in", outcome: "ok" }]);
  });
});

test("compare() refuses a peer whose version tells no records", async () => {
  await using on = await machine("on");
  const old = await enrol(on);
  using connection = await old.connect();
  const hello = { version: "0.0.9", protocols: [1], features: ["grants"], scopes: [] };
  const rest = { checkpoint: null, witness: null, port: null };
  await connection.post("hello", { ...hello, ...rest }, { token: old.token });
  const refusal = compared(on, "mallory");
  await expect(refusal).rejects.toMatchObject({ code: "version_unsupported" });
});
