/**
 * The near end of an endpoint, inside the sandbox: listens on that network's loopback, and passes
 * each connection to the one unix socket that was let in. Starts the task's program, and ends with
 * its exit code. Nothing here is trusted: the program could use the socket itself.
 */

import { connectionsMax } from "./limits.ts";
import { type Held, hold, join } from "./peer.ts";

type Data = { held: Held } | undefined;

const handlers = {
  data: ({ data }: { data: Data }, bytes: Uint8Array) => data?.held.take(bytes),
  drain: ({ data }: { data: Data }) => data?.held.drained(),
  close: ({ data }: { data: Data }) => data?.held.closed(),
  error: ({ data }: { data: Data }) => data?.held.closed(),
};

/** Passes connections of loopback to a unix socket. */
export function passInside(path: string, port: number): { stop(): void } {
  let open = 0;
  const listener = Bun.listen<Data>({
    hostname: "127.0.0.1",
    port,
    socket: {
      ...handlers,
      open: (socket) => {
        const near = hold(socket, { bytes: 0 });
        socket.data = { held: near };
        if (open >= connectionsMax) return near.end();
        open += 1;
        toSocket(path, near)
          .catch(() => {})
          .finally(() => {
            open -= 1;
            near.end();
          });
      },
    },
  });
  return { stop: () => listener.stop(true) };
}

/** Joins a connection to the socket until either is gone. */
async function toSocket(path: string, near: Held): Promise<void> {
  const socket = await Bun.connect<Data>({
    unix: path,
    socket: {
      ...handlers,
      open: (opened) => {
        opened.data = { held: hold(opened, { bytes: 0 }) };
      },
    },
  }).catch(() => null);
  const far = socket?.data?.held;
  if (far === undefined) return;
  await join(far, near);
  far.end();
}

/** A program that runs beside the passage. */
export interface Beside {
  readonly socket: string;
  readonly port: number;
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Runs a program beside the passage; returns its exit code. */
export async function runBeside({ socket, port, argv, environment }: Beside): Promise<number> {
  const passage = passInside(socket, port);
  // Files of the program have the modes of any tree.
  process.umask(0o022);
  const child = Bun.spawn([...argv], {
    ...{ stdin: "inherit", stdout: "inherit", stderr: "inherit", env: environment },
  });
  for (const name of ["SIGTERM", "SIGINT"] as const) process.on(name, () => child.kill(name));
  const code = await child.exited;
  passage.stop();
  return child.signalCode === null ? code : signalled;
}

/** The exit code for a program that a signal ended, as shells have it for SIGKILL. */
const signalled = 137;
