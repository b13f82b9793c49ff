/** A crowd of paired machines that are no daemons: each has a key, answers hellos and says them. */

import { createServer, type TLSSocket } from "node:tls";
import { helloMs, tokenLifeMs } from "../../src/contract/limits.ts";
import type { HelloOutput } from "../../src/contract/peer.ts";
import { hex } from "../../src/contract/text/encoding.ts";
import { newPeer } from "../../src/daemon/peers/grants.ts";
import { type Identity, loadOrCreate } from "../../src/peer/identity.ts";
import { mint } from "../../src/peer/token.ts";
import { stateFiles } from "../../src/platform/files.ts";
import { random, sha256 } from "../../src/platform/real.ts";
import type { Store } from "../../src/store/database.ts";
import { hello } from "../daemon/attack/asking.ts";
import { connectTo, newIdentity, type RawConnection } from "../daemon/attack/connection.ts";
import { someToken } from "../daemon/attack/pairing.ts";
import { holding } from "../support/grants.ts";

/** A crowd of peers of one machine. */
export interface Crowd extends AsyncDisposable {
  /** From now on each says hello to the machine, as often as a daemon does. */
  greet(address: string): void;
  /** The number of the machine's hellos to its peers, and of theirs that it answered. */
  hellos(): { readonly said: number; readonly heard: number };
}

interface Member {
  readonly identity: Identity;
  readonly token: string;
  readonly port: number;
  readonly close: () => void;
}

const helloOutput: HelloOutput = {
  ...hello,
  protocols: [...hello.protocols],
  features: [],
  scopes: ["ask"],
  dialled: true,
  handles: [],
};
const helloReply = JSON.stringify(helloOutput);
const reply =
  `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n` +
  `content-length: ${Buffer.byteLength(helloReply)}\r\n\r\n${helloReply}`;

/** Answers every whole request with a hello. */
function serveHellos(socket: TLSSocket, answered: () => void): void {
  let text = "";
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk: Buffer) => {
    text += chunk.toString("latin1");
    for (;;) {
      const end = text.indexOf("\r\n\r\n");
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
      if (end < 0 || text.length < end + 4 + length) return;
      text = text.slice(end + 4 + length);
      answered();
      socket.write(reply);
    }
  });
}

function listen(identity: Identity, answered: () => void) {
  const tls = { cert: identity.certificate, key: identity.key, requestCert: true };
  const server = createServer({ ...tls, rejectUnauthorized: false, minVersion: "TLSv1.3" });
  server.on("secureConnection", (socket) => serveHellos(socket, answered));
  server.on("tlsClientError", () => {});
  return new Promise<{ port: number; close: () => void }>((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" ? (address?.port ?? 0) : 0;
      resolve({ port, close: () => server.close() });
    });
  });
}

/** Makes so many peers, and their rows in the store of a machine's home. */
export async function crowdOf(
  count: number,
  { folder, store }: { readonly folder: string; readonly store: Store },
): Promise<Crowd> {
  const own = loadOrCreate({ files: stateFiles(folder), random, sha256 });
  const members: Member[] = [];
  const hellos = { said: 0, heard: 0 };
  const answered = (): void => {
    hellos.said += 1;
  };
  for (let number = 0; number < count; number += 1) {
    const identity = newIdentity();
    const served = await listen(identity, answered);
    members.push({
      identity,
      ...served,
      token: await enrolled(own, store, { identity, number, ...served }),
    });
  }
  const open: RawConnection[] = [];
  const timers: Timer[] = [];
  const greet = async (member: Member, address: string): Promise<void> => {
    const { identity, token, port } = member;
    const connection = await connectTo(address, { identity }).catch(() => null);
    if (connection === null) return;
    open.push(connection);
    const say = async (): Promise<void> => {
      const reply = await connection.post("hello", { ...hello, port }, { token });
      if (reply?.status === 200) hellos.heard += 1;
    };
    await say();
    timers.push(setInterval(() => void say(), helloMs));
  };
  return {
    greet: (address) => {
      for (const [at, member] of members.entries()) {
        timers.push(setTimeout(() => void greet(member, address), (at * helloMs) / count));
      }
    },
    hellos: () => ({ ...hellos }),
    [Symbol.asyncDispose]: async () => {
      for (const timer of timers) clearTimeout(timer);
      for (const connection of open) connection[Symbol.dispose]();
      for (const member of members) member.close();
    },
  };
}

interface Enrolling {
  readonly identity: Identity;
  readonly number: number;
  readonly port: number;
}

/** Writes a peer's rows; returns the token that the machine minted for it. */
async function enrolled(own: Identity, store: Store, member: Enrolling): Promise<string> {
  const { fingerprint, certificate, signing } = member.identity;
  const jti = random.uuid();
  const issuedAtMs = Math.floor(Date.now() / 1_000) * 1_000;
  const token = await mint(own, { peer: fingerprint, jti, issuedAtMs });
  const known = { acknowledged: true, exchanged: true, refused: false };
  const granted = { grants: holding("ask"), their_scopes: ["ask" as const] };
  await store.transact(({ peers }) => {
    peers.put({
      ...{ ...newPeer, ...known, ...granted, fingerprint, certificate },
      ...{ name: `peer-${member.number}`, host: "127.0.0.1", port: member.port },
      ...{ token_key: signing.publicKey, bearer: someToken, bearer_at_ms: issuedAtMs },
      paired_at_ms: issuedAtMs,
    });
    peers.putToken({
      ...{ jti, fingerprint, issued_at_ms: issuedAtMs, used: true },
      sha256: hex(sha256(new TextEncoder().encode(token))),
      expires_at_ms: issuedAtMs + tokenLifeMs,
    });
    return { value: undefined };
  });
  return token;
}
