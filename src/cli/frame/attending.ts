/** Looks for a person: before an act, and to show acts without a person. */

import type { Attends } from "../../client.ts";
import { unseenName } from "../../contract/acts.ts";
import { unseenMailName } from "../../contract/messages/unseen.ts";
import type { Caller } from "../../session/caller.ts";
import type { Io } from "../terminal/io.ts";

/** Dependencies of telling a person from an agent. */
export interface AttendingParts {
  readonly caller: Caller;
  readonly folder: () => string;
  /** True when a person could read and answer. */
  readonly isAtTerminal: () => boolean;
}

const person = () => import("../../session/person.ts");

/** The parts of a command's world that concern the person; loads little unless there is an act. */
export function attending({ caller, folder, isAtTerminal }: AttendingParts): Pick<
  Io,
  "requirePerson" | "takeUnseen" | "takeUnseenMail" | "isTypedDue"
> & {
  readonly attends: Attends;
} {
  return {
    attends: async (path) => (await person()).attends(caller, path, isAtTerminal),
    requirePerson: async (typed) => (await person()).requirePerson(caller, typed),
    takeUnseen: async () => {
      const isThere = await Bun.file(`${folder()}/${unseenName}`).exists();
      if (!isThere || !isAtTerminal()) return [];
      return (await import("../../session/unseen.ts")).takeUnseen(folder(), caller);
    },
    takeUnseenMail: async () => {
      const isThere = await Bun.file(`${folder()}/${unseenMailName}`).exists();
      if (!isThere || !isAtTerminal()) return null;
      return (await import("../../session/unseen.ts")).takeUnseenMail(folder(), caller);
    },
    isTypedDue: async (nowMs) => {
      if (!isAtTerminal()) return false;
      return (await import("../../session/unseen.ts")).isTypedDue(folder(), caller, nowMs);
    },
  };
}
