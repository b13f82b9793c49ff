/**
 * A process of its own that opens bare TCP connections and says nothing on them:
 * `flooder.ts PORT RATE SECONDS ADDRESS…`. Prints how many it opened, and ends by itself.
 */

import { connect, type Socket } from "node:net";

const [port = "0", rate = "0", seconds = "0", ...addresses] = process.argv.slice(2);
const held = new Set<Socket>();
let opened = 0;

function open(): void {
  const localAddress = addresses[opened % addresses.length] ?? "127.0.0.1";
  opened += 1;
  const socket = connect({ port: Number(port), host: "127.0.0.1", localAddress });
  held.add(socket);
  socket.on("error", () => socket.destroy());
  socket.once("close", () => held.delete(socket));
}

const startedMs = performance.now();
const timer = setInterval(() => {
  const passedS = (performance.now() - startedMs) / 1_000;
  const due = Math.min(passedS, Number(seconds)) * Number(rate);
  while (opened < due) open();
  if (passedS < Number(seconds)) return;
  clearInterval(timer);
  console.log(opened);
  process.exit(0);
}, 5);
console.log("begun");
