/**
 * Another user of the machine: keeps trying to connect to a home's socket and to read its files,
 * and prints the results, one word a line, after `ready`. Runs until it is ended.
 *
 * usage: knocker.ts FOLDER
 */

import { readFileSync } from "node:fs";

const [folder = ""] = process.argv.slice(2);
const files = ["keys/identity.pem", "state.db", "state.db-wal", "lock.db", "daemon.log"];

async function connects(): Promise<boolean> {
  try {
    const socket = await Bun.connect({ unix: `${folder}/control.sock`, socket: { data() {} } });
    socket.end();
    return true;
  } catch {
    return false;
  }
}

function reads(name: string): boolean {
  try {
    readFileSync(`${folder}/${name}`);
    return true;
  } catch {
    return false;
  }
}

console.log("ready");
for (;;) {
  if (await connects()) console.log("connected");
  for (const name of files) if (reads(name)) console.log(name);
  await new Promise((done) => setImmediate(done));
}
