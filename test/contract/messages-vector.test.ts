/** Bodies of token, hello and ask as they are published, byte for byte. */

import { describe, expect, test } from "bun:test";
import { wire } from "../../src/contract/wire.ts";
import { checkpointBytes } from "../../src/core/audit-chain.ts";
import { verifySignature } from "../../src/peer/identity.ts";
import vector from "../vectors/messages.json";
import { minter } from "../vectors/token.json";

const sha256 = (text: string): string => new Bun.CryptoHasher("sha256").update(text).digest("hex");

describe("test/vectors/messages.json", () => {
  for (const path of ["token", "hello", "ask"] as const) {
    const published = vector[path];
    for (const [side, schema] of [
      ["request", wire[path].input],
      ["answer", wire[path].output],
    ] as const) {
      test(`the ${side} of ${path} is read as the bytes it is`, () => {
        const text = published[side];
        expect(sha256(text)).toBe(published[`${side}_sha256`]);
        const read = schema.parse(JSON.parse(text));
        expect<unknown>(read).toEqual(JSON.parse(text));
        // `git_why` stands only where git is null, as in no published answer.
        const fields = Object.keys(schema.shape).filter((field) => field !== "git_why");
        expect(Object.keys(read).sort()).toEqual(fields.sort());
      });
    }
  }

  test("the checkpoints of a hello are signed by the minter", () => {
    const { checkpoint, witness } = wire.hello.output.parse(JSON.parse(vector.hello.answer));
    for (const each of [checkpoint, witness]) {
      if (each === null) throw new Error("the vector has no checkpoint");
      expect(verifySignature(minter.token_key, checkpointBytes(each), each.signature)).toBe(true);
    }
  });
});
