/**
 * The Builder's logic. From the state, the schemas and a person's choices it makes the command, the
 * tool call, and the reason why a choice is unavailable now. Pure; validates by the given schemas.
 */

import { grantingThere } from "../../../contract/grants/words.ts";
import type { LocalHandle } from "../../../contract/lease.ts";
import type { Peer } from "../../../contract/peer.ts";
import { rightHalf } from "../names.ts";

/** The operations that the Builder offers. */
export const operations = ["ask", "preview", "peers/grant", "audit"] as const;
export type Built = (typeof operations)[number];

/** The part of a JSON Schema that a form uses. */
export interface Schema {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly format?: string;
  readonly default?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
}

/** The state from which a person chooses. */
export interface State {
  readonly own: readonly LocalHandle[];
  readonly peers: readonly Peer[];
}

/** A choice, or the reason why it is unavailable and the remedy. */
export interface Choice {
  readonly value: string;
  readonly text: string;
  readonly why: string | null;
  readonly change: string | null;
}

const fine = (value: string, text = value): Choice => ({ value, text, why: null, change: null });

/** The possible targets of an ask: handles here, handles there, machines, and all of them. */
export function askable({ own, peers }: State): readonly Choice[] {
  const reachable = peers.filter((peer) => obstacle(peer) === null);
  const live = reachable.some(({ handles }) => handles.length > 0);
  return [
    live
      ? fine("", "every live handle of every peer")
      : {
          value: "",
          text: "every live handle of every peer",
          why: "no peer that can be asked has a live handle",
          change: peers.length === 0 ? "peernet pair" : "peernet status",
        },
    ...peers.flatMap((peer) => ofPeer(peer)),
    ...own.map(({ handle }) => fine(rightHalf(handle), `${rightHalf(handle)} (here)`)),
  ];
}

function ofPeer(peer: Peer): readonly Choice[] {
  const blocked = obstacle(peer);
  const all = `${peer.name}/`;
  if (blocked !== null) {
    return [
      { value: all, text: all, ...blocked },
      ...peer.handles.map(({ handle }) => ({ value: handle, text: handle, ...blocked })),
    ];
  }
  if (peer.handles.length === 0) {
    const why = `no session on ${peer.name} has a handle`;
    return [{ value: all, text: all, why, change: `on ${peer.name} run: peernet activate` }];
  }
  return [
    fine(all, `${all} (all ${peer.handles.length})`),
    ...peer.handles.map(({ handle }) => fine(handle)),
  ];
}

/** The reason why a peer cannot be asked now, or null. */
export function obstacle(peer: Peer): { readonly why: string; readonly change: string } | null {
  if (!peer.grants.ours.includes("ask")) {
    const change = grantingThere(peer, "THIS-MACHINE", "ask");
    return { why: `${peer.name} does not let this machine ask`, change };
  }
  if (peer.link === "refused") {
    return { why: `${peer.name} no longer accepts this machine`, change: "peernet pair" };
  }
  if (peer.link === "down") {
    return { why: `${peer.name} is down`, change: `wake ${peer.name}, or: peernet doctor` };
  }
  return null;
}

/** The peers, or the reason why there is none to choose. */
export const chosenPeers = ({ peers }: State): readonly Choice[] =>
  peers.length === 0
    ? [{ value: "", text: "no peer", why: "no machine is paired", change: "peernet pair" }]
    : peers.map(({ name }) => fine(name));

/** Handles of this machine, or the reason why there is none. */
export const ownHandles = ({ own }: State): readonly Choice[] =>
  own.length === 0
    ? [
        {
          value: "",
          text: "no handle",
          why: "no session here has a handle",
          change: "peernet activate",
        },
      ]
    : own.map(({ handle }) => fine(rightHalf(handle)));

/** The values of a form; an empty one counts as absent. */
export type Values = Readonly<Record<string, string>>;

/** The fault of a value, by its schema; null when it has none. */
export function fault(schema: Schema, value: string): string | null {
  if (value === "") return null;
  const real = schema.anyOf?.find(({ type }) => type !== "null") ?? schema;
  const bytes = new TextEncoder().encode(value).length;
  if (real.maxLength !== undefined && bytes > real.maxLength) {
    return `${bytes} bytes: at most ${real.maxLength}`;
  }
  if (real.pattern !== undefined && !new RegExp(real.pattern, "u").test(value)) {
    return real.format === "uuid" ? "not a thread id" : "not what is expected here";
  }
  if (real.type !== "integer") return null;
  const number = Number(value);
  if (!Number.isInteger(number)) return "not a whole number";
  if (number < (real.minimum ?? 0)) return `at least ${real.minimum ?? 0}`;
  if (real.maximum !== undefined && number > real.maximum) return `at most ${real.maximum}`;
  return null;
}

/** A word of a command line, quoted when a shell would misread it. */
export const quoted = (word: string): string =>
  /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;

/** The command line of an operation. */
export function commandOf(command: string, built: Built, values: Values): string {
  return [command, ...wordsOf(built, values)]
    .map((word, index) => (index === 0 && word === command ? word : quoted(word)))
    .join(" ");
}

function wordsOf(built: Built, values: Values): readonly string[] {
  const { handle = "", question = "", thread_id = "", timeout_ms = "", name = "" } = values;
  const flag = (word: string, value: string): readonly string[] =>
    value === "" ? [] : [word, value];
  switch (built) {
    case "ask": {
      const asked = handle === "" ? [] : [handle, ...(question === "" ? [] : [question])];
      const timeout = timeout_ms === "" ? "" : `${Number(timeout_ms) / 1_000}s`;
      return ["ask", ...flag("--timeout", timeout), ...flag("--thread", thread_id), ...asked];
    }
    case "preview":
      return ["preview", ...(name === "" ? [] : [name]), ...flag("--as", values.as ?? "")];
    case "peers/grant":
      return ["peers", "grant", name, values.entry || "ask"];
    case "audit":
      return [
        "audit",
        ...flag("--peer", values.peer ?? ""),
        ...flag("--handle", handle),
        ...flag("--verb", values.verb ?? ""),
        ...flag("--limit", values.limit ?? ""),
        ...(values.all === "true" ? ["--all"] : []),
      ];
    default:
      return built satisfies never;
  }
}

/** The tool call of an operation, as JSON; or the reason why there is none. */
export function toolCallOf(
  built: Built,
  values: Values,
): { readonly json: string } | { readonly why: string } {
  if (built !== "ask") {
    return {
      why:
        built === "peers/grant"
          ? "no tool changes what a peer may do: that is a person's"
          : "no tool reads this: it is for the person at this machine",
    };
  }
  const { handle = "", question = "" } = values;
  if (handle === "" || handle.endsWith("/")) {
    return { why: "ask_peer takes one handle; list_peers {} lists the live ones" };
  }
  const args = question === "" ? { handle } : { handle, question };
  const call = { method: "tools/call", params: { name: "ask_peer", arguments: args } };
  return { json: JSON.stringify(call, null, 2) };
}

/** The tool call that lists the live sessions of every machine. */
export const listCall = JSON.stringify(
  { method: "tools/call", params: { name: "list_peers", arguments: {} } },
  null,
  2,
);

/** The input of the ask operation. */
export const askInput = ({
  handle = "",
  question = "",
  thread_id = "",
  timeout_ms = "",
}: Values) => ({
  handle: handle === "" ? null : handle,
  question: question === "" || handle === "" ? null : question,
  thread_id: thread_id === "" ? null : thread_id,
  ...(timeout_ms === "" ? {} : { timeout_ms: Number(timeout_ms) }),
});
