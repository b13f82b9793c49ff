/** The way from a peer's panel, or from a session's, to the files that this machine may read. */

import type { Peer } from "../../../contract/peer.ts";
import { openFiles } from "./reading.ts";

/** A button where the peer tells the right to read; else nothing. */
export const ReadFiles = ({
  peer,
  handle,
}: {
  readonly peer: Peer;
  /** The session whose repository is read; null for one that the person names. */
  readonly handle: string | null;
}) =>
  peer.grants.ours.includes("read") ? (
    <button type="button" class="quiet" onClick={() => openFiles({ peer, handle })}>
      Read {handle === null ? "a repository" : "its repository"}
    </button>
  ) : null;
