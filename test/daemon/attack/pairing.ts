/** Pairing by hand, step by step, so that a test may stop, lie or race at each of them. */

import { base64url, fromBase64url } from "../../../src/contract/text/encoding.ts";
import { beginInitiator, type Confirmation, documentOf } from "../../../src/peer/cpace.ts";
import type { Identity } from "../../../src/peer/identity.ts";
import { random } from "../../../src/platform/real.ts";
import { type Machine, opened } from "../../support/daemon.ts";
import { connectTo, newIdentity, type RawConnection, type Reply } from "./connection.ts";

const label = "EXPORTER-peernet-pair-v1";

/** A tag that belongs to no code, in the form of one that does. */
export const wrongTag = base64url(new Uint8Array(64));

/** A share and a document that any responder accepts, made without a code and used for all. */
export const anyShare = (() => {
  const run = beginInitiator({
    code: "000000",
    fingerprints: { initiator: `sha256:${"A".repeat(43)}`, responder: `sha256:${"B".repeat(43)}` },
    sid: new Uint8Array(32),
    random64: random.bytes(64),
    protocols: [1],
  });
  if (!run.ok) throw run.error;
  return { share: base64url(run.value.share), document: base64url(run.value.document) };
})();

/** The same in the form of a responder, who does not know the code. */
export const responderOf = () => ({
  share: anyShare.share,
  document: base64url(documentOf("responder", [1])),
});

/** A run that has had the responder's share, and the tags that follow from a code. */
export interface HandRun {
  readonly connection: RawConnection;
  readonly confirmation: Confirmation;
}

/** Sends a share as a joiner with this code would; null when it was refused. */
export async function shareByHand(
  connection: RawConnection,
  identity: Identity,
  { code, protocols = [1] }: { readonly code: string; readonly protocols?: readonly number[] },
): Promise<HandRun | null> {
  const run = beginInitiator({
    code,
    fingerprints: { initiator: identity.fingerprint, responder: connection.fingerprint },
    sid: connection.exporter(label),
    random64: random.bytes(64),
    protocols,
  });
  if (!run.ok) throw run.error;
  const { share, document } = run.value;
  const sent = { share: base64url(share), document: base64url(document) };
  const reply = await connection.post("pair/share", sent);
  if (reply?.status !== 200) return null;
  const told = JSON.parse(reply.body);
  const theirs = [fromBase64url(told.share), fromBase64url(told.document)] as const;
  if (theirs[0] === null || theirs[1] === null) throw new Error("not base64url");
  const finished = run.value.finish(theirs[0], theirs[1]);
  if (!finished.ok) throw finished.error;
  return { connection, confirmation: finished.value };
}

/** Sends the tag of a run. */
export const confirmByHand = ({ connection, confirmation }: HandRun): Promise<Reply | null> =>
  connection.post("pair/confirm", { tag: base64url(confirmation.tag) });

/** A peer that is no daemon: its key, and the token the machine minted for it. */
export interface HandPeer {
  readonly identity: Identity;
  readonly token: string;
  /** The token that this peer gave to the machine. */
  readonly given: string;
  /** A new connection that proves its key. */
  connect(from?: string): Promise<RawConnection>;
}

/** The self-description of a peer that a test plays. */
export interface HandAbout {
  readonly name?: string;
  readonly port?: number | null;
  readonly grant?: "ask"[];
  readonly identity?: Identity;
}

/** A token in the form of one, for peers that never check it. */
export const someToken = `${base64url(random.bytes(12))}.${base64url(random.bytes(12))}.e30`;

/** The `about` of a peer that a test plays. */
export const aboutOf = (identity: Identity, { name = "mallory", port = null }: HandAbout) => ({
  name,
  port,
  token_key: identity.signing.publicKey,
  scopes: ["ask"],
});

/** Pairs with a machine by hand, exchange of tokens included. */
export async function enrol(
  machine: Pick<Machine, "calls" | "address">,
  about: HandAbout = {},
): Promise<HandPeer> {
  const identity = about.identity ?? newIdentity();
  const window = await opened(machine, { grant: about.grant ?? ["ask"] });
  const connect = (from?: string): Promise<RawConnection> =>
    connectTo(machine.address, { identity, ...(from === undefined ? {} : { from }) });
  using connection = await connect();
  const run = await shareByHand(connection, identity, window);
  if (run === null) throw new Error("the share was refused");
  const confirmed = await confirmByHand(run);
  if (confirmed?.status !== 200) throw new Error(`not confirmed: ${confirmed?.body}`);
  const first: string = JSON.parse(confirmed.body).token;
  const input = { token: someToken, about: aboutOf(identity, about) };
  const exchanged = await connection.post("token", input, { token: first });
  if (exchanged?.status !== 200) throw new Error(`not exchanged: ${exchanged?.body}`);
  await window.ended;
  return { identity, token: JSON.parse(exchanged.body).token, given: someToken, connect };
}
