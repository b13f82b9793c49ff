/**
 * A stand-in for tailscaled: a LocalAPI on a real unix socket that keeps the real one's rules (GET,
 * its own Host, nothing that a browser sends). It answers a test's replies, good or bad.
 */

import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { type Tailnet, type TailnetOptions, tailnet } from "../../src/discovery/tailscale.ts";
import { timers } from "../../src/platform/clock/timers.ts";
import { runner } from "../../src/platform/process/run.ts";
import { fakeClock } from "../support/effects.ts";
import { temporaryFolder } from "../support/repository.ts";

/** The stand-in's reply to a request. */
export type Reply =
  | { readonly status: number; readonly body: string }
  /** Leads to another address. */
  | { readonly location: string }
  /** These bytes as they are, then the end. */
  | { readonly raw: string }
  /** These bytes as they are, and then nothing. */
  | { readonly open: string }
  /** A body of a megabyte after the other, until the reader has had enough. */
  | "endless"
  /** Nothing. */
  | "hang";

/** A request as it came. */
export interface Asked {
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** A tailscaled under the test's control. */
export interface StandIn extends Disposable {
  readonly socketPath: string;
  /** A folder that is gone with it. */
  readonly folder: ReturnType<typeof temporaryFolder>;
  readonly asked: Asked[];
  /** The number of open connections. */
  readonly connections: () => number;
  status: Reply;
  whois: Reply;
}

/** The real one's `http.Error` for an address that nobody has. */
export const noMatch: Reply = { status: 404, body: "no match for IP:port\n" };

/** A reply of 200. */
export const ok = (body: string): Reply => ({ status: 200, body });

/** Starts a stand-in that knows nobody. */
export async function standIn(): Promise<StandIn> {
  const folder = temporaryFolder();
  const socketPath = join(folder.path, "tailscaled.sock");
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
    let head = "";
    socket.on("data", (bytes) => {
      head += bytes.toString("latin1");
      if (!head.includes("\r\n\r\n")) return;
      const asked = read(head);
      head = "";
      made.asked.push(asked);
      send(socket, judge(asked, made));
    });
  });
  const made: StandIn = {
    socketPath,
    folder,
    asked: [],
    connections: () => sockets.size,
    status: { status: 500, body: "no status yet\n" },
    whois: noMatch,
    [Symbol.dispose]: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      folder[Symbol.dispose]();
    },
  };
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  return made;
}

/** A tailnet that asks a stand-in, and a command only where a test gives a path for it. */
export const tailnetOf = (
  { socketPath }: Pick<StandIn, "socketPath">,
  options: Partial<TailnetOptions> = {},
): Tailnet =>
  tailnet({
    socketPaths: [socketPath],
    environment: {},
    run: (command, { environment, signal }) => runner(environment, signal)(command),
    timers,
    clock: fakeClock(),
    ...options,
  });

function read(head: string): Asked {
  const [first = "", ...lines] = head.split("\r\n");
  const headers = Object.fromEntries(
    lines.filter(Boolean).map((line) => {
      const at = line.indexOf(":");
      return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()];
    }),
  );
  return { path: first.startsWith("GET ") ? (first.split(" ")[1] ?? "") : first, headers };
}

/** The rules of the real one (Go package `ipn/localapi`), then the test's reply. */
function judge({ path, headers }: Asked, { status, whois }: StandIn): Reply {
  const { host, origin, referer } = headers;
  if (host !== "local-tailscaled.sock") return { status: 403, body: "invalid localapi request\n" };
  if (origin !== undefined || referer !== undefined) return { status: 403, body: "no browser\n" };
  if (path.startsWith("/localapi/v0/status?")) return status;
  if (path.startsWith("/localapi/v0/whois?")) return whois;
  return { status: 404, body: "404 not found\n" };
}

const megabyte = "x".repeat(1_048_576);

function send(socket: Socket, reply: Reply): void {
  if (reply === "hang") return;
  if (reply === "endless") {
    socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    const more = (): void => {
      while (!socket.destroyed && socket.write(`100000\r\n${megabyte}\r\n`));
    };
    socket.on("drain", more);
    more();
  } else if ("raw" in reply) {
    socket.end(reply.raw, "latin1");
  } else if ("open" in reply) {
    socket.write(reply.open);
  } else if ("location" in reply) {
    socket.end(`HTTP/1.1 302 X\r\nLocation: ${reply.location}\r\nContent-Length: 0\r\n\r\n`);
  } else {
    const length = Buffer.byteLength(reply.body);
    const head = `HTTP/1.1 ${reply.status} X\r\nContent-Type: application/json\r\n`;
    socket.end(`${head}Content-Length: ${length}\r\n\r\n${reply.body}`);
  }
}
