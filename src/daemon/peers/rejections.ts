/** The rejected credentials of each peer, and the exchanges beside them. In memory alone. */

import { judged, type Rejected } from "../../core/peers/rejection.ts";

/** The rejections of every peer. */
export interface Rejections {
  /** Notes a rejection; true when the peer refuses this machine by now. */
  noted(fingerprint: string, bearer: string, atMs: number): boolean;
  /** Notes the end of an exchange of tokens, of either side. */
  exchanged(fingerprint: string, atMs: number): void;
  /** Notes an accepted call. */
  accepted(fingerprint: string): void;
  /** Drops what is known of a former peer. */
  forget(fingerprint: string): void;
}

const none: Rejected = { first: null, exchangedMs: null };

/** Makes an empty memory of rejections. */
export function noRejections(): Rejections {
  const peers = new Map<string, Rejected>();
  return {
    noted: (fingerprint, bearer, atMs) => {
      const known = peers.get(fingerprint) ?? none;
      const { first, isRefused } = judged(known, { bearer, atMs });
      peers.set(fingerprint, { ...known, first });
      return isRefused;
    },
    exchanged: (fingerprint, atMs) => {
      peers.set(fingerprint, { first: null, exchangedMs: atMs });
    },
    accepted: (fingerprint) => {
      const known = peers.get(fingerprint);
      if (known !== undefined) peers.set(fingerprint, { ...known, first: null });
    },
    forget: (fingerprint) => {
      peers.delete(fingerprint);
    },
  };
}
