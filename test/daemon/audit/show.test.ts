/** Ids that a person types by their ends. */

import { expect, test } from "bun:test";
import { machine, session } from "../../support/daemon.ts";
import { refusalOf } from "../attack/refusal.ts";

const ask = { handle: "hydrate", question: "why" };
const thread = "0190a0a0-0001-7000-8000-0000aabb7f3a";
const alike = "0190a0a0-0001-7000-8000-0000aacb7f3a";

test("show tells what an id is of, whole or by its end", async () => {
  await using on = await machine("mini");
  await on.calls.activate(session());
  await on.calls.ask({ ...ask, thread_id: thread });
  await on.calls.ask({ ...ask, thread_id: thread });
  for (const id of [thread, "7f3a", "7F3A", "aabb7f3a", "8000-0000AABB7f3a"]) {
    const shown = await on.calls.show({ id });
    expect(shown).toMatchObject({ kind: "thread", id: thread, short: "7f3a" });
    expect(shown.records).toHaveLength(2);
  }
  const [trail] = (await on.calls.audit({ all: true, limit: 1_000 })).records;
  const begun = await on.calls.show({ id: trail?.subject_id ?? "" });
  expect(begun).toMatchObject({ kind: "trail", records: [{ seq: 1 }] });
  const asked = (await on.calls.show({ id: thread })).records[0]?.subject_id ?? "";
  expect(await on.calls.show({ id: asked })).toMatchObject({ kind: "ask", id: asked });
});

test("show refuses an end that several ids have, and one that none has", async () => {
  await using on = await machine("mini");
  await on.calls.activate(session());
  for (const thread_id of [thread, alike]) await on.calls.ask({ ...ask, thread_id });
  const several = await refusalOf(on.calls.show({ id: "7f3a" }));
  expect(several.body).toMatchObject({
    code: "id_several",
    message: "several ids end so",
    hint: "type more of it: bb7f3a (thread), cb7f3a (thread)",
  });
  expect(await on.calls.show({ id: "bb7f3a" })).toMatchObject({ id: thread, short: "bb7f3a" });
  expect((await refusalOf(on.calls.show({ id: "0001ffff" }))).code).toBe("id_unknown");
  for (const id of ["7f3", "", "7f3g", "'; DROP", "_7f3a"]) {
    expect((await refusalOf(on.calls.show({ id }))).code).toBe("bad_request");
  }
});
