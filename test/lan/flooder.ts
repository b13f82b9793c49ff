/**
 * A program for a host of a lab that floods it: malformed packets as fast as they go out, then
 * advertisements of machines that are not there, at a rate. Prints what it sent as JSON.
 */

import { createSocket } from "node:dgram";
import { malformer, packet } from "../discovery/lan-packets.ts";

/** What it is told. */
export interface FlooderOptions {
  readonly seed: number;
  /** Its own address. */
  readonly address: string;
  readonly malformed: number;
  readonly perSecond: number;
  readonly seconds: number;
}

/** Packets between two looks at the clock. */
const burst = 100;

if (import.meta.main) {
  const { seed, address, malformed, ...rate } = JSON.parse(process.argv[2] ?? "") as FlooderOptions;
  const socket = createSocket({ type: "udp4", reuseAddr: true });
  await new Promise<void>((done) => socket.bind(5353, done));
  socket.setMulticastInterface(address);
  let [sent, failed] = [0, 0];
  const send = (bytes: Buffer): void => {
    socket.send(bytes, 5353, "224.0.0.251", (error) => {
      if (error === null) sent += 1;
      else failed += 1;
    });
  };
  const pause = () => new Promise((done) => setImmediate(done));
  const next = malformer(seed);
  for (let count = 0; count < malformed; count += 1) {
    send(next());
    if (count % burst === 0) await pause();
  }
  const startMs = performance.now();
  const total = rate.perSecond * rate.seconds;
  for (let count = 0; count < total; ) {
    const due = ((performance.now() - startMs) / 1_000) * rate.perSecond;
    for (let sending = 0; sending < burst && count < due; sending += 1, count += 1) {
      const prefix = `Flood${String(count).padStart(11, "0")}`;
      const addresses = [`10.77.0.${4 + (count % 250)}`];
      send(packet({ name: `flood-${count}`, prefix, addresses }));
    }
    await pause();
  }
  const seconds = (performance.now() - startMs) / 1_000;
  await pause();
  console.log(JSON.stringify({ sent, failed, perSecond: Math.round(total / seconds) }));
  socket.close();
}
