/** The thread that a person names, by its complete id or by the ending of one. */

import { PeernetError } from "../../contract/errors.ts";
import type { Io } from "../terminal/io.ts";

/** The length of a complete id: shorter text is an ending. */
const wholeCharacters = 36;

/** The complete id of a thread. @throws {id_unknown} {id_several} {bad_request} */
export async function threadOf(io: Io, typed: string | null): Promise<string | null> {
  if (typed === null || typed.length >= wholeCharacters) return typed;
  const { id, kind } = await io.calls().show({ id: typed });
  if (kind === "thread") return id;
  throw new PeernetError("bad_request", {
    message: `${typed} is no thread here`,
    hint: `peernet show ${typed}`,
  });
}
