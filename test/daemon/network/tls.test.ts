/** The protocol of the listener and the dialler: TLS 1.3 from its beginning, and nothing older. */

import { describe, expect, test } from "bun:test";
import { connect } from "node:net";
import { connect as connectTls } from "node:tls";
import { machine } from "../../support/daemon.ts";
import { temporaryFolder } from "../../support/repository.ts";
import { hasProgram, skipUnless } from "../../support/skip.ts";
import { until } from "../../support/until.ts";
import { codeOf, connectTo, newIdentity, requestOf } from "../attack/connection.ts";
import { anyShare, enrol } from "../attack/pairing.ts";
import { refusalOf } from "../attack/refusal.ts";
import { liar, replyOf } from "../attack/server.ts";

const openssl = skipUnless(hasProgram("openssl"), "openssl is not installed");

/** Asks over `openssl s_client`; what it said in all. */
async function client(address: string, ...options: readonly string[]): Promise<string> {
  const command = ["openssl", "s_client", "-connect", address, "-ign_eof", ...options];
  const child = Bun.spawn(command, { stdin: "pipe", stdout: "pipe", stderr: "pipe" });
  const errors = new Response(child.stderr).text();
  let printed = "";
  const reading = (async () => {
    for await (const chunk of child.stdout) printed += new TextDecoder().decode(chunk);
  })();
  child.stdin.write(requestOf("window", "{}"));
  child.stdin.flush();
  await until("it was answered", () => printed.includes('{"open":') || child.exitCode !== null);
  child.kill("SIGINT");
  await Promise.all([reading, child.exited]);
  return `${printed}${await errors}`;
}

/** The TLS version a client ends up with, or why there is none. */
function versionBy(address: string, maxVersion: "TLSv1.2" | "TLSv1.3"): Promise<string> {
  const port = Number(address.slice(address.lastIndexOf(":") + 1));
  return new Promise((resolve) => {
    const options = { host: "127.0.0.1", port, rejectUnauthorized: false, maxVersion } as const;
    const socket = connectTls({ minVersion: "TLSv1.2", ...options });
    socket.once("secureConnect", () => {
      resolve(socket.getProtocol() ?? "none");
      socket.destroy();
    });
    socket.on("error", () => resolve("refused"));
    socket.once("close", () => resolve("refused"));
  });
}

describe("P13: Only TLS 1.3 is spoken, and no session is resumed.", () => {
  openssl("TLS 1.2 is refused, 1.3 is not", async () => {
    await using shows = await machine("shows");
    const older = await client(shows.address, "-tls1_2");
    expect(older).toMatch(/alert protocol version|alert number 70/);
    expect(older).not.toContain('{"open":');
    const newer = await client(shows.address, "-tls1_3");
    expect(newer).toContain("New, TLSv1.3");
    expect(newer).toContain('{"open":false}');
    expect(await versionBy(shows.address, "TLSv1.2")).toBe("refused");
    expect(await versionBy(shows.address, "TLSv1.3")).toBe("TLSv1.3");
  });

  openssl("no ticket is given, so there is nothing to resume", async () => {
    await using shows = await machine("shows");
    using folder = temporaryFolder();
    // Where tickets are given, this very way of asking gets and uses one.
    await using giving = await liar(newIdentity(), ({ socket }) =>
      socket.write(replyOf({ open: false })),
    );
    for (const [address, expected] of [
      [giving.address, "Reused, TLSv1.3"],
      [shows.address, "New, TLSv1.3"],
    ] as const) {
      const file = folder.write(`session-${expected.slice(0, 3)}`, "");
      await client(address, "-tls1_3", "-sess_out", file);
      const isGiven = (await Bun.file(file).text()).includes("SSL SESSION");
      expect([expected, isGiven]).toEqual([expected, expected.startsWith("Reused")]);
      const resuming = isGiven ? ["-sess_in", file] : [];
      expect(await client(address, "-tls1_3", ...resuming)).toContain(expected);
    }
  });

  test("plain HTTP gets no reply", async () => {
    await using shows = await machine("shows");
    const port = Number(shows.address.slice(shows.address.lastIndexOf(":") + 1));
    const socket = connect(port, "127.0.0.1");
    let received = "";
    socket.on("data", (chunk: Buffer) => {
      received += chunk.toString("latin1");
    });
    const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
    socket.write(requestOf("window", "{}"));
    await closed;
    expect(received).not.toMatch(/HTTP|open/);
  });

  test("a peer that speaks TLS 1.2 alone is not asked, though it has the pinned key", async () => {
    await using asks = await machine("asks");
    const identity = newIdentity();
    const older = { minVersion: "TLSv1.2", maxVersion: "TLSv1.2" } as const;
    await using peer = await liar(identity, ({ socket }) => socket.write(replyOf({})), older);
    await enrol(asks, { name: "mallory", identity, port: peer.port });
    const asked = { handle: "mallory/work", question: null, thread_id: null };
    expect((await refusalOf(asks.calls.ask(asked))).code).toBe("peer_unreachable");
    expect(peer.seen.bytes).toBe(0);
  });

  test("a window behind TLS 1.2 is not probed", async () => {
    await using types = await machine("types");
    const older = { minVersion: "TLSv1.2", maxVersion: "TLSv1.2" } as const;
    await using fake = await liar(newIdentity(), () => {}, older);
    const error = await refusalOf(types.calls["pair/probe"]({ to: fake.address }));
    expect(error.code).toBe("peer_unreachable");
    expect(fake.seen.bytes).toBe(0);
  });
});

test("the listener asks for a certificate whether or not a name was sent to it", async () => {
  await using shows = await machine("shows");
  const identity = newIdentity();
  for (const servername of ["", "peernet.invalid"]) {
    using known = await connectTo(shows.address, { identity, servername });
    // Without a window; a caller without a certificate does not even get that far.
    expect(codeOf(await known.post("pair/share", anyShare))).toBe("window_closed");
    using unknown = await connectTo(shows.address, { servername });
    expect(codeOf(await unknown.post("pair/share", anyShare))).toBe("unauthenticated");
  }
});
