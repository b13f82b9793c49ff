/**
 * The tailnet as this machine's tailscaled reports it: its machines, their owners, and the machine
 * behind a connection. It reduces noise and completes the audit record. It proves no identity, and
 * claims nothing that tailscaled did not answer.
 */

import type { OriginRefusal } from "../contract/discovery.ts";
import { candidatesMax, tailscaledMs } from "../contract/limits.ts";
import { canonicalAddress, formatAddress } from "../contract/text/address.ts";
import type { Clock } from "../platform/effects.ts";
import {
  type NodeIdentity,
  type OwnNode,
  readStatus,
  readWhois,
  type TailnetNode,
} from "./tailnet-nodes.ts";
import { type Answer, ask, type TailscaledParts, tailscaledSockets } from "./tailscaled.ts";

/** Dependencies of the tailnet. */
export interface TailnetOptions extends Omit<TailscaledParts, "socketPaths"> {
  /** The sockets on which tailscaled may listen; its default ones unless given. */
  readonly socketPaths?: readonly string[];
  /**
   * True when the command may run for the question that every connection asks. Only a machine
   * without tailscaled's socket needs it: elsewhere an ask starts no process.
   */
  readonly ownByCommand?: boolean;
  readonly clock: Pick<Clock, "monotonicMs">;
}

/** The tailnet, or the reason why there is none, for a person. */
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

/** The way by which a connection arrived. */
export type TailnetOrigin =
  | {
      readonly transport: "tailnet";
      /** The stable id of the machine that it comes from. */
      readonly node: string;
      readonly login: string | null;
      /** The reason not to pair with that machine. */
      readonly refusal: OriginRefusal | null;
    }
  | { readonly transport: "other" }
  | { readonly refused: "origin_unverified" };

/** The owner of an address; null when it is not the tailnet's, `silent` without an answer. */
export type WhoisAnswer = NodeIdentity | null | "silent";

/** Questions to the tailnet. None of them throws. */
export interface Tailnet {
  /** This machine on its tailnet, as seen a moment ago. */
  seen(): Promise<Seen>;
  /** The machines of the tailnet, read again. */
  status(): Promise<TailnetStatus>;
  /** The machine at the other end of a TCP connection, read again. */
  whois(address: string, port: number): Promise<WhoisAnswer>;
  /** The way by which a connection arrived. */
  originOf(ends: SocketEnds): Promise<TailnetOrigin>;
}

/** This machine as last seen; `unanswered` when tailscaled is present and silent. */
export type Seen = OwnNode | "unanswered" | "none";

/** The time for which this machine's own addresses are cached: a login changes them. */
const seenLifeMs = 3_000;

/** Makes the tailnet of this machine; sends no question yet. */
export function tailnet(options: TailnetOptions): Tailnet {
  const parts = { ...options, socketPaths: options.socketPaths ?? tailscaledSockets };
  const own = { ...ownQuestion, ...(options.ownByCommand === false ? { words: null } : {}) };
  const seen = remembered(options.clock, async () => seenIn(await ask(parts, own)));
  const whois: Tailnet["whois"] = async (address, port) => {
    const remote = canonicalAddress(address);
    if (remote === null) return null;
    // This machine's owner decides whether the other is the same user's.
    const seeing = seen();
    const question = whoisQuestion(remote, port);
    const byCommand = options.ownByCommand !== false;
    const answer = await ask(parts, byCommand ? question : { ...question, words: null });
    // Silence is reported at its own deadline.
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

/** Time limit of a status: thousands of machines, or the command's first start. */
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
  const end = formatAddress(address, port);
  return {
    path: `whois?proto=tcp&addr=${encodeURIComponent(end)}`,
    words: ["whois", "--json", end],
    deadlineMs: tailscaledMs,
  };
};

/** One reading at a time, cached for a while; a failed one too, so that a hang costs one wait. */
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
      // The caller of the reading learns of a failure; here it only means that nothing is known.
      reading.then(note, () => note(null));
      // Without a tailnet the answer is slow. A connection does not wait for it; the next
      // connection finds a tailnet that has come up.
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
    // The command has one exit code for "no such machine" and for its own failures.
    case "failed":
    case "silent":
    case "missing":
      return "silent";
    default:
      return answer satisfies never;
  }
}

/**
 * The place where a connection arrived: the tailnet's interface, a process that forwards the
 * tailnet to loopback, elsewhere, or unknown since tailscaled is silent.
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

/** The origin of a connection that arrived by the tailnet, or may have. */
export function originFrom(who: WhoisAnswer): TailnetOrigin {
  if (who === "silent") return { refused: "origin_unverified" };
  if (who === null) return { transport: "other" };
  return { transport: "tailnet", node: who.stableId, login: who.login, refusal: who.refusal };
}

const isLoopback = (address: string): boolean => address === "::1" || address.startsWith("127.");

/** The ranges of Tailscale's addresses: 100.64.0.0/10 and fd7a:115c:a1e0::/48. */
const isTailscale = (address: string): boolean =>
  /^100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\./.test(address) || address.startsWith("fd7a:115c:a1e0:");

/** Machines of the tailnet that are online. */
export interface TailnetCandidates {
  /** Machines to probe, those of the same user first; at most `candidatesMax`. */
  readonly probed: readonly TailnetNode[];
  /** Machines that are not probed, each with its refusal. */
  readonly withheld: readonly TailnetNode[];
}

/** Chooses the machines that may be paired with; each machine's first address is its best. */
export function tailnetCandidates(status: TailnetStatus, sameUserOnly: boolean): TailnetCandidates {
  if (status.state !== "running") return { probed: [], withheld: [] };
  const online = status.nodes.filter((node) => node.online);
  const ours = online.filter((node) => node.refusal === null);
  const others = online.filter((node) => node.refusal !== null);
  if (sameUserOnly) return { probed: ours.slice(0, candidatesMax), withheld: others };
  return { probed: [...ours, ...others].slice(0, candidatesMax), withheld: [] };
}

/**
 * The best address of the machine with a MagicDNS name, or with a bare host name in this machine's
 * own domain. Null for any other name, which the resolver handles.
 */
export function resolveTailnet(name: string, status: TailnetStatus): string | null {
  if (status.state !== "running") return null;
  const bare = name.toLowerCase().replace(/\.$/, "");
  const domain = status.own.dnsName.replace(/^[^.]*\.?/, "");
  const whole = bare.includes(".") || domain === "" ? bare : `${bare}.${domain}`;
  const found = status.nodes.find(({ dnsName }) => dnsName !== "" && dnsName === whole);
  return found?.addresses[0] ?? null;
}
