/** The stream on which one keeper reads its errands. Stores none: it takes the next on demand. */

import type { ErrandsEvent } from "../../contract/errands/errands.ts";
import { pulled } from "../context/queue.ts";

/** The stream of one keeper. */
export interface KeeperStream {
  /** Kinds of errands that this keeper can carry out. */
  readonly kinds: ReadonlySet<string>;
  readonly events: AsyncIterableIterator<ErrandsEvent>;
  /** Looks for an errand again. */
  wake(): void;
  /** Ends the stream, without a reason for the keeper. */
  end(): void;
}

/** Dependencies of a stream. */
export interface StreamParts {
  readonly kinds: ReadonlySet<string>;
  /** The next errand for this keeper; null while there is none. */
  readonly take: () => ErrandsEvent | null;
  /** Called once, when either side has ended the stream. */
  readonly onEnd: () => void;
}

/** Makes a stream that lasts until either side ends it. */
export function errandStream({ kinds, take, onEnd }: StreamParts): KeeperStream {
  const events = pulled(take, onEnd);
  return { kinds, events, wake: events.wake, end: events.end };
}

/** The stream of a keeper that must end: says so, and ends. */
export async function* replaceStream(): AsyncGenerator<ErrandsEvent, undefined> {
  yield { event: "replace" };
}
