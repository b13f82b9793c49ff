/** Where a run may be given a wrong decision in place of the product's, to see that it shows. */

import type { Window } from "../../src/core/pairing.ts";
import type { PairingWindow } from "../../src/daemon/window.ts";
import type { Instant } from "../../src/platform/effects.ts";
import type { Tables } from "../../src/store/database.ts";

/** A variant of the product. The one without any field is the product itself. */
export interface Variant {
  /** The tables as decisions read them; `run` is of the daemon that decides. */
  readonly tables?: (real: Tables, run: string) => Tables;
  /** The instant by which a request is judged. */
  readonly instant?: (now: Instant) => Instant;
  /** What a new daemon does with the window that the one before it had open. */
  readonly revive?: (window: PairingWindow, before: Window) => void;
  /** A claimed attempt is not kept. */
  readonly forgetsAttempts?: boolean;
  /** What was decided is answered before it is committed. */
  readonly answersEarly?: boolean;
  /** Checkpoints are signed inside the transaction. */
  readonly signsEarly?: boolean;
}

/** The product as it is. */
export const asIs: Variant = {};
