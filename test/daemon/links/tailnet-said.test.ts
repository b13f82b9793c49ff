/** The tailnet's word on a machine that is down, in every place that speaks of the machine. */

import { expect, test } from "bun:test";
import { standingText } from "../../../src/contract/text/standing.ts";
import { json, peer as node, status } from "../../discovery/shapes.ts";
import { ok, standIn } from "../../discovery/tailscaled.ts";
import { machine, pair } from "../../support/daemon.ts";

for (const online of [false, true]) {
  test(`peers shows a silent machine as the tailnet does: online ${online}`, async () => {
    using tailscaled = await standIn();
    const there = node({ TailscaleIPs: ["127.0.0.1"], Online: online });
    tailscaled.status = ok(json(status([there])));
    const sockets = { tailscaledSockets: [tailscaled.socketPath], searchesTailnet: true };
    await using laptop = await machine("laptop", sockets);
    const mini = await machine("mini");
    await pair(mini, laptop);
    await mini[Symbol.asyncDispose]();
    const asked = { handle: "mini/hydrate", question: null, thread_id: null, timeout_ms: 1_000 };
    const refused = await laptop.calls.ask(asked).catch((error: unknown) => error);
    const [shown] = (await laptop.calls.peers({})).peers;
    const said = `the tailnet says it is ${online ? "online" : "offline"}`;
    expect(shown?.tailnet?.online).toBe(online);
    expect(shown?.tailnet?.age_ms).toBeLessThan(60_000);
    expect(shown === undefined ? "" : standingText(shown)).toContain(said);
    expect(String(refused)).toContain(said);
  });
}
