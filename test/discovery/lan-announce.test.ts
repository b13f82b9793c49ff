/** Checks announcing over real sockets on the loopback interface, which answers for a LAN here. */

import {
  afterAll,
  afterEach,
  beforeAll,
  describe,
  expect,
  setDefaultTimeout,
  test,
} from "bun:test";
import { createSocket, type Socket } from "node:dgram";
import { type Answer, type DecodedPacket, decode, encode } from "dns-packet";
import { interfacesMs } from "../../src/contract/limits.ts";
import { multicastPort } from "../../src/discovery/advertisement.ts";
import { type Announcement, announce, patience } from "../../src/discovery/announce.ts";
import { type InterfaceAddress, interfacesNow } from "../../src/platform/network/interfaces.ts";
import { fakeEffects, settled } from "../support/effects.ts";
import { until } from "../support/until.ts";

setDefaultTimeout(30_000);

const loopback = interfacesNow().filter(({ address }) => address === "127.0.0.1");
const fingerprint = `sha256:Announce_Test-01${"x".repeat(27)}`;

/** The question for everybody, and nothing else. */
const asked = encode({
  type: "query",
  questions: [{ type: "PTR", name: "_peernet._tcp.local", class: "IN" }],
});

const ending: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0)) await end();
});

interface Witness {
  readonly packets: readonly DecodedPacket[];
  readonly socket: Socket;
}

/** Hears all of multicast DNS on the loopback interface. */
async function witness(): Promise<Witness> {
  const socket = createSocket({ type: "udp4", reuseAddr: true });
  const packets: DecodedPacket[] = [];
  socket.on("message", (packet) => packets.push(decode(packet)));
  await new Promise<void>((done) => socket.bind(multicastPort, done));
  socket.addMembership("224.0.0.251", "127.0.0.1");
  socket.setMulticastInterface("127.0.0.1");
  return { packets, socket };
}

interface Given {
  readonly announcement: Announcement;
  readonly effects: ReturnType<typeof fakeEffects>;
}

function announcing(name: string, interfaces: () => readonly InterfaceAddress[]): Given {
  const effects = fakeEffects();
  const { timers, log } = effects;
  const announcement = announce({ name, port: 7337, fingerprint, interfaces, timers, log });
  return { announcement, effects };
}

/** Ended after the test. */
async function own(name: string, interfaces: () => readonly InterfaceAddress[]) {
  const { packets, socket } = await witness();
  const given = announcing(name, interfaces);
  ending.push(given.announcement.stop, () => socket.close());
  return { packets, ...given };
}

const answersOf = (packets: readonly DecodedPacket[], name: string): readonly Answer[] =>
  packets
    .filter(({ type }) => type === "response")
    .flatMap(({ answers = [] }) => answers)
    .filter((record) => JSON.stringify(record).includes(`"${name}._peernet`));

/** An answer to a question holds one record; an announcement holds all records. */
const isAnswer = (packet: DecodedPacket): boolean =>
  packet.answers?.length === 1 && announced([packet], "mini", 120);

const announced = (packets: readonly DecodedPacket[], name: string, ttl: number): boolean =>
  answersOf(packets, name).some((record) => record.type === "PTR" && record.ttl === ttl);

describe("announce(), once it has announced", () => {
  let given: Given;
  let heard: Witness;
  beforeAll(async () => {
    heard = await witness();
    given = announcing("mini", () => loopback);
    await until("it announced", () => announced(heard.packets, "mini", 120));
  });
  afterAll(async () => {
    await given.announcement.stop();
    heard.socket.close();
  });

  test("announce() tells name, port, version and prefix, and nothing else", () => {
    const records = answersOf(heard.packets, "mini");
    const texts = records.flatMap((record) => (record.type === "TXT" ? [record.data].flat() : []));
    expect([...new Set(texts.map(String))]).toEqual(["v=1", "fp=Announce_Test-01"]);
    expect(records.find((record) => record.type === "SRV")).toMatchObject({
      name: "mini._peernet._tcp.local",
      data: { port: 7337, target: "peernet-announcetest01.local" },
    });
  });

  test("announce() does not tell what the system calls itself", () => {
    const own = heard.packets.filter((packet) => JSON.stringify(packet).includes("mini._peernet"));
    const names = own.flatMap(({ answers = [], authorities = [], questions = [] }) =>
      [...answers, ...authorities, ...questions].map(({ name }) => name),
    );
    expect([...new Set(names)].sort()).toEqual([
      "_peernet._tcp.local",
      "_services._dns-sd._udp.local",
      "mini._peernet._tcp.local",
      "peernet-announcetest01.local",
    ]);
  });

  test("announce() probes before it tells", () => {
    const first = heard.packets.findIndex(
      ({ type, questions = [] }) =>
        type === "query" && questions.some(({ name }) => name === "mini._peernet._tcp.local"),
    );
    const told = heard.packets.findIndex((packet) => announced([packet], "mini", 120));
    expect(first).toBeWithin(0, told);
  });

  // An answer to one alone reaches the newest socket on the port, one to everybody each of them.
  test("announce() answers the asker alone when that is what it asks for", async () => {
    const asker = await witness();
    const before = heard.packets.length;
    const alone = Buffer.from(asked);
    alone.writeUInt16BE(0x8001, alone.length - 2);
    asker.socket.send(alone, multicastPort, "224.0.0.251");
    await until("it answered", () => asker.packets.some(isAnswer));
    await settled();
    asker.socket.close();
    expect(heard.packets.slice(before).filter(isAnswer)).toEqual([]);
  });

  test("announce() answers everybody when a question is everybody's", async () => {
    heard.socket.send(asked, multicastPort, "224.0.0.251");
    await until("it answered", () => heard.packets.some(isAnswer));
  });
});

describe("announce()", () => {
  test("announce() says goodbye when it is stopped", async () => {
    const { packets, announcement } = await own("leaves", () => loopback);
    await until("it announced", () => announced(packets, "leaves", 120));
    await announcement.stop();
    await until("it said goodbye", () => announced(packets, "leaves", 0));
    await announcement.stop();
  });

  test("announce() says nothing until its interface comes, and goodbye when it goes", async () => {
    let now: readonly InterfaceAddress[] = [];
    const { packets, effects } = await own("follows", () => now);
    await effects.timers.advance(1_999);
    now = loopback;
    expect(answersOf(packets, "follows")).toEqual([]);
    await effects.timers.advance(1);
    await until("it announced", () => announced(packets, "follows", 120));
    now = [];
    await effects.timers.advance(2_000);
    await until("it said goodbye", () => announced(packets, "follows", 0));
  });

  test("announce() greets again after its goodbye when an address changes", async () => {
    let now = loopback;
    const { packets, effects } = await own("moves", () => now);
    await until("it announced", () => announced(packets, "moves", 120));
    now = loopback.map((one) => ({ ...one, cidr: "127.0.0.1/9" }));
    await effects.timers.advance(2_000);
    await until("it said goodbye", () => announced(packets, "moves", 0));
    const goodbye = packets.findIndex((packet) => announced([packet], "moves", 0));
    await until("it greeted", () => announced(packets.slice(goodbye), "moves", 120));
    const last = packets.findLastIndex((packet) => announced([packet], "moves", 0));
    expect(announced(packets.slice(goodbye, last), "moves", 120)).toBe(false);
  });

  test("announce() continues and logs the reason when its interfaces cannot be read", async () => {
    let fails = true;
    const { packets, effects } = await own("survives", () => {
      if (fails) throw new Error("no interfaces today");
      return loopback;
    });
    await until("it logged", () => effects.log.entries.length > 0);
    expect(effects.log.entries).toEqual([
      {
        level: "warn",
        event: "announcing_failed",
        fields: { reason: "Error: no interfaces today" },
      },
    ]);
    fails = false;
    await effects.timers.advance(2_000);
    await until("it announced", () => announced(packets, "survives", 120));
  });
});

test("patience() is true when a failure has lasted for a minute of looks, and not before", () => {
  const isPast = patience();
  const looks = 60_000 / interfacesMs;
  expect(isPast(false)).toBe(false);
  const told = Array.from({ length: looks }, () => isPast(true));
  expect(told.indexOf(true)).toBe(looks - 1);
  expect([isPast(false), isPast(true)]).toEqual([false, false]);
});
