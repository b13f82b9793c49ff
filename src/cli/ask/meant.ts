/** Finds the handle that a mistaken word meant: a machine, a name elsewhere, a slip. */

import { PeernetError } from "../../contract/errors.ts";
import { handlesNamed } from "../../session/handles/meant.ts";
import { nearest } from "../frame/suggest.ts";
import type { Io } from "../terminal/io.ts";

/** The handle to ask instead of a refused one, or a better refusal; null when neither is known. */
export async function meantBy(
  io: Io,
  handle: string | null,
  error: unknown,
): Promise<string | PeernetError | null> {
  if (handle === null || !(error instanceof PeernetError)) return null;
  if (error.code === "peer_unknown") return slip(io, handle, error);
  if (error.code !== "handle_unknown" || handle.includes("/")) return null;
  const { peers } = await io.calls().peers({});
  if (peers.some(({ name }) => name === handle)) return `${handle}/`;
  const elsewhere = peers.flatMap(({ handles }) => handles.map((each) => each.handle));
  const named = await handlesNamed(io.calls(), handle);
  const [only, ...others] = named;
  if (only !== undefined && others.length === 0) return only;
  if (only !== undefined) return refused(error, `did you mean ${named.join(" or ")}`);
  const near = nearest(handle, [...elsewhere.map(rightOf), ...peers.map(({ name }) => name)]);
  if (near === null) return null;
  const found = elsewhere.find((each) => rightOf(each) === near) ?? `${near}/`;
  return refused(error, `did you mean ${found}`);
}

const rightOf = (handle: string): string => handle.slice(handle.indexOf("/") + 1);

const refused = ({ code, message, details }: PeernetError, hint: string): PeernetError =>
  new PeernetError(code, { message, hint, ...(details === undefined ? {} : { details }) });

/** The refusal of a word that is almost a machine's name. */
async function slip(io: Io, handle: string, error: PeernetError): Promise<PeernetError | null> {
  const { peers } = await io.calls().peers({});
  const [machine = "", name = ""] = handle.split("/");
  const near = nearest(
    machine,
    peers.map((peer) => peer.name),
  );
  return near === null ? null : refused(error, `did you mean ${near}/${name}`);
}
