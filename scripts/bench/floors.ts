/**
 * The least that a complete ask could take here: an exchange on a unix socket, one over TLS, each
 * with another process, and one durable record. Each is measured after the same pause as the ask.
 */

import { Database } from "bun:sqlite";
import { join } from "node:path";
import type { Socket, SocketHandler } from "bun";
import { type Try, timed } from "./measure.ts";
import { atEnd, compiled, firstLine, scratch, started } from "./parts.ts";

/** The size of a question, and of an answer. */
const bytes = new Uint8Array(600);
/** Records after which a log has its full size, as in a home that is in use. */
const warmRecords = 1_200;

/** Measures the sum of the three floors, after a pause before each. */
export async function floors(pauseMs: number): Promise<() => Promise<number>> {
  const path = join(scratch, `floor-${Bun.randomUUIDv7()}`);
  const port = await firstLine(started([await compiled("floors"), path]));
  const steps = [
    await exchange((socket) => Bun.connect({ unix: path, socket })),
    await exchange((socket) => {
      const tls = { rejectUnauthorized: false };
      return Bun.connect({ hostname: "127.0.0.1", port: Number(port), tls, socket });
    }),
    recording(`${path}.db`),
  ];
  return async () => {
    let sum = 0;
    for (const step of steps) {
      await Bun.sleep(pauseMs);
      sum += await timed(step);
    }
    return sum;
  };
}

/** As many bytes there and back as an ask has, on a kept connection. */
async function exchange(
  connect: (handler: SocketHandler<unknown>) => Promise<Socket<unknown>>,
): Promise<Try> {
  let got = 0;
  let whole: (() => void) | null = null;
  const socket = await connect({
    data: (_, chunk) => {
      got += chunk.length;
      if (got >= bytes.length) whole?.();
    },
  });
  atEnd(() => socket.end());
  return () =>
    new Promise<void>((resolve) => {
      got = 0;
      whole = resolve;
      socket.write(bytes);
    });
}

/** One row of about a record's size, durable, in a log that has its size. */
function recording(path: string): Try {
  const database = new Database(path, { create: true, strict: true });
  atEnd(() => database.close());
  database.run("PRAGMA journal_mode = WAL");
  database.run("PRAGMA synchronous = FULL");
  database.run("CREATE TABLE record (seq INTEGER PRIMARY KEY, text TEXT) STRICT");
  const insert = database.query("INSERT INTO record (text) VALUES (?)");
  const text = "x".repeat(bytes.length);
  for (let at = 0; at < warmRecords; at += 1) insert.run(text);
  return async () => insert.run(text);
}
