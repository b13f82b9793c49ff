/** Many peers at once, some of whom leave early: nobody is taken for another. */

import { expect, test } from "bun:test";
import { type Machine, machine, session } from "../../support/daemon.ts";
import { until } from "../../support/until.ts";
import { codeOf, type RawConnection, requestOf } from "../attack/connection.ts";
import { rowsOf } from "../attack/disk.ts";
import { enrol, type HandPeer } from "../attack/pairing.ts";

const identities = 12;
const workers = 16;
const requests = 50;

const hello = (scopes: readonly string[] = ["ask"]) => ({
  version: "1",
  protocols: [1],
  scopes,
  checkpoint: null,
  witness: null,
});

const question = (peer: HandPeer, number: number) => `${peer.identity.fingerprint} ${number}`;

const ask = (peer: HandPeer, number: number) => ({
  ask_id: Bun.randomUUIDv7(),
  thread_id: Bun.randomUUIDv7(),
  handle: "hydrate",
  question: question(peer, number),
});

/** Half of the peers may ask: what a reply says of the right to ask tells whose it is. */
const mayAsk = (at: number): boolean => at % 2 === 0;

interface Working {
  readonly peers: readonly HandPeer[];
  readonly at: number;
  readonly number: number;
}

/** A request refused for its token is the last on its connection; the next may find it closed. */
type End = "own" | "crossed" | "limited" | "closed";

/** One request, with the peer's own token, or with another's; whether the reply was its own. */
async function oneRequest(connection: RawConnection, { peers, at, number }: Working): Promise<End> {
  const own = peers[at];
  const other = peers[(at + 1) % peers.length];
  if (own === undefined || other === undefined) throw new Error("no peer");
  const token = number % 5 === 4 ? other.token : own.token;
  if (number % 2 === 0) {
    const reply = await connection.post("hello", hello(), { token });
    if (reply === null) return "closed";
    if (token === other.token) return reply.status === 401 ? "own" : "crossed";
    if (reply.status === 429) return "limited";
    const handles = reply.status === 200 ? JSON.parse(reply.body).handles : undefined;
    return Array.isArray(handles) === mayAsk(at) ? "own" : "crossed";
  }
  const reply = await connection.post("ask", ask(own, number), { token });
  if (reply === null) return "closed";
  if (token === other.token) return reply.status === 401 ? "own" : "crossed";
  if (reply.status === 429) return "limited";
  const end = codeOf(reply) ?? reply.status;
  return end === (mayAsk(at) ? 200 : "scope_denied") ? "own" : "crossed";
}

/** Works through its requests; every seventh is left before its reply. */
async function work(peers: readonly HandPeer[], worker: number): Promise<string[]> {
  const ends: string[] = [];
  let connection: RawConnection | null = null;
  for (let number = 0; number < requests; number += 1) {
    const at = (worker * 5 + number * 7) % peers.length;
    const peer = peers[at];
    if (peer === undefined) throw new Error("no peer");
    connection?.[Symbol.dispose]();
    connection = await peer.connect(`127.0.0.${worker + 2}`);
    if (number % 7 === 6) {
      const body = JSON.stringify(ask(peer, number));
      connection.write(requestOf("ask", body, { token: peer.token }));
      continue;
    }
    // A kept connection stays its own peer's, whatever others do meanwhile.
    for (const times of [0, 2]) {
      ends.push(await oneRequest(connection, { peers, at, number: number + times }));
      if (connection.isClosed()) break;
    }
  }
  connection?.[Symbol.dispose]();
  return ends;
}

async function crossedRecords(on: Machine): Promise<readonly unknown[]> {
  await until("the last ask is decided", async () => {
    const before = rowsOf(on.home, "SELECT max(seq) AS seq FROM audit");
    await on.calls.status({});
    return Bun.deepEquals(before, rowsOf(on.home, "SELECT max(seq) AS seq FROM audit"));
  });
  return rowsOf(
    on.home,
    `SELECT * FROM audit WHERE verb = 'ask' AND direction = 'in'
     AND text NOT LIKE peer_fingerprint || ' %'`,
  );
}

test(`${workers} workers of ${identities} identities: no request is another's`, async () => {
  await using on = await machine("on");
  await on.calls.activate(session());
  const peers: HandPeer[] = [];
  for (let at = 0; at < identities; at += 1) {
    peers.push(await enrol(on, { name: `peer-${at}`, grant: mayAsk(at) ? ["ask"] : [] }));
  }
  const all = Array.from({ length: workers }, (_, worker) => work(peers, worker));
  const ends = (await Promise.all(all)).flat();
  expect(ends.length).toBeGreaterThan(workers * requests);
  expect(ends.filter((end) => end === "crossed")).toEqual([]);
  expect(ends.filter((end) => end === "own").length).toBeGreaterThan(ends.length / 2);
  expect(await crossedRecords(on)).toEqual([]);
}, 60_000);
