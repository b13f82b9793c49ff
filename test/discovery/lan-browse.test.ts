/** Checks browsing over real sockets on the loopback interface, which answers for a LAN here. */

import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { createSocket, type Socket } from "node:dgram";
import { multicastPort } from "../../src/discovery/advertisement.ts";
import type { Announced } from "../../src/discovery/announcements.ts";
import { type Browsed, type BrowseOptions, browse } from "../../src/discovery/browse.ts";
import { interfacesNow } from "../../src/platform/network/interfaces.ts";
import { fakeEffects } from "../support/effects.ts";
import { skipUnless } from "../support/skip.ts";
import { until } from "../support/until.ts";
import { on, packet } from "./lan-packets.ts";

setDefaultTimeout(30_000);

const ms = 1_000;
const name = interfacesNow().find(({ address }) => address === "127.0.0.1")?.name ?? "lo";
/** Packets sent there come from 127.0.0.1; a prefix beside it admits private addresses. */
const loopback = [on("127.0.0.1/8", { name, internal: true }), on("10.88.0.1/24", { name })];
const host = "10.88.0.9";

const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.close();
});

/** A program that speaks on the loopback interface from a port. */
async function speaker(port: number, address = "127.0.0.1"): Promise<(packet: Buffer) => void> {
  const socket = createSocket({ type: "udp4", reuseAddr: true });
  sockets.push(socket);
  await new Promise<void>((done) => socket.bind(port, done));
  socket.setMulticastInterface(address);
  return (packet) => socket.send(packet, multicastPort, "224.0.0.251");
}

/** Browses until the awaited event has happened. */
async function browsing(
  act: (found: readonly Announced[]) => Promise<void>,
  options: Partial<BrowseOptions> = {},
): Promise<Browsed> {
  const { timers } = fakeEffects();
  const found: Announced[] = [];
  const onFound = (announced: Announced) => found.push(announced);
  const browsed = browse({ interfaces: loopback, timers, ms, onFound, ...options });
  await act(found);
  await timers.advance(ms);
  return browsed;
}

/** Speaks until something was found: a socket may open after the first word. */
const heard = async (found: readonly Announced[], prefix: string, speak: () => void) =>
  until(`${prefix} was heard`, () => {
    speak();
    return found.some((announced) => announced.prefix === prefix);
  });

describe("browse()", () => {
  test("browse() tells what is advertised, at once and in the end", async () => {
    const speak = await speaker(multicastPort);
    const prefix = "browse-tells-000";
    const announced = { name: "mini", prefix, addresses: [{ host, port: 7337 }] };
    const { announced: all, deaf } = await browsing(async (found) => {
      await heard(found, prefix, () => speak(packet({ prefix, addresses: [host] })));
      expect(found.filter((one) => one.prefix === prefix)).toEqual([announced]);
    });
    expect(all).toContainEqual(announced);
    expect(deaf).toEqual([]);
  });

  test("browse() hears nothing any more when it has ended", async () => {
    const speak = await speaker(multicastPort);
    let late: readonly Announced[] = [];
    await browsing(async (found) => {
      late = found;
      await heard(found, "before-the-end-0", () =>
        speak(packet({ prefix: "before-the-end-0", addresses: [host] })),
      );
    });
    await browsing(async (found) => {
      await heard(found, "after-the-end-00", () =>
        speak(packet({ prefix: "after-the-end-00", addresses: [host] })),
      );
    });
    expect(late.map(({ prefix }) => prefix)).not.toContain("after-the-end-00");
  });

  test("browse() ends when its time is over and not before", async () => {
    const { timers } = fakeEffects();
    let ended = false;
    const browsed = browse({ interfaces: loopback, timers, ms }).then(() => {
      ended = true;
    });
    await timers.advance(ms - 1);
    expect(ended).toBe(false);
    await timers.advance(1);
    await browsed;
    expect(timers.pending()).toBe(0);
  });

  test("browse() hears nothing that does not come from port 5353", async () => {
    const other = await speaker(0);
    const speak = await speaker(multicastPort);
    const { announced } = await browsing((found) =>
      heard(found, "from-port-5353-0", () => {
        other(packet({ prefix: "from-other-port0", addresses: [host] }));
        speak(packet({ prefix: "from-port-5353-0", addresses: [host] }));
      }),
    );
    expect(announced.map(({ prefix }) => prefix)).not.toContain("from-other-port0");
  });

  test("browse() takes port 1024 and not 1023", async () => {
    const speak = await speaker(multicastPort);
    const { announced } = await browsing((found) =>
      heard(found, "port-1024-000000", () => {
        speak(packet({ prefix: "port-1023-000000", port: 1_023, addresses: [host] }));
        speak(packet({ prefix: "port-1024-000000", port: 1_024, addresses: [host] }));
      }),
    );
    expect(announced.map(({ prefix }) => prefix)).not.toContain("port-1023-000000");
  });

  test("browse() takes only the addresses that are on the link and private", async () => {
    const speak = await speaker(multicastPort);
    const prefix = "only-on-link-000";
    const addresses = ["127.0.0.1", "8.8.8.8", "10.88.1.9", "224.0.0.251", host, "fe80::9"];
    const { announced } = await browsing((found) =>
      heard(found, prefix, () => speak(packet({ prefix, addresses }))),
    );
    expect(announced.find((one) => one.prefix === prefix)?.addresses).toEqual([
      { host, port: 7337 },
    ]);
  });

  test("browse() hears nothing from a link it was not asked about", async () => {
    const speak = await speaker(multicastPort);
    const { announced } = await browsing(
      async (found) => {
        for (let count = 0; count < 100; count += 1) {
          speak(packet({ prefix: "from-another-one", addresses: [host] }));
          await new Promise((done) => setImmediate(done));
        }
        expect(found).toEqual([]);
      },
      // Its socket hears all that is sent to the group, but 127.0.0.1 is on no link of it.
      { interfaces: [on("127.0.0.1/32", { name, address: "127.0.0.1", cidr: "10.88.0.1/24" })] },
    );
    expect(announced).toEqual([]);
  });

  // Other systems have no second address on the loopback interface.
  skipUnless(process.platform === "linux", "it needs 127.0.0.2")(
    "browse() reads 256 packets of one machine, and then still those of another",
    async () => {
      const shout = await speaker(multicastPort, "127.0.0.2");
      const speak = await speaker(multicastPort);
      const ports = new Set<number>();
      await browsing(async (found) => {
        let port = 2_000;
        await until("256 packets were read", () => {
          shout(packet({ prefix: "shouting-0000000", port: port++, addresses: [host] }));
          for (const { addresses } of found) for (const one of addresses) ports.add(one.port);
          return ports.size >= 256;
        });
        for (let more = 0; more < 50; more += 1) {
          shout(packet({ prefix: "shouting-0000000", port: port++, addresses: [host] }));
        }
        await heard(found, "speaking-0000000", () =>
          speak(packet({ prefix: "speaking-0000000", addresses: [host] })),
        );
        const all = found.filter(({ prefix }) => prefix === "shouting-0000000");
        expect(all).toHaveLength(256);
      });
    },
  );

  test("browse() tells that it is deaf where no question can be asked", async () => {
    // An address for documentation (RFC 5737) is no machine's own.
    const absent = [on("192.0.2.77/24", { name: "gone0" }), on("fe80::77/64", { name: "gone1" })];
    const browsed = await browsing(() => Promise.resolve(), { interfaces: absent });
    expect(browsed).toEqual({ announced: [], deaf: ["gone0", "gone1"] });
  });

  test("browse() has nothing to tell when there is no interface", async () => {
    const browsed = await browsing(() => Promise.resolve(), { interfaces: [] });
    expect(browsed).toEqual({ announced: [], deaf: [] });
  });
});
