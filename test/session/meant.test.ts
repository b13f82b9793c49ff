/** A bare name means the one session of another machine that has it. */

import { describe, expect, test } from "bun:test";
import { PeernetError } from "../../src/contract/errors.ts";
import type { SendOutput } from "../../src/contract/messages/sending.ts";
import { asMeant, asMeantBy } from "../../src/session/handles/meant.ts";
import { peer } from "../cli/samples.ts";

const [hydrate] = peer().handles;
if (hydrate === undefined) throw new Error("no handle");
const other = peer({ name: "loft", handles: [{ ...hydrate, handle: "loft/hydrate" }] });
const calls = (...peers: readonly ReturnType<typeof peer>[]) => ({
  peers: async () => ({ peers: [...peers] }),
});
const unknown = new PeernetError("handle_unknown");
const only = async (handle: string): Promise<string> => {
  if (!handle.includes("/")) throw unknown;
  return handle;
};

describe("asMeant()", () => {
  test("calls with the one handle that a name means, and tells of it", async () => {
    const told: string[] = [];
    const onMeant = (meant: string) => told.push(meant);
    expect(await asMeant(calls(peer()), "hydrate", { run: only, onMeant })).toBe("mini/hydrate");
    expect(told).toEqual(["mini/hydrate"]);
  });

  test("keeps the refusal where several machines have the name, or none", async () => {
    const several = calls(peer(), other);
    expect(asMeant(several, "hydrate", { run: only })).rejects.toBe(unknown);
    expect(asMeant(calls(), "hydrate", { run: only })).rejects.toBe(unknown);
  });
});

describe("asMeantBy()", () => {
  const refused = {
    sent: [],
    refused: [{ to: "hydrate", error: { code: "handle_unknown", message: "m", hint: "h" } }],
  };
  const thrown = async (to: string | null): Promise<SendOutput> => {
    if (to?.includes("/")) return { sent: [], refused: [] };
    throw unknown;
  };
  const answered = async (to: string | null): Promise<SendOutput> =>
    to?.includes("/") ? { sent: [], refused: [] } : refused;

  for (const [how, send] of [
    ["thrown", thrown],
    ["answered", answered],
  ] as const) {
    test(`sends again where the refusal is ${how}`, async () => {
      const sent = await asMeantBy(calls(peer()), "hydrate", send);
      expect(sent).toEqual({ sent: [], refused: [] });
    });
  }

  test("keeps the answer where the name means no one session", async () => {
    expect(await asMeantBy(calls(peer(), other), "hydrate", answered)).toBe(refused);
    expect(asMeantBy(calls(), "hydrate", thrown)).rejects.toBe(unknown);
  });
});
