/** The answers for a peer that may not ask, and the facts that it cannot distinguish. */

import { describe, expect, test } from "bun:test";
import { bodyBytesMax, handlesMax } from "../../../src/contract/limits.ts";
import { HelloOutput } from "../../../src/contract/peer.ts";
import { type Machine, machine, session } from "../../support/daemon.ts";
import { enrol, type HandPeer } from "../attack/pairing.ts";

const ask = (handle: string) => ({
  ask_id: Bun.randomUUIDv7(),
  thread_id: Bun.randomUUIDv7(),
  handle,
  question: "why",
});

const hello = { version: "1", protocols: [1], scopes: [], checkpoint: null, witness: null };

/** The bytes of replies to a peer but for their date, in one order on one kept connection. */
async function bytesTo(
  peer: HandPeer,
  asked: readonly (readonly [path: string, body: unknown])[],
): Promise<string[]> {
  using connection = await peer.connect();
  const bytes: string[] = [];
  for (const [path, body] of asked) {
    const reply = await connection.post(path, body, { token: peer.token });
    bytes.push(`${reply?.head.replace(/^date: .*$/im, "date:")}\r\n\r\n${reply?.body}`);
  }
  return bytes;
}

async function withHandles(on: Machine, names: readonly string[]): Promise<void> {
  for (const [at, name] of names.entries()) {
    await on.calls.activate(session({ name, session_id: `session-${at}` }));
  }
}

describe("P16: What a peer may not see is answered like what does not exist.", () => {
  test("an ask for a live handle, a missing one and a released one, byte by byte", async () => {
    await using on = await machine("on");
    await withHandles(on, ["hydrate", "released"]);
    await on.calls.deactivate({ name: "released" });
    const peer = await enrol(on, { grant: [] });
    const asks = ["hydrate", "missing", "released", "hydrate"].map(
      (name) => ["ask", ask(name)] as const,
    );
    const bytes = await bytesTo(peer, asks);
    expect([...new Set(bytes)]).toHaveLength(1);
    expect(bytes[0]).toContain('"code":"scope_denied"');
    expect(bytes[0]).not.toContain("hydrate");
    const { records } = await on.calls.audit({ verb: "ask" });
    // The others are counted, and recorded when the hour is over.
    expect(records.map(({ outcome }) => outcome)).toEqual(["scope_denied"]);
    expect(records.every((record) => record.content_sha256 === null)).toBe(true);
  });

  test("a hello with sessions and without any, byte by byte", async () => {
    await using on = await machine("on");
    const peer = await enrol(on, { grant: [] });
    const [before] = await bytesTo(peer, [["hello", hello]]);
    await withHandles(on, ["hydrate", "other"]);
    const [after] = await bytesTo(peer, [["hello", hello]]);
    expect(after).toBe(before ?? "");
    expect(after).toContain('"handles":null');
  });

  test("the same once a grant was withdrawn", async () => {
    await using on = await machine("on");
    await withHandles(on, ["hydrate"]);
    const peer = await enrol(on, { name: "mallory" });
    const [answered] = await bytesTo(peer, [["ask", ask("hydrate")]]);
    expect(answered).toContain('"project":"hydrate"');
    await on.calls["peers/revoke"]({ name: "mallory", scopes: null });
    const bytes = await bytesTo(peer, [
      ["ask", ask("hydrate")],
      ["ask", ask("missing")],
    ]);
    expect([...new Set(bytes)]).toHaveLength(1);
  });
});

test("hello lists the live handles to a peer that may ask, and no more of them", async () => {
  await using on = await machine("on");
  await withHandles(on, ["beta", "alpha"]);
  const peer = await enrol(on);
  using connection = await peer.connect();
  const reply = await connection.post("hello", hello, { token: peer.token });
  const { handles } = HelloOutput.parse(JSON.parse(reply?.body ?? ""));
  expect(handles).toMatchObject([
    { name: "alpha", project: "hydrate", state: null, state_for_ms: null },
    { name: "beta", project: "hydrate", state: null, state_for_ms: null },
  ]);
  const fields = [
    ...["branch", "dirty", "expires_in_ms", "harness", "name", "project", "sha", "state"],
    ...["state_for_ms", "summary"],
  ];
  for (const handle of JSON.parse(reply?.body ?? "").handles) {
    expect(Object.keys(handle).sort()).toEqual(fields);
  }
});

test("hello fits its bound with every handle there may be", async () => {
  await using on = await machine("on");
  const names = Array.from({ length: handlesMax }, (_, at) => `${"n".repeat(27)}-${at}`.slice(-31));
  await Promise.all(
    names.map((name, at) =>
      on.calls.activate(
        session({ name, session_id: `session-${at}`, project: "\u{1f4a7}".repeat(16) }),
      ),
    ),
  );
  const peer = await enrol(on);
  using connection = await peer.connect();
  const reply = await connection.post("hello", hello, { token: peer.token });
  expect(reply?.status).toBe(200);
  expect(Buffer.byteLength(reply?.body ?? "")).toBeLessThanOrEqual(bodyBytesMax);
  expect(HelloOutput.parse(JSON.parse(reply?.body ?? "")).handles?.length).toBeGreaterThan(200);
});
