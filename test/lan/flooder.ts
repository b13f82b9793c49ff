/**
 * A program for a host of a lab that floods it at a steady rate with malformed packets and, among
 * them, advertisements of absent machines. Prints its totals as JSON.
 */

import { createSocket, type Socket } from "node:dgram";
import { malformer, packet } from "../discovery/lan-packets.ts";

/** Its options. */
export interface FlooderOptions {
  readonly seed: number;
  /** Its own addresses: it sends from each in turn. */
  readonly addresses: readonly string[];
  readonly seconds: number;
  readonly malformedPerSecond: number;
  readonly advertisedPerSecond: number;
}

/** An advertisement like no other before it. */
const advertisement = (count: number): Buffer =>
  packet({
    name: `flood-${count}`,
    prefix: `Flood${String(count).padStart(11, "0")}`,
    addresses: [`10.77.0.${4 + (count % 250)}`],
  });

async function speaker(address: string): Promise<Socket> {
  const socket = createSocket({ type: "udp4", reuseAddr: true });
  await new Promise<void>((done) => socket.bind(5353, done));
  socket.setMulticastInterface(address);
  return socket;
}

if (import.meta.main) {
  const options = JSON.parse(process.argv[2] ?? "") as FlooderOptions;
  const sockets = await Promise.all(options.addresses.map(speaker));
  let [sent, failed] = [0, 0];
  const send = (bytes: Buffer): void => {
    sent += 1;
    sockets[sent % sockets.length]?.send(bytes, 5353, "224.0.0.251", (error) => {
      if (error !== null) failed += 1;
    });
  };
  const malformed = malformer(options.seed);
  const startMs = performance.now();
  let [broken, advertised, seconds] = [0, 0, 0];
  while (seconds < options.seconds) {
    seconds = Math.min((performance.now() - startMs) / 1_000, options.seconds);
    for (; broken < seconds * options.malformedPerSecond; broken += 1) send(malformed());
    for (; advertised < seconds * options.advertisedPerSecond; advertised += 1) {
      send(advertisement(advertised));
    }
    await new Promise((done) => setImmediate(done));
  }
  console.log(JSON.stringify({ broken, advertised, failed }));
  for (const socket of sockets) socket.close();
}
