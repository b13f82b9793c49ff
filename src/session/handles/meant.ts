/**
 * Resolves a bare name, as a person or a model writes it, to the one session of another machine
 * that has it: the same for asks, waits and messages.
 */

import type { Control } from "../../contract/control.ts";
import { PeernetError } from "../../contract/errors.ts";
import type { SendOutput } from "../../contract/messages/sending.ts";
import type { Calls } from "../../contract/operation/operation.ts";
import { nameHalf } from "../../contract/text/handle.ts";

type Listing = Pick<Calls<Control>, "peers">;

/** The live handles of other machines with a name. */
export async function handlesNamed(calls: Listing, name: string): Promise<readonly string[]> {
  const { peers } = await calls.peers({});
  return peers
    .flatMap(({ handles }) => handles.map(({ handle }) => handle))
    .filter((handle) => nameHalf(handle) === name);
}

/** The one live handle that a name means, if no session here has it; null for none or several. */
export async function meantHandle(calls: Listing, name: string): Promise<string | null> {
  if (name.includes("/")) return null;
  const [only, ...others] = await handlesNamed(calls, name);
  return only === undefined || others.length > 0 ? null : only;
}

/**
 * Calls with a handle, and again with the one that it means if no such handle is live here.
 * `onMeant` learns of it first. @throws the refusal of the first call, or of the second
 */
export async function asMeant<T>(
  calls: Listing,
  handle: string,
  { run, onMeant }: { run(handle: string): Promise<T>; onMeant?(meant: string): void },
): Promise<T> {
  try {
    return await run(handle);
  } catch (error) {
    if (!(error instanceof PeernetError) || error.code !== "handle_unknown") throw error;
    const meant = await meantHandle(calls, handle);
    if (meant === null) throw error;
    onMeant?.(meant);
    return run(meant);
  }
}

/** Sends to a recipient, and again to the handle that it means if no session here has it. */
export async function asMeantBy(
  calls: Listing,
  to: string | null,
  send: (to: string | null) => Promise<SendOutput>,
): Promise<SendOutput> {
  const isUnknown = (code: string | undefined): boolean => code === "handle_unknown";
  const again = async (): Promise<SendOutput | null> => {
    const meant = to === null ? null : await meantHandle(calls, to);
    return meant === null ? null : send(meant);
  };
  try {
    const output = await send(to);
    const isRefused = isUnknown(output.refused[0]?.error.code) && output.sent.length === 0;
    return (isRefused ? await again() : null) ?? output;
  } catch (error) {
    const other = error instanceof PeernetError && isUnknown(error.code) ? await again() : null;
    if (other === null) throw error;
    return other;
  }
}
