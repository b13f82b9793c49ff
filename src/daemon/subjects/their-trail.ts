/**
 * A peer's records about this machine, read page by page. A peer that sends them out of order, or
 * without end, is not believed.
 */

import { PeernetError } from "../../contract/errors.ts";
import {
  interruptionsKeptMax,
  subjectRecordsMax,
  subjectsPageMs,
  subjectsPagesMax,
} from "../../contract/subjects/limits.ts";
import type {
  Interruption,
  SubjectPlace,
  ToldRecord,
  WireSubjectsOutput,
} from "../../contract/subjects/subjects.ts";
import type { Trail } from "../../core/subjects/sides.ts";
import type { PeerRow } from "../../store/peers.ts";
import type { Links } from "../links/links.ts";
import { type Group, grouped } from "./groups.ts";

/** A peer's trail, as far as it concerns this machine. */
export interface TheirTrail {
  /** The facts by which a missing record is judged, as far as they were told. */
  trail(): Trail;
  /** All subjects, in the order of their ids. @throws the errors of a call */
  groups(): AsyncGenerator<Group>;
  /** The records of one subject, as they are now. @throws the errors of a call */
  of(id: string): Promise<readonly ToldRecord[]>;
}

/** Reads a peer's trail. */
export function theirTrail(links: Links, peer: PeerRow): TheirTrail {
  const interruptions = new Map<number, Interruption>();
  let trail: Trail = { interruptions: [], archived: null };
  const pageAfter = async (after: SubjectPlace | null, only: string | null) => {
    const input = () => ({ after, only });
    const asked = { input, deadlineMs: subjectsPageMs, isAwaited: true };
    const { output } = await links.call(peer.fingerprint, "subjects", asked);
    for (const each of output.interruptions) {
      if (interruptions.size < interruptionsKeptMax) interruptions.set(each.seq, each);
    }
    trail = { interruptions: [...interruptions.values()], archived: output.archived };
    return output;
  };
  async function* records(only: string | null): AsyncGenerator<ToldRecord> {
    let after: SubjectPlace | null = null;
    for (let page = 0; page < subjectsPagesMax; page += 1) {
      const output: WireSubjectsOutput = await pageAfter(after, only);
      for (const record of output.records) {
        const isNext = after === null || isAfter(record, after);
        if (!isNext || (only ?? record.subject_id) !== record.subject_id) throw unordered(peer);
        after = { subject_id: record.subject_id, seq: record.seq };
        yield record;
      }
      if (!output.more) return;
      if (output.records.length === 0) break;
    }
    throw unordered(peer);
  }
  return {
    trail: () => trail,
    groups: () => grouped(records(null)),
    of: async (id) => {
      const found: ToldRecord[] = [];
      for await (const record of records(id)) {
        found.push(record);
        if (found.length > subjectRecordsMax) break;
      }
      return found;
    },
  };
}

const isAfter = (one: SubjectPlace, other: SubjectPlace): boolean =>
  one.subject_id > other.subject_id || (one.subject_id === other.subject_id && one.seq > other.seq);

const unordered = ({ name }: PeerRow): PeernetError =>
  new PeernetError("peer_unreachable", {
    message: `${name} did not tell its records in their order`,
    hint: `update peernet on ${name}`,
  });
