/** The stream on which one keeper reads its errands. Stores none: it takes the next on demand. */

import type { ErrandsEvent } from "../../contract/errands/errands.ts";

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

const end = { done: true, value: undefined } as const;

/** Makes a stream that lasts until either side ends it. */
export function errandStream({ kinds, take, onEnd }: StreamParts): KeeperStream {
  let hasEnded = false;
  let wake: (() => void) | null = null;
  const finish = (): void => {
    if (hasEnded) return;
    hasEnded = true;
    wake?.();
    onEnd();
  };
  const events: AsyncIterableIterator<ErrandsEvent> = {
    next: async () => {
      while (!hasEnded) {
        const value = take();
        if (value !== null) return { done: false, value };
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        wake = null;
      }
      return end;
    },
    return: async () => {
      finish();
      return end;
    },
    [Symbol.asyncIterator]: () => events,
  };
  return { kinds, events, wake: () => wake?.(), end: finish };
}

/** The stream of a keeper that must end: says so, and ends. */
export async function* replaceStream(): AsyncGenerator<ErrandsEvent, undefined> {
  yield { event: "replace" };
}
