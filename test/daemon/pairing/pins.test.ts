/** Machines that answer at a peer's address without its key, and what they get to read. */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { fingerprintOf } from "../../../src/peer/certificate.ts";
import type { Identity } from "../../../src/peer/identity.ts";
import { sha256 } from "../../../src/platform/real.ts";
import { type Machine, machine, opened, session } from "../../support/daemon.ts";
import { temporaryFolder } from "../../support/repository.ts";
import { hasProgram, skipUnless } from "../../support/skip.ts";
import { until } from "../../support/until.ts";
import { newIdentity } from "../attack/connection.ts";
import { enrol } from "../attack/pairing.ts";
import { refusalOf } from "../attack/refusal.ts";
import { type FakeServer, liar, replyOf, tcpServer } from "../attack/server.ts";

/** An address at which now this machine answers, now that one. */
interface Switchboard extends FakeServer {
  /** Ends what is open; from now on `address:port` answers. */
  turnTo(address: string): void;
}

async function switchboard(first: string): Promise<Switchboard> {
  let to = first;
  const open = new Set<{ destroy(): void }>();
  const server = await tcpServer((near) => {
    const far = connect(Number(to.slice(to.lastIndexOf(":") + 1)), "127.0.0.1");
    near.pipe(far).pipe(near);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(socket);
      socket.on("error", () => socket.destroy());
      socket.once("close", () => {
        open.delete(socket);
        other.destroy();
      });
    }
  });
  const turnTo = (address: string): void => {
    to = address;
    for (const socket of open) socket.destroy();
  };
  return { ...server, turnTo };
}

test("pair sends no byte to a machine whose key is not the one that was compared", async () => {
  await using here = await machine("here");
  await using other = await liar(newIdentity(), ({ socket }) => socket.destroy());
  const { fingerprint } = newIdentity();
  const { body } = await refusalOf(
    here.calls.pair({ code: "123456", to: other.address, fingerprint, grant: ["ask"] }),
  );
  expect(body.code).toBe("fingerprint_mismatch");
  await until("the other end has seen it off", () => other.open() === 0);
  expect(other.seen.bytes).toBe(0);
});

let shows: Machine;
let types: Machine;
let board: Switchboard;

beforeAll(async () => {
  shows = await machine("shows");
  types = await machine("types");
  board = await switchboard(shows.address);
  await shows.calls.activate(session());
  const window = await opened(shows);
  const { fingerprint } = shows.daemon;
  const to = board.address;
  await types.calls.pair({ code: window.code, to, fingerprint, grant: ["ask"] });
  await window.ended;
});
// Each hello tells where the other really is: forgotten before each test, it knows the board alone.
beforeEach(async () => {
  board.turnTo(shows.address);
  types = await types.restart();
});
afterAll(async () => {
  for (const each of [shows, types, board]) await each[Symbol.asyncDispose]();
});

const ask = (handle = "shows/hydrate") =>
  types.calls.ask({ handle, question: "the question", thread_id: null });

const mismatch = {
  code: "fingerprint_mismatch",
  message: "another machine answers at shows's address",
  hint: "peernet peers show shows",
} as const;

/** The certificate that anyone may have, having connected once. */
async function certificateOf(on: Machine): Promise<string> {
  const pem = await Bun.file(join(on.home, "keys/identity.pem")).text();
  return pem.slice(pem.indexOf("-----BEGIN CERT"), pem.lastIndexOf("-----BEGIN PRIV"));
}

const openssl = skipUnless(hasProgram("openssl"), "openssl is not installed");

/** Runs openssl in a folder, with words that hold no spaces. @throws when it fails */
function runOpenssl(folder: string, words: string): void {
  const { exitCode, stderr } = Bun.spawnSync(["openssl", ...words.split(" ")], { cwd: folder });
  if (exitCode !== 0) throw new Error(`openssl: ${stderr}`);
}

const ecKey = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";

/** Makes an identity that may sign certificates, as no machine of ours does. */
function authorityIn(folder: string): Identity {
  const authority = "-addext basicConstraints=critical,CA:TRUE";
  const out = "-keyout ca.key -out ca.pem -subj /CN=peernet -days 3650";
  runOpenssl(folder, `req -x509 ${ecKey} ${out} ${authority}`);
  const [certificate, key] = ["ca.pem", "ca.key"].map((name) =>
    readFileSync(join(folder, name), "utf8"),
  );
  if (certificate === undefined || key === undefined) throw new Error("openssl wrote nothing");
  const { raw } = new X509Certificate(certificate);
  return { ...newIdentity(), fingerprint: fingerprintOf(raw, sha256), certificate, key };
}

/** Has that identity sign the certificate of another key; returns it. */
function mintedBy(folder: string): string {
  runOpenssl(folder, `req ${ecKey} -keyout leaf.key -out leaf.csr -subj /CN=delegate`);
  const by = "-CA ca.pem -CAkey ca.key -CAcreateserial";
  runOpenssl(folder, `x509 -req -in leaf.csr ${by} -out leaf.pem -days 3650`);
  return readFileSync(join(folder, "leaf.pem"), "utf8");
}

describe("P12: No byte of a request reaches a machine that has not proven the pinned key.", () => {
  test("an impostor with a key of its own, on a fresh connection and a kept one", async () => {
    await using impostor = await liar(newIdentity(), ({ socket }) => socket.write(replyOf({})));
    expect(await ask()).toMatchObject({ status: "ok" });
    board.turnTo(impostor.address);
    expect((await refusalOf(ask())).body).toEqual(mismatch);
    await types.calls.ask({ handle: null, question: null, thread_id: null });
    expect(impostor.seen).toMatchObject({ bytes: 0, lines: [] });
    board.turnTo(shows.address);
    expect(await ask()).toMatchObject({ status: "ok" });
  });

  test("an impostor that shows the peer's certificate behind its own", async () => {
    const { certificate, key } = newIdentity();
    const chain = `${certificate}${await certificateOf(shows)}`;
    await using impostor = await liar({ ...newIdentity(), certificate: chain, key }, () => {});
    board.turnTo(impostor.address);
    expect((await refusalOf(ask())).body).toEqual(mismatch);
    expect(impostor.seen.bytes).toBe(0);
  });

  test("a machine that speaks no TLS", async () => {
    let text = "";
    await using plain = await tcpServer((socket) => {
      socket.on("data", (chunk: Buffer) => {
        text += chunk.toString("latin1");
        socket.end(replyOf({}));
      });
    });
    board.turnTo(plain.address);
    expect((await refusalOf(ask())).code).toBe("peer_unreachable");
    expect(text.length).toBeGreaterThan(0);
    expect(text).not.toMatch(/POST|Bearer|eyJ|question/);
  });

  test("an impostor, while the environment says to trust it, and through no proxy", async () => {
    await using impostor = await liar(newIdentity(), ({ socket }) => socket.write(replyOf({})));
    let proxied = 0;
    await using proxy = await tcpServer((socket) => {
      proxied += 1;
      socket.destroy();
    });
    const asks = await machine("types");
    await using _home = {
      [Symbol.asyncDispose]: async () => rmSync(asks.home, { recursive: true }),
    };
    const window = await opened(shows);
    const { fingerprint } = shows.daemon;
    const to = board.address;
    board.turnTo(shows.address);
    await asks.calls.pair({ code: window.code, to, fingerprint, grant: ["ask"] });
    await asks.daemon.stop();
    const environment = Object.fromEntries(
      ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "https_proxy", "http_proxy", "all_proxy"].map(
        (name) => [name, `http://${proxy.address}`],
      ),
    );
    const child = async (): Promise<string> => {
      const asker = join(import.meta.dir, "../attack/asker.ts");
      const { stdout, exited } = Bun.spawn([process.execPath, asker, asks.home, "shows/hydrate"], {
        env: { ...environment, NO_PROXY: "", NODE_TLS_REJECT_UNAUTHORIZED: "0" },
        stderr: "ignore",
      });
      const printed = await new Response(stdout).text();
      await exited;
      return printed.trim();
    };
    // The peer itself is reached: neither the proxies nor the fear of them is in the way.
    expect(await child()).toBe("ok");
    board.turnTo(impostor.address);
    expect(await child()).toBe("fingerprint_mismatch");
    expect([impostor.seen.bytes, proxied]).toEqual([0, 0]);
  }, 30_000);

  openssl("a machine whose certificate the pinned key has signed", async () => {
    using folder = temporaryFolder();
    const authority = authorityIn(folder.path);
    const leaf = `${mintedBy(folder.path)}${authority.certificate}`;
    const key = await Bun.file(join(folder.path, "leaf.key")).text();
    const delegate = { ...authority, certificate: leaf, key };
    await using impostor = await liar(delegate, ({ socket }) => socket.write(replyOf({})));
    await enrol(types, { name: "mallory", identity: authority, port: impostor.port });
    expect((await refusalOf(ask("mallory/work"))).code).toBe("fingerprint_mismatch");
    expect(impostor.seen.bytes).toBe(0);
    await types.calls.unpair({ name: "mallory" });
  });

  test("a machine to which the peer itself redirects", async () => {
    let followed = 0;
    await using elsewhere = await tcpServer((socket) => {
      followed += 1;
      socket.destroy();
    });
    const identity = newIdentity();
    const headers = `location: https://${elsewhere.address}/v1/ask\r\n`;
    const statuses = ["301 Moved", "302 Found", "303 Other", "307 Temporary", "308 Permanent"];
    for (const status of statuses) {
      await using peer = await liar(identity, ({ socket }) =>
        socket.write(replyOf({}, status, headers)),
      );
      await enrol(types, { name: "bouncer", identity, port: peer.port });
      expect((await refusalOf(ask("bouncer/work"))).code).toBe("peer_unreachable");
      await until("it was asked", () => peer.seen.lines.includes("POST /v1/ask"));
      await types.calls.unpair({ name: "bouncer" });
    }
    expect(followed).toBe(0);
  });
});
