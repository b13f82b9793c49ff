/** The cost of a probe, its answer, and the facts that it reveals about the prober. */

import { describe, expect, test } from "bun:test";
import { machine, opened } from "../../support/daemon.ts";
import { eventsOf } from "../attack/attempts.ts";
import { connectTo, newIdentity, type Reply } from "../attack/connection.ts";
import { refusalOf } from "../attack/refusal.ts";
import { liar, replyOf } from "../attack/server.ts";

/** Probes over connections that are kept, half of which prove a certificate; all the replies. */
async function probe(to: string, times: number): Promise<Reply[]> {
  const replies: Reply[] = [];
  const identity = newIdentity();
  let left = times;
  const prober = async (number: number): Promise<void> => {
    const from = `127.0.0.${number + 2}`;
    using connection = await connectTo(to, { from, identity: number % 2 === 0 ? identity : null });
    while (left > 0) {
      left -= 1;
      const reply = await connection.post("window", {});
      if (reply === null) throw new Error("a probe was not answered");
      replies.push(reply);
    }
  };
  await Promise.all(Array.from({ length: 16 }, (_, number) => prober(number)));
  return replies;
}

const bodies = (replies: readonly Reply[]): string[] => [
  ...new Set(replies.map(({ status, body }) => `${status} ${body}`)),
];

/** The head of a reply without what differs by the second and by the bit. */
const plainHead = ({ head }: Reply): string =>
  head.replace(/^date: .*$/im, "date:").replace(/^content-length: 1[34]$/im, "content-length:");

describe("P9: A probe costs no attempt and tells a stranger one bit.", () => {
  test("10,000 probes leave the counter as it is", async () => {
    await using shows = await machine("shows");
    const window = await opened(shows);
    const open = await probe(shows.address, 5_000);
    expect(open).toHaveLength(5_000);
    expect(bodies(open)).toEqual(['200 {"open":true}']);
    expect((await shows.calls.status({})).window).toMatchObject({ open: true, attempts_left: 3 });
    expect(eventsOf(window)).toEqual(["opened"]);
    window.close();
    await window.ended;
    const closed = await probe(shows.address, 5_000);
    expect(bodies(closed)).toEqual(['200 {"open":false}']);
    expect([...new Set([...open, ...closed].map(plainHead))]).toHaveLength(1);
  }, 30_000);

  const forms = ["127.0.0.40", "::ffff:127.0.0.40", "::FFFF:7f00:28"];
  test.each(forms)("a window that is open to %s is closed to all others", async (given) => {
    await using shows = await machine("shows");
    const window = await opened(shows, { from: given });
    const from = async (address: string): Promise<string | undefined> => {
      using connection = await connectTo(shows.address, { from: address });
      return (await connection.post("window", {}))?.body;
    };
    expect(await from("127.0.0.40")).toBe('{"open":true}');
    expect(await from("127.0.0.41")).toBe('{"open":false}');
    expect(await from("127.0.0.4")).toBe('{"open":false}');
    window.close();
  });

  test("a probe says nothing of who asks, though it is asked for a certificate", async () => {
    await using types = await machine("types");
    const identity = newIdentity();
    await using fake = await liar(identity, ({ socket }) => socket.write(replyOf({ open: true })));
    const { address: to } = fake;
    const { fingerprint } = identity;
    expect(await types.calls["pair/probe"]({ to })).toEqual({
      address: to,
      fingerprint,
      open: true,
      paired: null,
    });
    expect(fake.seen).toMatchObject({
      connections: 1,
      certificates: 0,
      lines: ["POST /v1/window"],
    });
    expect(fake.seen.text).not.toContain("types");
    expect(fake.seen.text).not.toContain(types.daemon.fingerprint.slice("sha256:".length));
    // The same server does see who pairs.
    await refusalOf(types.calls.pair({ code: "123456", to, fingerprint, grant: [] }));
    expect(fake.seen).toMatchObject({ connections: 2, certificates: 1 });
  });
});
