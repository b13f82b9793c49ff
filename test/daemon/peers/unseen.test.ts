/** Acts that no person was seen to do. */

import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { connect } from "../../../src/client.ts";
import { actOf, unseenBytesMax, unseenName } from "../../../src/contract/acts.ts";
import { timers } from "../../../src/platform/clock/timers.ts";
import { machine } from "../../support/daemon.ts";
import { enrol } from "../attack/pairing.ts";

test("noteAct() notes what no person attended, by any client, and not without end", async () => {
  await using on = await machine("mini");
  const noted = (): (string | undefined)[] => {
    const text = readFileSync(join(on.home, unseenName), "utf8");
    return text.split("\n").map((line) => actOf(line)?.verb);
  };
  await enrol(on);
  expect(noted()).toEqual(["pair", undefined]);
  const [peer] = (await on.calls.peers({})).peers;
  const name = peer?.name ?? "";
  const attended = connect(join(on.home, "control.sock"), {
    timers,
    attends: async () => true,
  }).calls;
  await attended["peers/revoke"]({ name, scopes: null });
  expect(noted()).toEqual(["pair", undefined]);
  // As whoever talks to the socket without our client does.
  const raw = await fetch("http://localhost/v1/peers/grant", {
    unix: join(on.home, "control.sock"),
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name, entries: [{ scope: "ask", names: null }] }),
  });
  expect([raw.status, noted()]).toEqual([200, ["pair", "grant", undefined]]);
  for (let count = 0; count < 200; count++) await on.calls["peers/revoke"]({ name, scopes: null });
  const text = readFileSync(join(on.home, unseenName), "utf8");
  expect(text.length).toBeGreaterThan(unseenBytesMax / 2);
  expect(text.length).toBeLessThan(unseenBytesMax + 1_024);
  await attended.unpair({ name });
  expect(noted()).not.toContain("unpair");
});
