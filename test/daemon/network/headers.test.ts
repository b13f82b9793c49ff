/** Headers of a request that decide: the scheme of its token, the encoding of its body. */

import { expect, test } from "bun:test";
import { machine, session } from "../../support/daemon.ts";
import { askFor } from "../attack/asking.ts";
import { codeOf } from "../attack/connection.ts";
import { enrol } from "../attack/pairing.ts";

const json = "content-type: application/json\r\n";

test("authorization takes the scheme's name in any case, and no other scheme", async () => {
  await using on = await machine("on");
  await on.calls.activate(session());
  const peer = await enrol(on);
  const statusOf = async (authorization: string): Promise<number | undefined> => {
    using connection = await peer.connect();
    const headers = `${json}authorization: ${authorization}\r\n`;
    return (await connection.post("ask", askFor(), { headers }))?.status;
  };
  for (const scheme of ["Bearer", "bearer", "BEARER", "bEaReR", "Bearer "]) {
    expect([scheme, await statusOf(`${scheme} ${peer.token}`)]).toEqual([scheme, 200]);
  }
  for (const credential of [`Basic ${peer.token}`, peer.token, `xbearer ${peer.token}`, "bearer"]) {
    expect(await statusOf(credential)).toBe(401);
  }
});

test("a request whose body is encoded is refused, also where it would fit", async () => {
  await using on = await machine("on");
  await on.calls.activate(session());
  const peer = await enrol(on);
  const codeFor = async (encoding: string): Promise<string | null> => {
    using connection = await peer.connect();
    const headers = `${json}content-encoding: ${encoding}\r\n`;
    return codeOf(await connection.post("ask", askFor(), { token: peer.token, headers }));
  };
  for (const encoding of ["gzip", "GZIP", "br", "identity, gzip"]) {
    expect(await codeFor(encoding)).toBe("unsupported_media");
  }
  expect(await codeFor("identity")).toBeNull();
});

test("pair/confirm without an exchange is refused, and spends no attempt", async () => {
  await using on = await machine("on");
  const peer = await enrol(on);
  const leaving = new AbortController();
  const window = on.calls["pair/open"]({ grant: [], from: null }, { signal: leaving.signal });
  await window[Symbol.asyncIterator]().next();
  using connection = await peer.connect();
  const reply = await connection.post("pair/confirm", { tag: "A".repeat(86) });
  expect([reply?.status, JSON.parse(reply?.body ?? "").error]).toEqual([
    429,
    {
      code: "rate_limited",
      message: "this connection has no exchange: it sent no share, waited too long, or made place",
      hint: "send a share on a new connection",
    },
  ]);
  expect((await on.calls.status({})).window).toMatchObject({ open: true, attempts_left: 3 });
  leaving.abort();
});
