/** Lines between a session here and a session of a peer that have changed the same file. Pure. */

import type { RemoteHandle } from "../../../contract/peer.ts";
import { rightHalf } from "../names.ts";
import type { Point } from "./geometry.ts";
import type { Layout } from "./layout.ts";

/** A line between two sessions, and its words. */
export interface SharedLine {
  readonly from: Point;
  readonly to: Point;
  readonly words: string;
}

/** The lines of a layout: a session that is not drawn stands where its machine is. */
export const sharedLines = (
  { core, own, peers }: Layout,
  handles: ReadonlyMap<string, readonly RemoteHandle[]>,
): readonly SharedLine[] =>
  peers.flatMap((place) => {
    if (place.stop.kind === "group") return [];
    return (handles.get(place.stop.peer.fingerprint) ?? []).flatMap(({ handle, overlaps = [] }) => {
      const to = place.moons.find(({ session }) => session.handle === handle) ?? place;
      return overlaps.map(({ name, files }) => ({
        from: own.find((each) => rightHalf(each.handle) === name) ?? core,
        to,
        words: `${name} and ${handle} have both changed ${filesOf(files)}`,
      }));
    });
  });

/** A number of files. */
export const filesOf = (files: number): string => (files === 1 ? "1 file" : `${files} files`);
