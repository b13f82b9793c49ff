/** The way by which a session learns of its mail, as status and peers tell it. */

import { z } from "zod";
import { obstacles, ways } from "./ways.ts";

export const Way = z.object({
  next: z.enum(ways),
  /** The reason why no turn is started for it; null when nothing forbids it. */
  not_wakeable: z.enum(obstacles).nullable(),
});
export type Way = z.infer<typeof Way>;

/** A way that another machine sent; one of other words reads as null. */
export const ToldWay = Way.nullable().catch(null);

/** The way of a session: absent when an earlier version, or a peer without the rights, hides it. */
export const toldWay = { way: ToldWay.optional() } as const;
