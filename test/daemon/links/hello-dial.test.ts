/** A hello whose connection is held up, while the grant of its peer changes. */

import { expect, test } from "bun:test";
import { until } from "../../support/until.ts";
import { waiter } from "../outbox/waiter.ts";

const name = "mallory";

test("a hello that waits for its connection tells no handle after its grant ended", async () => {
  await using of = await waiter();
  await until("a hello told the handle", () => (of.hellos.at(-1)?.handles ?? []).length > 0);
  of.path.hold();
  const before = of.hellos.length;
  // A changed grant is told by a hello at once.
  const entries = [{ scope: "ask" as const, names: ["hydrate", "other"] }];
  await of.on.calls["peers/grant"]({ name, entries });
  await until("its connection is held up", () => of.path.held() > 0);
  await of.on.calls["peers/revoke"]({ name, scopes: null });
  of.path.release();
  await until("a hello came", () => of.hellos.length > before);
  expect(of.hellos.slice(before).map(({ handles }) => handles)).not.toContainEqual(
    expect.arrayContaining([expect.anything()]),
  );
  expect(of.hellos[before]).toMatchObject({ handles: null, scopes: [] });
});
