/**
 * The places where a run may replace the product's decision by a wrong one, to see that it shows.
 */

import type { HelloOutput } from "../../src/contract/peer.ts";
import type { Window } from "../../src/core/pairing.ts";
import type { Run } from "../../src/core/sessions/lease.ts";
import type { Context } from "../../src/daemon/context/context.ts";
import type { PairingWindow } from "../../src/daemon/pairing/window.ts";
import type { Instant } from "../../src/platform/effects.ts";
import type { Tables } from "../../src/store/database.ts";

/** When, by the boot clock, a daemon was greeted, and which. */
export interface Greeting {
  readonly bootMs: number;
  readonly run: string;
}

/** A variant of the product. The one without any field is the product itself. */
export interface Variant {
  /** The tables as decisions read them; `run` is of the daemon that decides. */
  readonly tables?: (real: Tables, run: string) => Tables;
  /** The instant by which a request is judged. */
  readonly instant?: (now: Instant) => Instant;
  /** The instant by which a link is shown. */
  readonly shown?: (now: Instant) => Instant;
  /** A call over a reverse connection counts as a dial. */
  readonly countsReverse?: boolean;
  /** The reply to a hello in place of the product's. */
  readonly hello?: (reply: HelloOutput, at: Greeting) => HelloOutput;
  /** Further effects of taking leases back after sleep. */
  readonly woken?: (context: Context, names: readonly string[], now: Instant) => void;
  /** A new daemon's treatment of the former one's open window. */
  readonly revive?: (window: PairingWindow, before: Window) => void;
  /** A claimed attempt is not kept. */
  readonly forgetsAttempts?: boolean;
  /** A decision is answered before it is committed. */
  readonly answersEarly?: boolean;
  /** The run of a daemon that starts. */
  readonly run?: (run: Run) => Run;
  /** Checkpoints are signed inside the transaction. */
  readonly signsEarly?: boolean;
}

/** The product as it is. */
export const asIs: Variant = {};
