/** Assembles the policy of a daemon, and the readings and tasks that it allows, of both sides. */

import type { Control } from "../contract/control.ts";
import { greetingMs } from "../contract/limits.ts";
import type { Handlers } from "../contract/operation/operation.ts";
import type { PolicyScope } from "../contract/terms.ts";
import { stateNames } from "../contract/text/state-names.ts";
import { scopesByPolicy } from "../core/policy/deciding.ts";
import { runnable } from "../core/tasks/deciding.ts";
import type { PeerRow } from "../store/peers.ts";
import type { Context, LocalCaller } from "./context/context.ts";
import { detach } from "./context/detached.ts";
import type { PeerCounts } from "./context/peer-counts.ts";
import type { Policies } from "./context/ports.ts";
import { type Delegating, delegatingOf } from "./delegating.ts";
import type { PendingErrands } from "./errands/pending.ts";
import type { Links } from "./links/links.ts";
import type { PeerMemories } from "./peers/memories.ts";
import { policyHandlers } from "./policy/handlers.ts";
import type { PolicyFile } from "./policy/policy.ts";
import type { Post } from "./post.ts";
import type { Reach } from "./reach.ts";
import { type IncomingReads, incomingReads } from "./reads/incoming.ts";
import { type OutgoingReads, outgoingReads } from "./reads/outgoing.ts";
import type { TaskAnswers } from "./tasks/calls.ts";

/** Dependencies of readings. */
export interface ReadingParts {
  readonly context: Context;
  readonly links: Links;
  readonly memories: PeerMemories;
  readonly errands: PendingErrands;
  readonly counts: PeerCounts;
  readonly policy: PolicyFile;
  /** The deliveries and the mail, which are assembled later. */
  readonly mail: () => { readonly reach: Pick<Reach, "delivery">; readonly post: Post };
}

type LocalReadRow = "read" | "read/repositories";
type Rows =
  | ("policy" | "policy/check" | "policy/write" | "policy/plan" | "policy/test")
  | LocalReadRow;

/** The readings of a daemon. */
export interface Reading {
  readonly incoming: IncomingReads;
  /** Ends the readings and tasks that the policy or the pairing no longer allows, at once. */
  readonly review: () => void;
  readonly outgoing: OutgoingReads;
  readonly tasks: Delegating;
  /** The answers to peers. */
  readonly answers: { readonly reads: IncomingReads; readonly tasks: TaskAnswers };
  readonly kinds: Delegating["kinds"];
  readonly errands: PendingErrands;
  readonly handlers: Pick<Handlers<Control, LocalCaller>, Rows> & Delegating["handlers"];
}

/** Assembles policy and readings. */
export function readingOf(parts: ReadingParts): Reading {
  const { context, policy, errands, links } = parts;
  const incoming = incomingReads(parts);
  const outgoing = outgoingReads(parts);
  const { mail } = parts;
  const tasks = delegatingOf({
    ...parts,
    wake: (fingerprint) => mail().reach.delivery.wake(fingerprint),
    tidings: () => mail().post.tidings,
  });
  /** Ends readings that are no longer allowed, and tells each peer its scopes. */
  const onChange = (): void => {
    incoming.review();
    tasks.review();
    for (const { fingerprint } of context.tables.peers.all()) {
      detach(context.effects.log, "telling scopes", () =>
        links.greet(fingerprint, { deadlineMs: greetingMs }).catch(() => {}),
      );
    }
  };
  // A faulty policy may be mended at any time, and nothing starts a keeper then.
  errands.wish(() => context.effects.files.has(stateNames.policy));
  errands.wish(() => tasks.needsKeeper());
  return {
    ...{ incoming, outgoing, tasks, errands, kinds: tasks.kinds },
    review: () => {
      incoming.review();
      tasks.review();
    },
    answers: { reads: incoming, tasks: tasks.answers },
    handlers: {
      ...policyHandlers({ context, policy, onChange }),
      ...tasks.handlers,
      read: (input, caller) => outgoing.read(input, caller),
      "read/repositories": (input) => outgoing.list(input),
    },
  };
}

/** The rights that the policy gives to a peer; none while the peer is paused. */
export function scopesOf(policy: Policies, { fingerprint, grants }: PeerRow) {
  const current = grants.paused ? null : policy.of(fingerprint);
  const none: readonly PolicyScope[] = [];
  if (current === null) return none;
  const runs: readonly PolicyScope[] = runnable(current).length > 0 ? ["run"] : [];
  return [...scopesByPolicy(current.document, current.peers), ...runs];
}
