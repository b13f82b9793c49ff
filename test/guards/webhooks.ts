/** Guards of webhooks: whose program gets an event. */

import type { Guard } from "./guard.ts";

const file = "test/keeper/webhooks/send.test.ts";
const source = "src/keeper/webhooks/send.ts";

/** Guards of webhooks. */
export const webhookGuards: readonly Guard[] = [
  {
    name: "another user's program at a webhook's port gets nothing",
    source,
    find: "const isOther = isPort && isOwnListener(target, uid) === false;",
    replace: "const isOther = isPort && isOwnListener(target, uid) === null;",
    file,
    test: "another user's program at the port gets no byte",
  },
  {
    name: "a program proves a webhook's secret before an event",
    source,
    find: 'if (proof !== proofOf(secret, nonce)) return failed("unproven");',
    replace: 'if (proof === "") return failed("unproven");',
    file,
    test: "a program without the secret gets the challenge alone",
  },
  {
    name: "a webhook's socket lies in a folder of this user alone",
    source: "src/keeper/webhooks/target.ts",
    find: "if (own.uid !== uid || (own.mode & 0o077) !== 0) return false;",
    replace: "if (own.uid !== uid) return false;",
    file,
    test: "a socket in a folder that is this user's alone takes it",
  },
];
