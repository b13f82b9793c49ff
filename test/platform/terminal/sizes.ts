/** A process that prints the properties of its streams. */

import { terminalNow } from "../../../src/platform/terminal/terminal.ts";

console.log(JSON.stringify(terminalNow()));
