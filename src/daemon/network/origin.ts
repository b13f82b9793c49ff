/** Determines the origin of a connection: asks tailscaled once, before any request is served. */

import { accept, type Outcome, refuse } from "../../contract/errors.ts";
import type { TailnetOrigin } from "../../discovery/tailscale.ts";
import type { Connection, Ends } from "./connection.ts";

/** Sets a connection's origin if it is not set yet. Refuses with {origin_unverified}. */
export type Place = (connection: Connection) => Promise<Outcome<null>>;

/** Determines origins by the tailnet's answers. */
export const placing =
  (ask: (ends: Ends) => Promise<TailnetOrigin>): Place =>
  async (connection) => {
    if (connection.isPlaced) return accept(null);
    const told = await ask(connection.ends);
    if ("refused" in told) return refuse(told.refused);
    if (told.transport === "tailnet") connection.origin = { ...connection.origin, ...told };
    connection.isPlaced = true;
    return accept(null);
  };
