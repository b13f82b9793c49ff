/** TCP connections between the hosts of a tailnet, as the host that accepted them sees them. */

import type { SocketEnds } from "../../src/discovery/tailscale.ts";
import type { TailnetHost } from "./lab.ts";

/** A connection that stands until it is disposed of. */
export interface Connected extends Disposable {
  /** The ends as the accepting host's socket names them. */
  readonly ends: SocketEnds;
}

/** Accepts one connection, says where, then who came, and holds it until it is ended. */
const accepting = `
  const server = require("node:net").createServer((socket) => {
    const { localAddress, remoteAddress, remotePort } = socket;
    console.log(JSON.stringify({ localAddress, remoteAddress, remotePort }));
    socket.on("error", () => {});
  });
  server.listen(0, process.argv[1], () => console.log(server.address().port));`;

/** Connects, and holds the connection until it is ended. */
const connecting = `
  const [host, port] = process.argv.slice(1);
  require("node:net").connect(Number(port), host).on("error", () => process.exit(1));`;

/** The place of a connection: its listener, and the address that is asked for. */
export interface Route {
  readonly listen: string;
  /** The address of the other host that is dialled; what it listens on unless given. */
  readonly dial?: string;
}

/** Connects one host to another. */
export async function connect(
  from: TailnetHost,
  to: TailnetHost,
  { listen, dial = listen }: Route,
): Promise<Connected> {
  const server = start(to, accepting, listen);
  const lines = linesOf(server.stdout);
  const port = (await lines.next()).value ?? "";
  const client = start(from, connecting, dial, port);
  const ends = (await lines.next()).value;
  const end = (): void => {
    client.kill();
    server.kill();
  };
  if (ends === undefined) {
    end();
    throw new Error(`${from.name} did not reach ${to.name} at ${dial}:${port}`);
  }
  return { ends: JSON.parse(ends), [Symbol.dispose]: end };
}

function start(host: TailnetHost, script: string, ...words: readonly string[]) {
  const command = [...host.before, "timeout", "20", process.execPath, "-e", script, ...words];
  return Bun.spawn(command, { stdin: "ignore", stdout: "pipe", stderr: "ignore" });
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string, undefined> {
  let rest = "";
  const decoder = new TextDecoder();
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  return undefined;
}
