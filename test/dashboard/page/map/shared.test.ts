import { expect, test } from "bun:test";
import type { RemoteHandle } from "../../../../src/contract/peer.ts";
import { layout } from "../../../../src/dashboard/page/map/layout.ts";
import { sharedLines } from "../../../../src/dashboard/page/map/shared.ts";

const session = (handle: string) => ({
  handle,
  name: handle.slice(handle.indexOf("/") + 1),
  state: null,
  line: "",
});

const remote = (
  handle: string,
  overlaps: readonly { readonly name: string; readonly files: number }[],
): RemoteHandle => ({
  ...{ handle, project: null, state: null, state_for_ms: null, expires_in_ms: 1 },
  overlaps: [...overlaps],
});

const fingerprint = "sha256:mini";

const laidOut = (sessions: readonly string[]) =>
  layout({
    ...{ width: 1_020, height: 640 },
    own: [session("laptop/api"), session("laptop/web")],
    peers: [{ fingerprint, name: "mini", isDown: false, sessions: sessions.map(session) }],
  });

test("sharedLines() lead from the session here to the one that changed the same files", () => {
  const laid = laidOut(["mini/sync", "mini/other"]);
  const overlaps = [{ name: "web", files: 2 }];
  const handles = new Map([
    [fingerprint, [remote("mini/sync", overlaps), remote("mini/other", [])]],
  ]);
  const [line, ...rest] = sharedLines(laid, handles);
  const moon = laid.peers[0]?.moons.find((each) => each.session.handle === "mini/sync");
  expect(rest).toEqual([]);
  expect(line).toEqual({
    from: laid.own[1] as NonNullable<(typeof laid.own)[1]>,
    to: moon as NonNullable<typeof moon>,
    words: "web and mini/sync have both changed 2 files",
  });
});

test("sharedLines() end at a machine whose session is not drawn, or are none", () => {
  const laid = laidOut([]);
  const handles = new Map([[fingerprint, [remote("mini/new", [{ name: "gone", files: 1 }])]]]);
  expect(sharedLines(laid, handles)).toEqual([
    {
      from: laid.core,
      to: laid.peers[0] as NonNullable<(typeof laid.peers)[0]>,
      words: "gone and mini/new have both changed 1 file",
    },
  ]);
  expect(sharedLines(laid, new Map())).toEqual([]);
  const hidden = { ...remote("mini/sync", []) };
  delete hidden.overlaps;
  expect(sharedLines(laid, new Map([[fingerprint, [hidden]]]))).toEqual([]);
});
