/** Guards of the sandbox in which a reader serves. */

import type { Guard } from "./guard.ts";

const file = "test/keeper/sandbox/canaries.test.ts";
const test = "tryCanaries() P46: A reader serves only after every way out was found shut";
const source = "src/keeper/sandbox/enclose.ts";

/** Guards by which nothing but a reader's room exists for it. */
export const sandboxGuards: readonly Guard[] = [
  {
    ...{ name: "Landlock stands", source, file, test },
    find: "if (guards.files) restrictFiles(rulesOf(room));",
    replace: "rulesOf(room);",
  },
  {
    ...{ name: "a reader has no socket", source, file, test },
    find: "...(guards.network ? network : []),",
    replace: "...(guards.network ? [] : network),",
  },
  {
    ...{ name: "a reader leaves by no namespace, ring or memory", source, file, test },
    find: "...(guards.escapes ? escapes : []),",
    replace: "...(guards.escapes ? [] : escapes),",
  },
  {
    ...{ name: "a reader changes no mode, owner, time or attribute", source, file, test },
    find: "...(guards.metadata ? metadata : []),",
    replace: "...(guards.metadata ? [] : metadata),",
  },
  {
    ...{ name: "a reader starts nothing", source, file, test },
    find: "refuseCalls([...(guards.starts ? starts : []), ",
    replace: "refuseCalls([...(guards.starts ? [] : starts), ",
  },
  {
    ...{ name: "a reader signals nobody", source, file, test },
    find: "...(guards.signals ? signals : [])]",
    replace: "...(guards.signals ? [] : signals)]",
  },
  {
    ...{ name: "the filter is on every thread", file, test },
    source: "src/platform/sandbox/refusing.ts",
    find: "const allThreads = 1;",
    replace: "const allThreads = 0;",
  },
];
