/** A process that makes every kind of file of a state folder, under the umask it has. */

import { clocks } from "../../src/platform/clock/clock.ts";
import { stateFiles } from "../../src/platform/files.ts";
import { fileLog, openLog } from "../../src/platform/log.ts";

const files = stateFiles(process.argv[2] ?? "");
files.write("written", "x");
files.write("keys/identity.pem", "x");
files.append("appended", "x");
fileLog(files, clocks).info("logged");
files.remove("daemon.log");
openLog(files);
