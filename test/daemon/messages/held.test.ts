/** Messages that wait for a person because of the tailnet alone. */

import { expect, test } from "bun:test";
import { bob, int64, json, status, whois } from "../../discovery/shapes.ts";
import { ok, standIn } from "../../discovery/tailscaled.ts";
import { until } from "../../support/until.ts";
import { mailOf, sent, two } from "./exchange.ts";

test("the node of another person is held for, whatever the grant says", async () => {
  using tailscaled = await standIn();
  // Userspace networking: whatever comes over the tailnet comes from loopback.
  tailscaled.status = ok(json(status([], { TUN: false })));
  tailscaled.whois = ok(json(whois()));
  const mini = { tailscaledSockets: [tailscaled.socketPath] };
  await using both = await two({ hold: false }, { mini });
  expect((await sent(both.laptop, "mini/hydrate", { text: "ada's" })).stage).toBe("stored");
  // The same machine, by its key and its grant, is on a node of bob's now.
  tailscaled.whois = ok(json(whois({ User: int64(bob), StableID: "nBob" }, "bob@example.com")));
  const laptop = await both.laptop.restart();
  try {
    const { message_id } = await sent(laptop, "mini/hydrate", { text: "bob's" });
    await until("it is held", async () => {
      const { stages } = await laptop.calls.receipts({ id: message_id });
      return stages.at(-1)?.stage === "held";
    });
    // No model reads a person's mailbox: there is nothing to hold.
    expect((await sent(laptop, "mini", { text: "to the person" })).stage).toBe("stored");
    const stages = (await mailOf(both.mini)).map(({ excerpt, stage }) => `${excerpt}: ${stage}`);
    expect(stages.sort()).toEqual(["ada's: stored", "bob's: held", "to the person: stored"]);
  } finally {
    await laptop.daemon.stop();
  }
});
