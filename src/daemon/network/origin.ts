/** Says where a connection comes from: asks tailscaled about it once, before it may do anything. */

import { accept, type Outcome, refuse } from "../../contract/errors.ts";
import type { TailnetOrigin } from "../../discovery/tailscale.ts";
import type { Connection, Ends } from "./connection.ts";

/** Sets a connection's origin where it was not yet. Refuses with {origin_unverified}. */
export type Place = (connection: Connection) => Promise<Outcome<null>>;

/** Places connections by what the tailnet says of them. */
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
