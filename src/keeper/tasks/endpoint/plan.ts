/** The plan of a model endpoint: its origin, its gates and its prices. Types only. */

import type { ModelEndpoint } from "../../../contract/tasks/manifest.ts";

/** An endpoint of one task. */
export interface EndpointPlan {
  /** Null where a task may reach hosts, and no model. */
  readonly model: ModelPlan | null;
  /** Hosts that may be reached through tunnels, each `name:port`. */
  readonly hosts: readonly string[];
  /** Dollars that the task may spend; null for no limit. */
  readonly usd: number | null;
}

/** The one origin that requests for a model go to. */
export interface ModelPlan extends ModelEndpoint {
  /** The credential; a function, so that no plan that is printed or stored holds it. */
  readonly key: () => string;
  /** Certificates by which the origin is believed; null for those of the system. */
  readonly authorities: string | null;
}
