/** Errors that a row does not list, of a call and of a stream: a test that meets one fails. */

import { expect, test } from "bun:test";
import { z } from "zod";
import { PeernetError } from "../../../src/contract/errors.ts";
import type { Table } from "../../../src/contract/operation/operation.ts";
import { mount } from "../../../src/daemon/api/mount.ts";
import { fakeEffects } from "../../support/effects.ts";

const row = {
  surfaces: [],
  summary: "Fails.",
  input: z.object({}),
  output: z.object({}),
  errors: ["peer_unknown"],
} as const;
const table = {
  listed: { kind: "call", ...row },
  always: { kind: "call", ...row },
  other: { kind: "call", ...row },
  stream: { kind: "stream", ...row },
} as const satisfies Table;

async function* failing(): AsyncGenerator<Record<string, never>> {
  yield {};
  throw new PeernetError("handle_held");
}
const fails = (code: "peer_unknown" | "storage_full" | "handle_held") => async () => {
  throw new PeernetError(code);
};

test("mount() hands on an error that its row lists, and stands in for another", async () => {
  const unlisted = (path: string, code: string): PeernetError =>
    new PeernetError("internal", { message: `${path} ${code}` });
  const mounted = mount(
    table,
    {
      listed: fails("peer_unknown"),
      always: fails("storage_full"),
      other: fails("handle_held"),
      stream: failing,
    },
    {
      effects: { ...fakeEffects(), unlisted },
      caller: () => null,
      head: () => ({ epoch: "e", head: 0 }),
    },
  );
  const answered = async (path: string): Promise<string> => {
    const init = { method: "POST", body: "{}", headers: { "content-type": "application/json" } };
    return (await mounted.handle(new Request(`http://peernet.invalid/v1/${path}`, init))).text();
  };
  expect(await answered("listed")).toContain('"code":"peer_unknown"');
  expect(await answered("always")).toContain('"code":"storage_full"');
  expect(await answered("other")).toContain('"message":"other handle_held"');
  expect(await answered("stream")).toContain('"message":"stream handle_held"');
});
