/** Checks the question to the LAN, and the parser of its answers. */

import { describe, expect, test } from "bun:test";
import { decode, encode } from "dns-packet";
import { prefixOf, question, readAdvertised } from "../../src/discovery/advertisement.ts";
import { packet, prefix, records } from "./lan-packets.ts";

const mini = { name: "mini", prefix, port: 7337, addresses: ["10.77.0.1"] };

describe("question", () => {
  test("question asks for the service, first for an answer to us, then for one to all", () => {
    const { type, questions, answers } = decode(Buffer.from(question));
    expect(type).toBe("query");
    expect(answers).toEqual([]);
    expect(questions?.map(({ name, type }) => `${type} ${name}`)).toEqual([
      "PTR _peernet._tcp.local",
      "PTR _peernet._tcp.local",
    ]);
    const classes = [12 + 21 + 2, 12 + 25 + 21 + 2].map((at) =>
      Buffer.from(question).readUInt16BE(at),
    );
    expect(classes).toEqual([0x8001, 0x0001]);
  });
});

describe("prefixOf()", () => {
  test("prefixOf() is the 16 characters after sha256:", () => {
    expect(prefixOf(`sha256:${prefix}${"x".repeat(27)}`)).toBe(prefix);
  });
});

describe("readAdvertised()", () => {
  test("readAdvertised() reads name, prefix, port and addresses of a packet", () => {
    const addresses = ["10.77.0.1", "fe80::1"];
    expect(readAdvertised(packet({ addresses }))).toEqual([{ ...mini, addresses }]);
  });

  test("readAdvertised() reads records that come as additional ones", () => {
    const [pointer, ...additionals] = records();
    if (pointer === undefined) throw new Error("no records");
    const answer = encode({ type: "response", answers: [pointer], additionals });
    expect(readAdvertised(answer)).toEqual([mini]);
  });

  test("readAdvertised() reads several machines out of one packet", () => {
    const answers = [...records(), ...records({ name: "studio", port: 7338 })];
    const read = readAdvertised(encode({ type: "response", answers }));
    expect(read.map(({ name, port }) => [name, port])).toEqual([
      ["mini", 7337],
      ["studio", 7338],
    ]);
  });

  test("readAdvertised() leaves addresses out when the packet has none", () => {
    expect(readAdvertised(packet({ addresses: [] }))).toEqual([{ ...mini, addresses: [] }]);
  });

  test("readAdvertised() makes a name printable", () => {
    const name = "mi\u001b[31mni\u202e";
    expect(readAdvertised(packet({ name })).map((read) => read.name)).toEqual(["mi�[31mni�"]);
  });

  test("readAdvertised() takes the names of records in any case", () => {
    const answers = records().map((record) =>
      record.type === "TXT" ? { ...record, name: record.name.toUpperCase() } : record,
    );
    expect(readAdvertised(encode({ type: "response", answers }))).toEqual([mini]);
  });

  const others: Readonly<Record<string, Parameters<typeof packet>[0]>> = {
    "another service": { service: "_http._tcp.local" },
    "a service that only ends like ours": { service: "_peernet._tcp.local.example.com" },
    "an instance without a name": { name: "" },
    "a goodbye": { ttl: 0 },
    "another version": { txt: ["v=2", `fp=${prefix}`] },
    "no version": { txt: [`fp=${prefix}`] },
    "no prefix": { txt: ["v=1"] },
    "no text": { txt: [] },
    "a prefix of 15 characters": { prefix: prefix.slice(1) },
    "a prefix of 17 characters": { prefix: `${prefix}A` },
    "a prefix that is not base64url": { prefix: `${prefix.slice(1)}+` },
  };
  for (const [what, told] of Object.entries(others)) {
    test(`readAdvertised() reads nothing out of ${what}`, () => {
      expect(readAdvertised(packet(told))).toEqual([]);
    });
  }

  test("readAdvertised() reads nothing out of a question with the same records", () => {
    expect(readAdvertised(encode({ type: "query", answers: records() }))).toEqual([]);
  });

  test("readAdvertised() reads nothing out of the claims of a probe", () => {
    expect(readAdvertised(encode({ type: "response", authorities: records() }))).toEqual([]);
  });

  test("readAdvertised() reads 1,500 bytes and nothing out of 1,501", () => {
    const filled = (bytes: number): Buffer => {
      const own = packet();
      // NULL (RFC 1035, 3.3.10) may hold anything.
      const spare = bytes - own.length - 11;
      const filler = { type: "NULL", name: ".", ttl: 0, data: Buffer.alloc(spare) } as const;
      return encode({ type: "response", answers: [...records(), filler] });
    };
    expect(filled(1_500).length).toBe(1_500);
    expect(readAdvertised(filled(1_500))).toEqual([mini]);
    expect(readAdvertised(filled(1_501))).toEqual([]);
  });

  test("readAdvertised() reads 64 records and nothing out of 65", () => {
    const of = (count: number): Buffer => {
      const filler = { type: "A", name: "a", ttl: 0, data: "10.0.0.1" } as const;
      const own = records();
      const fillers = Array.from({ length: count - own.length }, () => filler);
      return encode({ type: "response", answers: [...own, ...fillers] });
    };
    expect(readAdvertised(of(64))).toEqual([mini]);
    expect(readAdvertised(of(65))).toEqual([]);
  });
});
