/** Seccomp filters, judged by a machine of the test that runs their instructions. */

import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import {
  escapes,
  filterOf,
  metadata,
  network,
  signals,
  starts,
} from "../../../src/platform/sandbox/filter.ts";
import { type Architecture, callNames, numberOf } from "../../../src/platform/sandbox/numbers.ts";
import { skipUnless } from "../../support/skip.ts";

const audit = { x64: 0xc000003e, arm64: 0xc00000b7 } as const;
const architectures = ["x64", "arm64"] as const;
const allow = 0x7fff0000;
const kill = 0x80000000;
const fails = (errno: number): number => 0x00050000 | errno;

interface Entered {
  readonly number: number;
  readonly architecture: number;
  readonly flags?: number;
}

/** Runs a filter over one call: the few instructions that filters here consist of. */
function verdict(program: Uint8Array, { number, architecture, flags = 0 }: Entered): number {
  const view = new DataView(program.buffer);
  const words: Readonly<Record<number, number>> = { 0: number, 4: architecture, 16: flags };
  let held = 0;
  for (let at = 0; 8 * at < program.length; at++) {
    const code = view.getUint16(8 * at, true);
    const value = view.getUint32(8 * at + 4, true);
    const jump = (isTrue: boolean): void => {
      at += view.getUint8(8 * at + (isTrue ? 2 : 3));
    };
    if (code === 0x20) held = words[value] ?? Number.NaN;
    else if (code === 0x15) jump(held === value);
    else if (code === 0x35) jump(held >= value);
    else if (code === 0x45) jump((held & value) !== 0);
    else if (code === 0x06) return value;
    else throw new Error(`instruction ${code} is not known`);
  }
  throw new Error("the filter has no end");
}

const groups = { escapes, network, metadata, starts, signals };
const all = Object.values(groups).flat();

describe("filterOf()", () => {
  for (const architecture of architectures) {
    const entered = { architecture: audit[architecture] };
    const program = filterOf(all, architecture);

    test(`refuses every denied call of ${architecture}, and no other`, () => {
      const denied = new Map(all.map((call) => [numberOf(call, architecture), call]));
      for (let number = 0; number < 512; number++) {
        const call = denied.get(number);
        const expected = call === undefined ? allow : fails(call === "clone3" ? 38 : 1);
        expect([number, verdict(program, { ...entered, number })]).toEqual([number, expected]);
      }
    });

    test(`lets ${architecture} start threads, and no process`, () => {
      const number = numberOf("clone", architecture) ?? -1;
      expect(verdict(program, { ...entered, number, flags: 0x10f00 })).toBe(allow);
      expect(verdict(program, { ...entered, number, flags: 0x11 })).toBe(fails(1));
    });

    test(`ends a process that calls by another interface than that of ${architecture}`, () => {
      for (const other of [0x40000003, audit[architecture === "x64" ? "arm64" : "x64"]]) {
        expect(verdict(program, { number: 0, architecture: other })).toBe(kill);
      }
    });
  }

  test("ends a process that calls by the x32 interface", () => {
    const number = 0x40000000 + 59;
    expect(verdict(filterOf(all, "x64"), { number, architecture: audit.x64 })).toBe(kill);
  });
});

/** The kernel's own lists of numbers, where its headers are installed. */
const headers: Readonly<Record<Architecture, string>> = {
  x64: "/usr/include/x86_64-linux-gnu/asm/unistd_64.h",
  arm64: "/usr/include/asm-generic/unistd.h",
};

describe("numberOf()", () => {
  for (const architecture of architectures) {
    const path = headers[architecture];
    const compared = skipUnless(existsSync(path), `${path} is not installed`);
    compared(`is the number in the kernel's headers on ${architecture}`, () => {
      const text = readFileSync(path, "utf8");
      const defined = new Map(
        [...text.matchAll(/^#define __NR(?:3264)?_(\w+)\s+(\d+)/gm)].map(
          ([, name = "", number]) => [name, Number(number)],
        ),
      );
      // Calls that are newer than the installed headers are not in them.
      const known = callNames.filter((call) => (numberOf(call, architecture) ?? 0) < 448);
      const wrong = known.filter(
        (call) => numberOf(call, architecture) !== (defined.get(call) ?? null),
      );
      expect(wrong).toEqual([]);
    });
  }
});
