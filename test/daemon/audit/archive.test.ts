/** Old records that were moved to files: still verified, and found where they were changed. */

import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Machine, machine, pair, session } from "../../support/daemon.ts";
import { until } from "../../support/until.ts";
import { rowsOf } from "../attack/disk.ts";
import { moved } from "../attack/moved.ts";

const dayMs = 86_400_000;
const verified = ({ calls }: Machine) => calls["audit/verify"]({});
const asked = { handle: "hydrate", question: null, thread_id: null };
const filesIn = (on: Machine): readonly string[] => readdirSync(join(on.home, "archive"));
const seqsIn = "SELECT seq FROM audit ORDER BY seq";

/** A machine with 6 signed records of two days ago, and 3 of now. */
async function withOldRecords(): Promise<{ on: Machine; before_ms: number }> {
  const time = moved();
  time.move({ wallMs: -2 * dayMs });
  const first = await machine("mini", time);
  await first.calls.activate(session());
  for (let count = 0; count < 4; count += 1) await first.calls.ask(asked);
  const on = await first.restart();
  time.move({ wallMs: 2 * dayMs });
  const before_ms = Date.now() - dayMs;
  await on.calls.activate(session({ name: "kettle" }));
  await on.calls.ask({ ...asked, handle: "kettle" });
  return { on, before_ms };
}

describe("archive", () => {
  test("moves what is older and signed to a file, and verify reads it there", async () => {
    const { on, before_ms } = await withOldRecords();
    await using _ = on;
    const whole = await verified(on);
    expect(whole).toMatchObject({ ok: true, archived: 0, checkpoint_seq: 9 });
    const { segments } = await on.calls["audit/archive"]({ before_ms });
    expect(segments).toMatchObject([{ form: 2, from_seq: 1, to_seq: 6 }]);
    expect(rowsOf(on.home, seqsIn)).toEqual([7, 8, 9, 10].map((seq) => ({ seq })));
    expect(await verified(on)).toMatchObject({ ok: true, records: 10, archived: 6 });
    const { records, verified_to, total } = await on.calls.audit({ all: true });
    expect(records.map(({ seq }) => seq)).toEqual([7, 8, 9, 10]);
    expect([verified_to, total]).toEqual([10, 4]);
    expect(JSON.parse(records[3]?.details ?? "")).toEqual(segments[0]);
    expect(filesIn(on)).toHaveLength(1);
    expect(await on.calls["audit/archive"]({ before_ms })).toEqual({ segments: [] });
  });

  test("is read by the next daemon, which signs on in the same trail", async () => {
    const { on, before_ms } = await withOldRecords();
    await on.calls["audit/archive"]({ before_ms });
    await using again = await on.restart();
    expect(await verified(again)).toMatchObject({ ok: true, archived: 6, checkpoint_seq: 10 });
    const later = await again.calls["audit/archive"]({ before_ms: Date.now() + dayMs });
    expect(later.segments).toMatchObject([{ from_seq: 7, to_seq: 10 }]);
    expect(await verified(again)).toMatchObject({ ok: true, records: 11, archived: 10 });
  });

  test("leaves alone what no checkpoint covers", async () => {
    await using on = await machine("mini");
    await on.calls.activate(session());
    const before_ms = Date.now() + dayMs;
    expect(await on.calls["audit/archive"]({ before_ms })).toEqual({ segments: [] });
    expect(await verified(on)).toMatchObject({ ok: true, archived: 0 });
  });

  test("that is changed, cut or missing is found, with the file named", async () => {
    const { on, before_ms } = await withOldRecords();
    await using _ = on;
    await on.calls["audit/archive"]({ before_ms });
    const path = join(on.home, "archive", filesIn(on)[0] ?? "");
    const whole = readFileSync(path, "utf8");
    for (const changed of [
      whole.replace('"verb":"ask"', '"verb":"asc"'),
      whole.replace(/\n[^\n]*\n$/, "\n"),
      whole.replace(/"signature":"[^"]*"/, `"signature":"${"A".repeat(86)}"`),
      "",
      null,
    ]) {
      if (changed === null) rmSync(path);
      else writeFileSync(path, changed);
      const verdict = await verified(on);
      expect(verdict.ok).toBe(false);
      if (!verdict.ok) expect(verdict.reason).toContain(`archive/${filesIn(on)[0] ?? ""}`);
    }
    writeFileSync(path, whole, { mode: 0o600 });
    expect(await verified(on)).toMatchObject({ ok: true });
  });

  test("of which the database forgot is found, by the record that closed it", async () => {
    const { on, before_ms } = await withOldRecords();
    await using _ = on;
    const { segments } = await on.calls["audit/archive"]({ before_ms });
    using database = new Database(join(on.home, "state.db"));
    database.run("UPDATE segment SET sha256 = ?", ["0".repeat(64)]);
    expect(await verified(on)).toMatchObject({ ok: false, first_bad_seq: 1 });
    const forged = { ...segments[0], file: "archive/another.jsonl" };
    const path = join(on.home, segments[0]?.file ?? "");
    writeFileSync(join(on.home, forged.file), readFileSync(path), { mode: 0o600 });
    database.run("UPDATE segment SET sha256 = ?, file = ?", [forged.sha256 ?? "", forged.file]);
    expect(await verified(on)).toEqual({
      ok: false,
      first_bad_seq: 1,
      reason: `${segments[0]?.file} is missing`,
    });
  });

  test("keeps agreeing with a peer that holds a checkpoint of what lies in it", async () => {
    await using laptop = await machine("laptop");
    const before = await machine("mini");
    await pair(before, laptop);
    await using on = await before.restart();
    await until("the witness is told of", async () => {
      await laptop.calls.ask({ handle: "mini/", question: null, thread_id: null });
      await on.calls.ask({ handle: "laptop/", question: null, thread_id: null });
      const verdict = await verified(on);
      return verdict.ok && verdict.witnesses === 1;
    });
    const { segments } = await on.calls["audit/archive"]({ before_ms: Date.now() + dayMs });
    expect(segments).toHaveLength(1);
    expect(await verified(on)).toMatchObject({ ok: true, witnesses: 1 });
  });
});
