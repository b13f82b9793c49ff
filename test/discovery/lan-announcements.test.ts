/** Checks that the table of announcements stays small, and fair to quiet machines. */

import { describe, expect, test } from "bun:test";
import { candidatesMax, candidatesPerPrefixMax } from "../../src/contract/limits.ts";
import { announcements, type Heard } from "../../src/discovery/announcements.ts";

const nobody: ReadonlySet<string> = new Set();
const prefixOf = (number: number): string => String(number).padStart(16, "p");

/** A machine that announces itself. */
const direct = (number: number, more: Partial<Heard> = {}): Heard => {
  const host = `10.0.${number >> 8}.${number & 255}`;
  return { name: "mini", prefix: prefixOf(number), host, port: 7337, source: host, ...more };
};

const entries = (table: ReturnType<typeof announcements>): readonly string[] =>
  table.list().flatMap(({ prefix, addresses }) => addresses.map(({ host }) => `${prefix} ${host}`));

describe("announcements().note()", () => {
  test("announcements().note() is news once, and again when the port changes", () => {
    const table = announcements(nobody);
    expect(table.note(direct(1))).toBe(true);
    expect(table.note(direct(1))).toBe(false);
    expect(table.note(direct(1, { port: 7338 }))).toBe(true);
    expect(table.list()).toEqual([
      { name: "mini", prefix: prefixOf(1), addresses: [{ host: "10.0.0.1", port: 7338 }] },
    ]);
  });

  test("announcements().note() lets no other machine overwrite what an address says", () => {
    const table = announcements(nobody);
    table.note(direct(1));
    expect(table.note(direct(1, { port: 6666, source: "10.0.0.66" }))).toBe(false);
    expect(table.list()[0]?.addresses).toEqual([{ host: "10.0.0.1", port: 7337 }]);
  });

  test("announcements().note() lets an address overwrite what others said of it", () => {
    const table = announcements(nobody);
    table.note(direct(1, { name: "liar", port: 6666, source: "10.0.0.66" }));
    expect(table.note(direct(1))).toBe(true);
    expect(table.list()).toEqual([
      { name: "mini", prefix: prefixOf(1), addresses: [{ host: "10.0.0.1", port: 7337 }] },
    ]);
  });

  test("announcements().note() keeps 8 addresses of one prefix and refuses a ninth", () => {
    const table = announcements(nobody);
    for (let number = 1; number <= candidatesPerPrefixMax; number += 1) {
      expect(table.note(direct(number, { prefix: prefixOf(0) }))).toBe(true);
    }
    expect(table.note(direct(9, { prefix: prefixOf(0) }))).toBe(false);
    expect(entries(table)).toHaveLength(candidatesPerPrefixMax);
    expect(table.note(direct(9))).toBe(true);
  });

  test("announcements().note() prefers an address that names itself among 8 of a prefix", () => {
    const table = announcements(nobody);
    for (let number = 2; number <= 9; number += 1) {
      table.note(direct(number, { prefix: prefixOf(1), source: "10.0.0.66" }));
    }
    const more = direct(10, { prefix: prefixOf(1), source: "10.0.0.66" });
    expect(table.note(more)).toBe(false);
    expect(table.note(direct(1))).toBe(true);
    expect(entries(table)).toHaveLength(candidatesPerPrefixMax);
    expect(table.list()[0]?.addresses[0]).toEqual({ host: "10.0.0.1", port: 7337 });
  });

  test("announcements().note() evicts from the busiest source when 256 are kept", () => {
    const table = announcements(nobody);
    table.note(direct(1));
    for (let number = 2; number < 1_000; number += 1) {
      table.note(direct(number, { source: "10.0.9.9" }));
      expect(entries(table).length).toBeLessThanOrEqual(candidatesMax);
    }
    expect(entries(table)).toHaveLength(candidatesMax);
    expect(table.note(direct(2_000))).toBe(true);
    expect(entries(table)).toHaveLength(candidatesMax);
    expect(entries(table)).toContain(`${prefixOf(1)} 10.0.0.1`);
    expect(entries(table)).toContain(`${prefixOf(2_000)} 10.0.7.208`);
    // The shouter itself gets nothing by shouting on.
    expect(table.note(direct(3_000, { source: "10.0.9.9" }))).toBe(false);
  });

  test("announcements().note() never evicts what a paired machine tells of itself", () => {
    const table = announcements(new Set([prefixOf(1), prefixOf(9_999)]));
    table.note(direct(1));
    for (let number = 2; number < 2_000; number += 1) table.note(direct(number));
    expect(entries(table)).toHaveLength(candidatesMax);
    expect(entries(table)).toContain(`${prefixOf(1)} 10.0.0.1`);
    // Nor is it refused when everybody else is there already.
    expect(table.note(direct(9_999))).toBe(true);
    expect(entries(table)).toContain(`${prefixOf(9_999)} 10.0.39.15`);
  });

  test("announcements().note() keeps what a paired machine says of itself though it shouts", () => {
    const [early, late] = [direct(1), direct(2, { host: "10.0.0.1", source: "10.0.0.1" })];
    const table = announcements(new Set([early.prefix, late.prefix]));
    table.note(early);
    for (let number = 3; number < 1_000; number += 1) {
      table.note(direct(number, { source: "10.0.0.1" }));
    }
    expect(table.note(direct(2_000))).toBe(true);
    expect(table.note(late)).toBe(true);
    expect(entries(table)).toHaveLength(candidatesMax);
    for (const { prefix } of [early, late]) expect(entries(table)).toContain(`${prefix} 10.0.0.1`);
  });

  test("announcements().note() keeps 256 at most even of paired machines", () => {
    const all = Array.from({ length: 300 }, (_, number) => direct(number));
    const table = announcements(new Set(all.map(({ prefix }) => prefix)));
    for (const heard of all) table.note(heard);
    expect(entries(table)).toHaveLength(candidatesMax);
  });
});
