/**
 * The tailnet as this machine's tailscaled tells of it: which machines are on it, whose they are,
 * and whose machine a connection comes from. It removes noise and fills the record; it proves
 * nobody's identity, and what it cannot tell it does not claim.
 */

import type { OriginRefusal } from "../contract/discovery.ts";
import { candidatesMax, tailscaledMs } from "../contract/limits.ts";
import type { Clock } from "../platform/effects.ts";
import {
  canonicalAddress,
  type NodeIdentity,
  type OwnNode,
  readStatus,
  readWhois,
  type TailnetNode,
} from "./tailnet-nodes.ts";
import { type Answer, ask, type TailscaledParts, tailscaledSockets } from "./tailscaled.ts";

/** What a tailnet needs of the outside. */
export interface TailnetOptions extends Omit<TailscaledParts, "socketPaths"> {
  /** Where tailscaled may listen; its usual places unless given. */
  readonly socketPaths?: readonly string[];
  /**
   * Whether the command may be run for what every connection asks. Needed only where the daemon
   * has no socket: answering an ask starts no process anywhere else.
   */
  readonly ownByCommand?: boolean;
  readonly clock: Pick<Clock, "monotonicMs">;
}

/** The tailnet, or why there is none; the reason is for a person. */
export type TailnetStatus =
  | {
      readonly state: "running";
      readonly own: OwnNode;
      readonly nodes: readonly TailnetNode[];
    }
  | { readonly state: "stopped" | "missing" | "unanswered"; readonly why: string };

/** Both ends of a connection, as the socket names them. */
export interface SocketEnds {
  readonly localAddress: string;
  readonly remoteAddress: string;
  readonly remotePort: number;
}

/** How a connection came here. */
export type TailnetOrigin =
  | {
      readonly transport: "tailnet";
      /** The stable id of the machine it comes from. */
      readonly node: string;
      readonly login: string | null;
      /** Why that machine is not one to pair with. */
      readonly refusal: OriginRefusal | null;
    }
  | { readonly transport: "other" }
  | { readonly refused: "origin_unverified" };

/** Whose machine an address is; null for none of the tailnet's, `silent` without an answer. */
export type WhoisAnswer = NodeIdentity | null | "silent";

/** What can be asked of the tailnet. Nothing here throws. */
export interface Tailnet {
  /** This machine on its tailnet, as it was a moment ago. */
  seen(): Promise<Seen>;
  /** The machines of the tailnet, asked anew. */
  status(): Promise<TailnetStatus>;
  /** Whose machine is at the other end of a TCP connection, asked anew. */
  whois(address: string, port: number): Promise<WhoisAnswer>;
  /** How a connection came here. */
  originOf(ends: SocketEnds): Promise<TailnetOrigin>;
}

/** This machine as it was last seen; `unanswered` when tailscaled is there and says nothing. */
export type Seen = OwnNode | "unanswered" | "none";

/** How long this machine's own addresses are believed: they change when a person logs in. */
const seenLifeMs = 3_000;

/** Makes the tailnet of this machine; asks nothing yet. */
export function tailnet(options: TailnetOptions): Tailnet {
  const parts = { ...options, socketPaths: options.socketPaths ?? tailscaledSockets };
  const own = { ...ownQuestion, ...(options.ownByCommand === false ? { words: null } : {}) };
  const seen = remembered(options.clock, async () => seenIn(await ask(parts, own)));
  const whois: Tailnet["whois"] = async (address, port) => {
    const remote = canonicalAddress(address);
    if (remote === null) return null;
    // Whose machine this is decides whether the other is the same user's.
    const seeing = seen();
    const question = whoisQuestion(remote, port);
    const byCommand = options.ownByCommand !== false;
    const answer = await ask(parts, byCommand ? question : { ...question, words: null });
    // Silence is told at its own deadline.
    const own = answer.kind === "reply" ? await seeing : "none";
    return whoisIn(answer, typeof own === "string" ? null : own);
  };
  return {
    seen,
    status: async () => statusIn(await ask(parts, statusQuestion)),
    whois,
    originOf: async (ends) => {
      const place = placeOf(await seen(), ends);
      if (place === "elsewhere") return { transport: "other" };
      if (place === "unknown") return { refused: "origin_unverified" };
      return originFrom(await whois(ends.remoteAddress, ends.remotePort));
    },
  };
}

/** How long a status may take: thousands of machines, or the command's first start. */
const statusMs = 2 * tailscaledMs;

const statusQuestion = {
  path: "status?peers=true",
  words: ["status", "--json"],
  deadlineMs: statusMs,
};
const ownQuestion = {
  path: "status?peers=false",
  words: ["status", "--json", "--peers=false"],
  deadlineMs: statusMs,
};
const whoisQuestion = (address: string, port: number) => {
  const end = address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
  return {
    path: `whois?proto=tcp&addr=${encodeURIComponent(end)}`,
    words: ["whois", "--json", end],
    deadlineMs: tailscaledMs,
  };
};

/** One reading at a time, kept for a while; a failed one too, so that a hang costs one wait. */
function remembered(clock: TailnetOptions["clock"], read: () => Promise<Seen>) {
  let kept: { readonly reading: Promise<Seen>; readonly untilMs: number } | null = null;
  let last: Seen | null = null;
  return (): Promise<Seen> => {
    const nowMs = clock.monotonicMs();
    if (kept === null || nowMs >= kept.untilMs) {
      const reading = read();
      kept = { reading, untilMs: nowMs + seenLifeMs };
      const note = (seen: Seen | null): void => {
        last = seen;
      };
      // Whoever asked hears of a failure; here it only means that nothing is known.
      reading.then(note, () => note(null));
      // Where there was no tailnet the answer is slow to come: a connection does not wait for it,
      // and finds the tailnet that has come up with the next.
      if (last === "none" || last === "unanswered") return Promise.resolve(last);
    }
    return kept.reading;
  };
}

function seenIn(answer: Answer): Seen {
  switch (answer.kind) {
    case "reply":
      return readStatus(answer.reply)?.own ?? "unanswered";
    case "none":
    case "silent":
      return "unanswered";
    case "failed":
    case "missing":
      return "none";
    default:
      return answer satisfies never;
  }
}

function statusIn(answer: Answer): TailnetStatus {
  switch (answer.kind) {
    case "reply": {
      const read = readStatus(answer.reply);
      if (read === null) return { state: "unanswered", why: "its answer is no status" };
      const { state, own, nodes } = read;
      return state === "Running"
        ? { state: "running", own, nodes }
        : { state: "stopped", why: state };
    }
    case "none":
      return { state: "unanswered", why: "it answered 404" };
    case "silent":
      return { state: "unanswered", why: answer.why };
    case "failed":
      return { state: "stopped", why: "tailscaled does not run" };
    case "missing":
      return { state: "missing", why: "there is neither tailscaled nor tailscale" };
    default:
      return answer satisfies never;
  }
}

function whoisIn(answer: Answer, own: OwnNode | null): WhoisAnswer {
  switch (answer.kind) {
    case "reply":
      return readWhois(answer.reply, own) ?? "silent";
    case "none":
      return null;
    // The command has one exit code for "no such machine" and for every failure of its own.
    case "failed":
    case "silent":
    case "missing":
      return "silent";
    default:
      return answer satisfies never;
  }
}

/**
 * Where a connection came in: by the tailnet's interface, by a process that carries the tailnet
 * to loopback, elsewhere, or by what only tailscaled, which is silent, could tell.
 */
export function placeOf(
  own: Seen,
  ends: Pick<SocketEnds, "localAddress" | "remoteAddress">,
): "interface" | "userspace" | "elsewhere" | "unknown" {
  const local = canonicalAddress(ends.localAddress);
  const remote = canonicalAddress(ends.remoteAddress);
  if (local === null || remote === null || own === "none") return "elsewhere";
  if (own === "unanswered") return isTailscale(local) ? "unknown" : "elsewhere";
  if (own.tun) return own.addresses.includes(local) ? "interface" : "elsewhere";
  return isLoopback(remote) ? "userspace" : "elsewhere";
}

/** The origin of a connection that came in by the tailnet, or may have. */
export function originFrom(who: WhoisAnswer): TailnetOrigin {
  if (who === "silent") return { refused: "origin_unverified" };
  if (who === null) return { transport: "other" };
  return { transport: "tailnet", node: who.stableId, login: who.login, refusal: who.refusal };
}

const isLoopback = (address: string): boolean => address === "::1" || address.startsWith("127.");

/** The ranges Tailscale gives addresses from: 100.64.0.0/10 and fd7a:115c:a1e0::/48. */
const isTailscale = (address: string): boolean =>
  /^100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\./.test(address) || address.startsWith("fd7a:115c:a1e0:");

/** Machines of the tailnet that are online. */
export interface TailnetCandidates {
  /** To be probed, those of the same user first; at most `candidatesMax`. */
  readonly probed: readonly TailnetNode[];
  /** Left alone, each with its refusal. */
  readonly withheld: readonly TailnetNode[];
}

/** Chooses the machines that may be paired with; each one's best address is its first. */
export function tailnetCandidates(status: TailnetStatus, sameUserOnly: boolean): TailnetCandidates {
  if (status.state !== "running") return { probed: [], withheld: [] };
  const online = status.nodes.filter((node) => node.online);
  const ours = online.filter((node) => node.refusal === null);
  const others = online.filter((node) => node.refusal !== null);
  if (sameUserOnly) return { probed: ours.slice(0, candidatesMax), withheld: others };
  return { probed: [...ours, ...others].slice(0, candidatesMax), withheld: [] };
}

/**
 * The best address of the machine with a MagicDNS name, or with a bare host name in this
 * machine's own domain; null for any other name, which is the resolver's.
 */
export function resolveTailnet(name: string, status: TailnetStatus): string | null {
  if (status.state !== "running") return null;
  const bare = name.toLowerCase().replace(/\.$/, "");
  const domain = status.own.dnsName.replace(/^[^.]*\.?/, "");
  const whole = bare.includes(".") || domain === "" ? bare : `${bare}.${domain}`;
  const found = status.nodes.find(({ dnsName }) => dnsName !== "" && dnsName === whole);
  return found?.addresses[0] ?? null;
}
