/**
 * Reads tailscaled's status of a tailnet's machines, and judges who owns them. Pure. Trusts no
 * reply's shape: fields that do not fit are dropped. A machine is never dropped for its name, and
 * text reaches a person only through the allow-list printer.
 */

import type { OriginRefusal } from "../contract/discovery.ts";
import { Name } from "../contract/terms.ts";
import { canonicalAddress, isIpv6 } from "../contract/text/address.ts";
import { fittingName } from "../contract/text/naming.ts";
import { printable } from "../contract/text/printable.ts";

/** The owner of a tailnet machine. */
export interface NodeIdentity {
  /** Tailscale's own id of the machine, which survives renames and new keys. */
  readonly stableId: string;
  /** The first label of its DNS name, reduced to a legal name; shown, never trusted. */
  readonly name: string;
  /** Its full DNS name without the last dot; empty when the tailnet gives none. */
  readonly dnsName: string;
  /** In decimal: an int64 does not fit a number. */
  readonly userId: string | null;
  /** Its user's login, or its tags: a tagged machine has no user. */
  readonly login: string | null;
  readonly tagged: boolean;
  readonly shared: boolean;
  readonly expired: boolean;
  /** True when this machine's user owns it. */
  readonly sameUser: boolean;
  /** The reason not to pair with it; null for a machine of the same user. */
  readonly refusal: OriginRefusal | null;
}

/** Another machine of the tailnet, with its addresses. */
export interface TailnetNode extends NodeIdentity {
  /** IPv4 before IPv6, in canonical form. */
  readonly addresses: readonly string[];
  readonly online: boolean;
}

/** This machine as the tailnet knows it, in any state. */
export interface OwnNode {
  /** True when the tailnet is an interface of the system; false for userspace networking. */
  readonly tun: boolean;
  readonly addresses: readonly string[];
  readonly stableId: string;
  readonly dnsName: string;
  readonly login: string | null;
  /** The machine's user; null when it is tagged: a tagged machine has no user. */
  readonly userId: string | null;
}

/** A valid status of tailscaled. */
export interface ReadStatus {
  /** `Running`, or a state without a tailnet: `Stopped`, `NeedsLogin`, … */
  readonly state: string;
  readonly own: OwnNode;
  readonly nodes: readonly TailnetNode[];
}

/** Reads `ipnstate.Status`; null when the reply is not one. Reads ids from bigint only. */
export function readStatus(reply: unknown): ReadStatus | null {
  const status = recordOf(reply);
  const state = textOf(status?.BackendState);
  if (status === null || state === "") return null;
  const users = recordOf(status.User) ?? {};
  const self = recordOf(status.Self) ?? {};
  const about = statedBy(self, users);
  const own: OwnNode = {
    tun: status.TUN === true,
    addresses: addressesOf(status.TailscaleIPs),
    stableId: about.stableId,
    dnsName: about.dnsName,
    login: about.login,
    userId: about.tagged ? null : about.userId,
  };
  if (state === "Running" && (own.stableId === "" || own.addresses.length === 0)) return null;
  const nodes = Object.values(recordOf(status.Peer) ?? {})
    .flatMap((peer) => nodeOf(recordOf(peer), users, own))
    .sort((a, b) => compare(a.name, b.name) || compare(a.stableId, b.stableId));
  return { state, own, nodes };
}

function nodeOf(peer: Fields | null, users: Fields, own: OwnNode): readonly TailnetNode[] {
  if (peer === null) return [];
  const about = statedBy(peer, users);
  const addresses = addressesOf(peer.TailscaleIPs);
  if (about.stableId === "" || addresses.length === 0) return [];
  return [{ ...judged(about, own), addresses, online: peer.Online === true }];
}

/**
 * Reads `apitype.WhoIsResponse`; null when the reply is not one. While this machine's owner is
 * unknown, no machine counts as the same user's.
 */
export function readWhois(reply: unknown, own: OwnNode | null): NodeIdentity | null {
  const node = recordOf(recordOf(reply)?.Node);
  if (node === null) return null;
  const stableId = textOf(node.StableID);
  if (stableId === "") return null;
  const stated = {
    stableId,
    dnsName: dnsNameOf(node.Name),
    hostName: textOf(recordOf(node.Hostinfo)?.Hostname),
    userId: idOf(node.User),
    ...ownerOf(recordOf(reply)?.UserProfile, node.Tags),
    shared: idOf(node.Sharer) !== null || recordOf(node.Hostinfo)?.ShareeNode === true,
    expired: node.Expired === true,
  };
  return judged(stated, own);
}

/** The fields that a reply states about a machine. */
interface Stated extends Omit<NodeIdentity, "name" | "sameUser" | "refusal"> {
  readonly hostName: string;
}

/** Reads `ipnstate.PeerStatus`. */
function statedBy(peer: Fields, users: Fields): Stated {
  const userId = idOf(peer.UserID);
  return {
    stableId: textOf(peer.ID),
    dnsName: dnsNameOf(peer.DNSName),
    hostName: textOf(peer.HostName),
    userId,
    ...ownerOf(userId === null ? null : users[userId], peer.Tags),
    shared: peer.ShareeNode === true || idOf(peer.AltSharerUserID) !== null,
    expired: peer.Expired === true,
  };
}

function judged({ hostName, ...stated }: Stated, own: OwnNode | null): NodeIdentity {
  const { stableId, dnsName, userId, tagged, shared } = stated;
  // A tagged machine's user only created it; its tags decide its rights.
  const sameUser = !tagged && !shared && userId !== null && userId === own?.userId;
  const name = nameOf([dnsName.split(".")[0] ?? "", hostName, stableId]);
  return { ...stated, name, sameUser, refusal: refusalOf(stated, sameUser, own) };
}

function refusalOf(
  stated: Omit<Stated, "hostName">,
  sameUser: boolean,
  own: OwnNode | null,
): OriginRefusal | null {
  if (stated.tagged) return "tagged";
  if (stated.shared) return "shared";
  if (stated.userId === null || own === null) return "unknown";
  if (!sameUser) return "other_user";
  return stated.expired ? "expired" : null;
}

/** The first word that is a legal name, or can be reduced to one. */
function nameOf(words: readonly string[]): string {
  for (const word of words) {
    const lower = word.toLowerCase();
    if (Name.safeParse(lower).success) return lower;
    const fitting = fittingName(word);
    if (fitting !== "") return fitting;
  }
  return "node";
}

/** The addresses of a list, IPv4 first. */
function addressesOf(list: unknown): readonly string[] {
  if (!Array.isArray(list)) return [];
  const addresses = list.flatMap((entry: unknown) =>
    typeof entry === "string" ? (canonicalAddress(entry) ?? []) : [],
  );
  return addresses.sort((a, b) => Number(isIpv6(a)) - Number(isIpv6(b)));
}

type Fields = Readonly<Record<string, unknown>>;

const recordOf = (value: unknown): Fields | null =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : null;

/** Longer than any real name, address or login: a DNS name has 253 characters. */
const textLengthMax = 253;

const textOf = (value: unknown): string =>
  typeof value === "string" ? printable(value.slice(0, textLengthMax)) : "";

const dnsNameOf = (value: unknown): string => textOf(value).toLowerCase().replace(/\.$/, "");

/** An int64 as its digits; zero means no id. */
const idOf = (value: unknown): string | null =>
  typeof value === "bigint" && value !== 0n && BigInt.asIntN(64, value) === value
    ? String(value)
    : null;

/** The login of a user, or the tags that replace the user. */
function ownerOf(profile: unknown, tags: unknown): Pick<Stated, "login" | "tagged"> {
  // A malformed list of tags does not count as an empty one.
  const list = tags === undefined || tags === null ? [] : Array.isArray(tags) ? tags : [tags];
  const tagged = list.length > 0;
  const login = textOf(tagged ? list.map(textOf).join(" ") : recordOf(profile)?.LoginName);
  return { login: login === "" ? null : login, tagged };
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
