/**
 * A name that changes where it leads: an address that first serves a foreign page, then hands
 * every byte on to the same port of 127.0.0.1, as if the name's address had changed.
 */

/** The foreign page's server. */
export interface Flipping extends AsyncDisposable {
  /** From now on its connections lead to 127.0.0.1. */
  flip(): void;
}

const body = "<!doctype html><title>evil</title>evil page";
const page = `HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`;

/** Listens at an address, on the port that is to be attacked. */
export function flipping(hostname: string, port: number): Flipping {
  let isFlipped = false;
  const onward = new WeakMap<object, Promise<Bun.Socket<undefined>>>();
  const listener = Bun.listen<undefined>({
    hostname,
    port,
    socket: {
      open: (from) => {
        if (!isFlipped) return;
        const to = Bun.connect<undefined>({
          hostname: "127.0.0.1",
          port,
          socket: {
            data: (_, bytes) => void from.write(bytes),
            close: () => void from.end(),
          },
        });
        onward.set(from, to);
      },
      data: (from, bytes) => {
        const to = onward.get(from);
        if (to === undefined) from.end(page);
        else void to.then((socket) => socket.write(bytes));
      },
      close: (from) => void onward.get(from)?.then((socket) => socket.end()),
    },
  });
  return {
    flip: () => {
      isFlipped = true;
    },
    [Symbol.asyncDispose]: async () => listener.stop(true),
  };
}
