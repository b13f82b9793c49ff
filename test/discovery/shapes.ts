/**
 * Replies of a LocalAPI as a real tailscaled writes them (Go types `ipnstate.Status` and
 * `apitype.WhoIsResponse`), for tests to change in one place.
 */

/** Fields of a reply. */
export type Fields = Readonly<Record<string, unknown>>;

/** Two users whose ids are the same number for a reader of doubles. */
export const ada = "9007199254740993";
export const bob = "9007199254740992";

/** A number of 64 bits, to be written by `json`. */
export const int64 = (digits: string): string => `int64:${digits}`;

/** JSON as Go writes it: 64 bits are written whole. */
export const json = (value: unknown): string =>
  JSON.stringify(value, null, "\t").replace(/"int64:(-?\d+)"/g, "$1");

const never = "0001-01-01T00:00:00Z";
const profile = (id: string, login: string): Fields => ({
  ID: int64(id),
  LoginName: login,
  DisplayName: login,
});

/** A machine in a status: `mini` of ada's, unless given otherwise. */
export const peer = (change: Fields = {}): Fields => ({
  ID: "nMini11CNTRL",
  NodeID: int64("11"),
  PublicKey: "nodekey:0b",
  HostName: "Mini",
  DNSName: "mini.tail1.ts.net.",
  OS: "macOS",
  UserID: int64(ada),
  TailscaleIPs: ["100.101.7.3", "fd7a:115c:a1e0::b"],
  AllowedIPs: ["100.101.7.3/32", "fd7a:115c:a1e0::b/128"],
  Addrs: null,
  CurAddr: "",
  Relay: "fra",
  PeerRelay: "",
  RxBytes: 0,
  TxBytes: 0,
  Created: never,
  LastSeen: never,
  LastHandshake: never,
  Online: true,
  ExitNode: false,
  ExitNodeOption: false,
  Active: false,
  PeerAPIURL: ["http://100.101.7.3:41300"],
  TaildropTarget: 1,
  CapMap: { https: null },
  InNetworkMap: true,
  InMagicSock: true,
  InEngine: false,
  ...change,
});

/** This machine in a status. */
export const self = (change: Fields = {}): Fields =>
  peer({
    ID: "nLaptop7CNTRL",
    HostName: "laptop",
    DNSName: "laptop.tail1.ts.net.",
    TailscaleIPs: ["100.88.4.20", "fd7a:115c:a1e0::7"],
    ...change,
  });

/** A status that runs, with the machines given. */
export const status = (peers: readonly unknown[] = [peer()], change: Fields = {}): Fields => ({
  Version: "1.102.5-t0",
  TUN: true,
  BackendState: "Running",
  HaveNodeKey: true,
  AuthURL: "",
  TailscaleIPs: ["100.88.4.20", "fd7a:115c:a1e0::7"],
  Self: self(),
  Health: [],
  MagicDNSSuffix: "tail1.ts.net",
  CurrentTailnet: {
    Name: "ada@example.com",
    MagicDNSSuffix: "tail1.ts.net",
    MagicDNSEnabled: true,
  },
  CertDomains: null,
  Peer: Object.fromEntries(peers.map((one, at) => [`nodekey:${at}`, one])),
  User: { [ada]: profile(ada, "ada@example.com"), [bob]: profile(bob, "bob@example.com") },
  ClientVersion: null,
  ...change,
});

/** A machine in a whois: `mini` of ada's, unless given otherwise. */
export const node = (change: Fields = {}): Fields => ({
  ID: int64("11"),
  StableID: "nMini11CNTRL",
  Name: "mini.tail1.ts.net.",
  User: int64(ada),
  Key: "nodekey:0b",
  Addresses: ["100.101.7.3/32", "fd7a:115c:a1e0::b/128"],
  AllowedIPs: ["100.101.7.3/32", "fd7a:115c:a1e0::b/128"],
  Hostinfo: { OS: "macOS", Hostname: "Mini" },
  Cap: 142,
  Online: true,
  MachineAuthorized: true,
  ComputedName: "mini",
  ...change,
});

/** A whois of a machine. */
export const whois = (change: Fields = {}, login = "ada@example.com"): Fields => ({
  Node: node(change),
  UserProfile: profile(ada, login),
  CapMap: { "https://tailscale.com/cap/ingress": null },
});
