/** Certificates that could not be dialled later: either side refuses them at pairing. */

import { describe, expect, test } from "bun:test";
import { peerClient } from "../../../src/peer/client.ts";
import { whyNotDialable } from "../../../src/peer/dialable.ts";
import { timers } from "../../../src/platform/clock/timers.ts";
import { sha256 } from "../../../src/platform/real.ts";
import { machine, opened } from "../../support/daemon.ts";
import { reasons, undialable } from "../attack/certificates.ts";
import { connectTo, newIdentity } from "../attack/connection.ts";
import { anyShare, responderOf } from "../attack/pairing.ts";
import { refusalOf } from "../attack/refusal.ts";
import { liar, replyOf } from "../attack/server.ts";

describe("whyNotDialable()", () => {
  for (const reason of [...reasons, null]) {
    test(`whyNotDialable() is ${reason} exactly when a pinned call says so`, async () => {
      const identity = reason === null ? newIdentity() : undialable(reason);
      const { certificate, fingerprint } = identity;
      expect(whyNotDialable(certificate, Date.now())).toBe(reason);
      await using server = await liar(identity, ({ socket }) =>
        socket.write(replyOf({ open: true })),
      );
      const peer = { name: "mallory", fingerprint, certificate };
      const client = peerClient({ identity: newIdentity(), peer, timers, sha256 });
      const way = { host: "127.0.0.1", port: server.port };
      const called = await client.call("window", {}, { way, token: "", deadlineMs: 5_000 }).then(
        () => true,
        () => false,
      );
      client.close();
      expect(called).toBe(reason === null);
    });
  }

  test("whyNotDialable() is null from the first to the last instant of a certificate", () => {
    const { certificate } = undialable("expired");
    const [first, last] = [Date.UTC(1971, 0, 1), Date.UTC(1972, 0, 1)];
    expect(
      [first - 1, first, last, last + 1_000].map((at) => whyNotDialable(certificate, at)),
    ).toEqual(["not_yet_valid", null, null, "expired"]);
  });
});

for (const reason of reasons) {
  test(`a machine that types a code is refused when its certificate is ${reason}`, async () => {
    await using on = await machine("on");
    const window = await opened(on);
    using connection = await connectTo(on.address, { identity: undialable(reason) });
    const reply = await connection.post("pair/share", anyShare);
    expect(reply?.status).toBe(403);
    expect(JSON.parse(reply?.body ?? "").error).toEqual({
      code: "certificate_unusable",
      message: "the other machine's certificate could not be dialled",
      hint: "give that machine a certificate as docs/protocol.md describes it",
      details: { reason },
    });
    const { window: left } = await on.calls.status({});
    expect(left).toMatchObject({ open: true, attempts_left: 3 });
    expect((await on.calls.peers({})).peers).toEqual([]);
    window.close();
  });

  test(`a machine that shows a code is refused when its certificate is ${reason}`, async () => {
    await using types = await machine("types");
    const identity = undialable(reason);
    await using fake = await liar(identity, ({ socket }) => socket.write(replyOf(responderOf())));
    const { fingerprint } = identity;
    const input = { code: "918273", to: fake.address, fingerprint, grant: ["ask" as const] };
    const error = await refusalOf(types.calls.pair(input));
    expect(error.body).toMatchObject({ code: "certificate_unusable", details: { reason } });
    expect(fake.seen.lines).toEqual([]);
    expect((await types.calls.peers({})).peers).toEqual([]);
  });
}
