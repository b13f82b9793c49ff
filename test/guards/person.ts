/** Guards of a person's input, and of acts that only a person may do. */

import type { Guard } from "./guard.ts";

/** Those guards. */
export const personGuards: readonly Guard[] = [
  {
    name: "a person's act is refused below a coding agent",
    source: "src/session/person.ts",
    find: "if (agent === null) return;",
    replace: "if (agent !== undefined) return;",
    file: "test/session/person.test.ts",
    test: "P39: What a known coding agent runs is refused where only a person may act",
  },
  {
    name: "an act without a person is noted",
    source: "src/daemon/context/acts.ts",
    find: "if (attended) return;",
    replace: "if (attended !== null) return;",
    file: "test/daemon/peers/unseen.test.ts",
    test: "noteAct() notes what no person attended",
  },
  {
    name: "a refusal repeats no text that was given",
    source: "src/contract/text/unfit.ts",
    find: "return `a text of",
    replace: "return input + `a text of",
    file: "test/contract/text/unfit.test.ts",
    test: "unfit() words every fault of every row, and repeats nothing that was given pair",
  },
];
