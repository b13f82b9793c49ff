/**
 * Reads what tailscaled says of the machines of a tailnet, and judges whose they are. Pure.
 * Believes nothing about the shape of a reply: what does not fit is left out, a machine is never
 * left out for its name, and no text reaches a person but through the allow-list printer.
 */

import type { OriginRefusal } from "../contract/discovery.ts";
import { Name } from "../contract/terms.ts";
import { printable } from "../contract/text/printable.ts";

/** Whose a machine of the tailnet is. */
export interface NodeIdentity {
  /** Tailscale's own name of the machine, which survives renames and new keys. */
  readonly stableId: string;
  /** The first label of its DNS name, or what of it is a legal name; shown, never trusted. */
  readonly name: string;
  /** Its whole DNS name without the last dot; empty where the tailnet gives none. */
  readonly dnsName: string;
  /** In decimal: an int64 does not fit a number. */
  readonly userId: string | null;
  /** Its user's login, or its tags: a tagged machine has no user. */
  readonly login: string | null;
  readonly tagged: boolean;
  readonly shared: boolean;
  readonly expired: boolean;
  /** Whether this machine's user owns it. */
  readonly sameUser: boolean;
  /** Why it is not one to pair with; null for a machine of the same user. */
  readonly refusal: OriginRefusal | null;
}

/** Another machine of the tailnet, and where it is. */
export interface TailnetNode extends NodeIdentity {
  /** IPv4 before IPv6, in canonical form. */
  readonly addresses: readonly string[];
  readonly online: boolean;
}

/** This machine as the tailnet knows it, whatever its state. */
export interface OwnNode {
  /** Whether the tailnet is an interface of the system; false for userspace networking. */
  readonly tun: boolean;
  readonly addresses: readonly string[];
  readonly stableId: string;
  readonly dnsName: string;
  readonly login: string | null;
  /** The user whose machine it is; null when it is tagged: then it is nobody's. */
  readonly userId: string | null;
}

/** A status of tailscaled that could be read. */
export interface ReadStatus {
  /** `Running`, or a state in which there is no tailnet: `Stopped`, `NeedsLogin`, … */
  readonly state: string;
  readonly own: OwnNode;
  readonly nodes: readonly TailnetNode[];
}

/** Reads `ipnstate.Status`; null for what is none. Ids are read from bigint only. */
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
 * Reads `apitype.WhoIsResponse`; null for what is none. Where it is not known whose this machine
 * is, nobody is the same user.
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

/** What a reply states of a machine. */
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
  // The user of a tagged machine is only who made it: what it may do is up to its tags.
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

const nameLengthMax = 31;

/** The first of some words that is a legal name, or of which something legal is left. */
function nameOf(words: readonly string[]): string {
  for (const word of words) {
    const lower = word.toLowerCase();
    if (Name.safeParse(lower).success) return lower;
    const fitting = lower
      .replace(/[^a-z0-9]+/g, "-")
      .replace(/^-+/, "")
      .slice(0, nameLengthMax)
      .replace(/-+$/, "");
    if (fitting !== "") return fitting;
  }
  return "node";
}

/**
 * An IP address in the one form in which it can be compared; null for what is none, and for an
 * address with a zone, which means something on its own link only.
 */
export function canonicalAddress(text: string): string | null {
  // IPv4 in an IPv6 coat is IPv4.
  const plain = text.replace(/^::ffff:(?=\d+\.)/i, "");
  if (/^\d+\.\d+\.\d+\.\d+$/.test(plain)) {
    return plain
      .split(".")
      .every((octet) => /^(0|[1-9]\d{0,2})$/.test(octet) && Number(octet) < 256)
      ? plain
      : null;
  }
  const url = `http://[${plain}]/`;
  if (!/^[0-9A-Fa-f:.]+$/.test(plain) || !URL.canParse(url)) return null;
  return new URL(url).hostname.slice(1, -1);
}

/** The addresses of a list, IPv4 first. */
function addressesOf(list: unknown): readonly string[] {
  if (!Array.isArray(list)) return [];
  const addresses = list.flatMap((entry: unknown) =>
    typeof entry === "string" ? (canonicalAddress(entry) ?? []) : [],
  );
  return addresses.sort((a, b) => Number(a.includes(":")) - Number(b.includes(":")));
}

type Fields = Readonly<Record<string, unknown>>;

const recordOf = (value: unknown): Fields | null =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : null;

/** Longer than any name, address or login there is: a DNS name has 253 characters. */
const textLengthMax = 253;

const textOf = (value: unknown): string =>
  typeof value === "string" ? printable(value.slice(0, textLengthMax)) : "";

const dnsNameOf = (value: unknown): string => textOf(value).toLowerCase().replace(/\.$/, "");

/** An int64 as its digits; zero stands for none. */
const idOf = (value: unknown): string | null =>
  typeof value === "bigint" && value !== 0n && BigInt.asIntN(64, value) === value
    ? String(value)
    : null;

/** The login of a user, or the tags that stand in the user's place. */
function ownerOf(profile: unknown, tags: unknown): Pick<Stated, "login" | "tagged"> {
  // What is no list of tags is not taken for none.
  const list = tags === undefined || tags === null ? [] : Array.isArray(tags) ? tags : [tags];
  const tagged = list.length > 0;
  const login = textOf(tagged ? list.map(textOf).join(" ") : recordOf(profile)?.LoginName);
  return { login: login === "" ? null : login, tagged };
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
