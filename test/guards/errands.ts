/** Guards of errands, and of desktop notifications. */

import type { Guard } from "./guard.ts";

/** Guards of errands, and of what reaches the desktop. */
export const errandGuards: readonly Guard[] = [
  {
    name: "open errands are bounded",
    source: "src/daemon/errands/pending.ts",
    find: 'if (this.#open.size >= errandsOpenMax) return "full";',
    replace: 'if (this.#open.size < errandsOpenMax - errandsOpenMax) return "full";',
    file: "test/daemon/errands/pending.test.ts",
    test: "run() takes on so many and refuses more, until one has ended",
  },
  {
    name: "an errand that is not repeatable is not handed twice",
    source: "src/daemon/errands/pending.ts",
    find: "if (this.#kinds[open.kind].repeatable) open.by = null;",
    replace: "if (open.kind) open.by = null;",
    file: "test/daemon/errands/pending.test.ts",
    test: "an errand that is not repeatable is lost with its keeper",
  },
  {
    name: "an errand is done once, however often it is handed to a keeper",
    source: "src/keeper/errands.ts",
    find: "progress.outcomes.get(id) ?? done(",
    replace: "done(",
    file: "test/keeper/errands.test.ts",
    test: "doErrands() does an errand once, and tells of it each time",
  },
  {
    name: "at most one notification comes in a minute",
    source: "src/daemon/watch/notifications.ts",
    find: "if (restMs > 0) return restMs;",
    replace: "if (restMs > notifyEveryMs) return restMs;",
    file: "test/daemon/watch/notifications.test.ts",
    test: "P41: A desktop notification holds counts and names that a person here gave, at most one a minute.",
  },
  {
    name: "a notification holds no markup",
    source: "src/contract/errands/errands.ts",
    find: ".regex(/^[A-Za-z0-9][A-Za-z0-9 ,:.-]*$/, {",
    replace: ".regex(/^[A-Za-z0-9]/, {",
    file: "test/core/sessions/waiting.test.ts",
    test: "Notification refuses markup, quotes, options, other scripts and long lines",
  },
  {
    name: "no address of the bus starts a program",
    source: "src/keeper/notification.ts",
    find: "DBUS_SESSION_BUS_ADDRESS: socketAddress.test(told) ? told :",
    replace: 'DBUS_SESSION_BUS_ADDRESS: told !== "" ? told :',
    file: "test/keeper/notification.test.ts",
    test: "showNotification() gives busctl no address that would start a program",
  },
];
