/**
 * The protocol of reverse connections. A machine that its peer cannot dial makes connections by
 * ALPN (RFC 7301), and answers the peer's calls on them.
 */

import type { WireOperation } from "./rows.ts";

/** The name by which a dialling machine offers to answer calls on its connection. */
export const reverseProtocol = "peernet-reverse/1";

/** The name of every other connection; a connection without a name is of this kind. */
export const directProtocol = "http/1.1";

/** Paths whose caller waits for a person: one connection of three is kept free for them. */
const promptPaths: ReadonlySet<string> = new Set(["ask", "hello", "wait"]);

/** True for a path that may use each reverse connection; the others leave one free. */
export const isPrompt = (path: string): boolean => promptPaths.has(path);

/**
 * True for a row that a machine answers on a connection that it dialled: only rows for peers. A
 * window, and the roles of a pairing, belong to the machine that was dialled.
 */
export const isServedBack = ({ caller }: Pick<WireOperation, "caller">): boolean =>
  caller === "peer" || caller === "exchange";
