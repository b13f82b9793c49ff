/**
 * A program that starts the daemon of a home, asks once, and prints how that ended: for tests that
 * need an environment which this process must not have. Takes the home and the handle.
 */

import { PeernetError } from "../../../src/contract/errors.ts";
import { machine } from "../../support/daemon.ts";

const [home = "", handle = ""] = process.argv.slice(2);
const asks = await machine("types", { home });
const ended = await asks.calls.ask({ handle, question: null, thread_id: null }).then(
  () => "ok",
  (error: unknown) => (error instanceof PeernetError ? error.code : "not a refusal"),
);
await asks.daemon.stop();
console.log(ended);
