/** The table of operations between this machine's sessions and their daemon. */

import { askRows } from "./control/ask.ts";
import { auditRows } from "./control/audit.ts";
import { deliveryRows } from "./control/delivery.ts";
import { errandRows } from "./control/errands.ts";
import { fleetRows } from "./control/fleet.ts";
import { machineRows } from "./control/machine.ts";
import { messageRows } from "./control/messages.ts";
import { outboxRows } from "./control/outbox.ts";
import { pairingRows } from "./control/pairing.ts";
import { peerRows } from "./control/peers.ts";
import { policyRows } from "./control/policy.ts";
import { localReadRows } from "./control/reads.ts";
import { sessionRows } from "./control/sessions.ts";
import { waitRows } from "./control/waits.ts";
import { watchRows } from "./control/watch.ts";
import type { Table } from "./operation/operation.ts";
import { overlapRows } from "./overlap/control.ts";
import { taskRows } from "./tasks/control.ts";
import { topicRows } from "./topics/control.ts";

/** Every operation of the control API, by path. */
export const control = {
  ...machineRows,
  ...sessionRows,
  ...deliveryRows,
  ...fleetRows,
  ...pairingRows,
  ...peerRows,
  ...askRows,
  ...waitRows,
  ...messageRows,
  ...topicRows,
  ...policyRows,
  ...localReadRows,
  ...taskRows,
  ...outboxRows,
  ...overlapRows,
  ...auditRows,
  ...watchRows,
  ...errandRows,
} as const satisfies Table;

export type Control = typeof control;
