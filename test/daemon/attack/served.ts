/** One end of a connection, served as the daemon serves it, and the other end as it comes. */

import type { TLSSocket } from "node:tls";
import { accept } from "../../../src/contract/errors.ts";
import { headerDeadlineMs } from "../../../src/contract/limits.ts";
import { refusal } from "../../../src/daemon/api/mount.ts";
import { connectionOf } from "../../../src/daemon/network/connection.ts";
import type { Asking, ServingOptions } from "../../../src/daemon/network/request.ts";
import { socketServer } from "../../../src/daemon/network/serve-socket.ts";
import { clocks as clock } from "../../../src/platform/clock/clock.ts";
import { sha256 } from "../../../src/platform/real.ts";
import { readReplies } from "./connection.ts";

/** The functions that a test puts in place of admitting all callers and echoing. */
export type Options = ServingOptions<null>;

/** Serves one end; all that was asked there, and its place. */
export function serve(socket: TLSSocket, options: Partial<Options> = {}) {
  const asked: Asking[] = [];
  const failures: unknown[] = [];
  const place = { busy: false, deadlineMs: Number.POSITIVE_INFINITY };
  const serveSocket = socketServer<null>({
    clock,
    admit: async (asking) => {
      asked.push(asking);
      return accept(null);
    },
    answer: async (request) => Response.json(await request.json()),
    refusal,
    onFailure: (_of, error) => failures.push(error),
    onVisit: () => {},
    ...options,
  });
  const connection = connectionOf(socket, sha256);
  serveSocket(socket, { connection, place, idleMs: () => headerDeadlineMs });
  return { asked, failures, place, connection };
}

/** The other end of it, as raw as it comes. */
export function client(socket: TLSSocket) {
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  return { ...readReplies(socket), closed, write: (text: string) => socket.write(text) };
}
