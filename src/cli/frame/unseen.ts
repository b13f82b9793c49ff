/** Shows a person the acts on this machine without a person, and the mail since. */

import type { Act } from "../../contract/acts.ts";
import { mayText } from "../../contract/grants/words.ts";
import type { UnseenMail } from "../../contract/messages/unseen.ts";
import type { Peer } from "../../contract/peer.ts";
import { ago, listed } from "../../contract/text/words.ts";
import type { Io } from "../terminal/io.ts";
import { note } from "../terminal/output.ts";

/** A peer by its name. */
type Named = Pick<Peer, "name" | "fingerprint">;

/** The largest number of acts listed; the audit trail has all. */
const shownMax = 8;

/** Notes each act, the newest last, and where the others are. */
export function noteUnseen(io: Io, acts: readonly Act[], peers: readonly Named[]): void {
  note(io, "since your last command, without a person at a terminal:");
  for (const act of acts.slice(-shownMax)) {
    const age = ago(Math.max(0, Math.floor(io.clock.wallMs() - act.at_ms)));
    const known = peers.find(({ fingerprint }) => fingerprint === act.fingerprint);
    note(io, `${done({ ...act, name: known?.name ?? act.name })}, ${age}`);
  }
  const more = acts.length - shownMax;
  if (more > 0) note(io, `and ${more} more: peernet audit`);
}

/** Notes the mail since the last command, and the command that shows it. */
export function noteUnseenMail(io: Io, mail: UnseenMail): void {
  const { held, person, from, refused } = mail;
  if (refused.length > 0) {
    note(io, `a model's message to ${listed(refused)} was refused: messages.to in config.toml`);
  }
  const parts = [
    ...(held === 0 ? [] : [`${held} held for you`]),
    ...(person === 0 ? [] : [`${person} for you`]),
  ];
  if (parts.length === 0) return;
  const machines = from.length === 0 ? "" : ` from ${listed(from)}`;
  note(io, `new mail: ${parts.join(", ")}${machines}: peernet inbox`);
}

function done({ verb, name, fingerprint, may }: Act): string {
  const what = may === "none" ? "do nothing here" : mayText(may);
  switch (verb) {
    case "pair":
      return `paired with ${name} (${fingerprint}), which may ${what}`;
    case "trust":
      return `trusted ${name} (${fingerprint}), which may ${what} once it has met this machine`;
    case "grant":
      return `${name} may ${what}`;
    case "rename":
      return `named ${name} (${fingerprint})`;
    case "policy":
      return `changed or checked the policy: ${may}: peernet policy show`;
    case "task":
      return `a task of ${name} was ${may}: peernet tasks --all`;
    case "unpair":
      return `unpaired from ${name}`;
    default:
      return verb satisfies never;
  }
}
