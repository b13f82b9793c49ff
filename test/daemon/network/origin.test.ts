/** Callers who say that they are someone else, or somewhere else. */

import { describe, expect, test } from "bun:test";
import { refusalMinuteMs } from "../../../src/contract/limits.ts";
import { machine, opened, session } from "../../support/daemon.ts";
import { until } from "../../support/until.ts";
import { connectTo } from "../attack/connection.ts";
import { moved } from "../attack/moved.ts";
import { enrol } from "../attack/pairing.ts";

const lies = (of: { readonly address: string; readonly fingerprint: string }): string =>
  [
    "content-type: application/json",
    `x-forwarded-for: ${of.address}, ${of.address}`,
    `forwarded: for=${of.address};by=${of.address};host=${of.address}`,
    `x-real-ip: ${of.address}`,
    `x-client-ip: ${of.address}`,
    `true-client-ip: ${of.address}`,
    `cf-connecting-ip: ${of.address}`,
    `via: 1.1 ${of.address}`,
    `from: ${of.address}`,
    `origin: https://${of.address}`,
    `referer: https://${of.address}/`,
    `x-ssl-client-fingerprint: ${of.fingerprint}`,
    `x-client-cert: ${of.fingerprint}`,
    `x-peernet-peer: other`,
    `tailscale-user-login: ${of.fingerprint}`,
    "",
  ].join("\r\n");

describe("P15: No header says who is calling.", () => {
  test("an ask is recorded as the connection's, whatever its headers and body say", async () => {
    await using on = await machine("on");
    await on.calls.activate(session());
    const other = await enrol(on, { name: "other" });
    const peer = await enrol(on, { name: "mallory" });
    const lie = { address: "203.0.113.9", fingerprint: other.identity.fingerprint };
    using connection = await peer.connect("127.0.0.66");
    const body = {
      ask_id: Bun.randomUUIDv7(),
      thread_id: Bun.randomUUIDv7(),
      handle: "hydrate",
      question: null,
      from: "other",
      peer: "other",
      peer_fingerprint: lie.fingerprint,
      origin: { address: lie.address, transport: "tailnet" },
      origin_address: lie.address,
    };
    const headers = lies(lie);
    const reply = await connection.post("ask", body, { token: peer.token, headers });
    expect(reply?.status).toBe(200);
    const { records } = await on.calls.audit({ verb: "ask" });
    expect(records).toHaveLength(1);
    expect(records[0]).toMatchObject({
      direction: "in",
      peer_fingerprint: peer.identity.fingerprint,
      peer_name: "mallory",
      origin_address: "127.0.0.66",
      origin_transport: "loopback",
      origin_node: null,
      origin_login: null,
    });
    expect(JSON.stringify(records)).not.toContain(lie.address);
  });

  test("a refusal is counted for the connection's address", async () => {
    const time = moved();
    await using on = await machine("on", time);
    using connection = await connectTo(on.address, { from: "127.0.0.67" });
    const headers = lies({ address: "203.0.113.9", fingerprint: on.daemon.fingerprint });
    expect((await connection.post("ask", {}, { headers }))?.status).toBe(401);
    time.pass(refusalMinuteMs);
    time.sweep();
    const refusals = () => on.calls.audit({ verb: "refused" });
    await until("it is recorded", async () => (await refusals()).records.length > 0);
    const { records } = await refusals();
    expect(records).toHaveLength(1);
    expect(records[0]).toMatchObject({ verb: "refused", origin_address: "127.0.0.67", count: 1 });
  });

  test("a window that is open to one address is not opened by its name in a header", async () => {
    await using on = await machine("on");
    const window = await opened(on, { from: "127.0.0.9" });
    const headers = lies({ address: "127.0.0.9", fingerprint: on.daemon.fingerprint });
    using connection = await connectTo(on.address, { from: "127.0.0.68" });
    expect((await connection.post("window", {}, { headers }))?.body).toBe('{"open":false}');
    window.close();
  });

  test("a Host header leads to no other route", async () => {
    await using on = await machine("on");
    for (const host of ["x", "x/v1/hello", "127.0.0.1:1", "[::1]", "evil.example?a=/v1/ask"]) {
      using connection = await connectTo(on.address);
      connection.write(
        `POST /v1/window HTTP/1.1\r\nhost: ${host}\r\n` +
          "content-type: application/json\r\ncontent-length: 2\r\n\r\n{}",
      );
      expect([host, (await connection.reply())?.body]).toEqual([host, '{"open":false}']);
    }
  });
});
