/** A TCP proxy on loopback that passes everything on after so many milliseconds, each way. */

const [, , to = "", delay = "0"] = process.argv;
const delayMs = Number(delay);

interface Side {
  far: Promise<Bun.Socket<Side>> | null;
}

/** Writes all of it, in order, once its time has come. */
function later(socket: Promise<Bun.Socket<Side>>, bytes: Buffer): void {
  setTimeout(async () => (await socket).write(bytes), delayMs);
}

const front = Bun.listen<Side>({
  hostname: "127.0.0.1",
  port: 0,
  socket: {
    open: (near) => {
      near.setNoDelay(true);
      const far = Bun.connect<Side>({
        hostname: "127.0.0.1",
        port: Number(to),
        data: { far: Promise.resolve(near) },
        socket: {
          open: (socket) => void socket.setNoDelay(true),
          data: (_socket, chunk) => later(Promise.resolve(near), Buffer.from(chunk)),
          close: () => void setTimeout(() => near.end(), delayMs),
        },
      });
      near.data = { far };
    },
    data: ({ data }, chunk) => {
      if (data.far !== null) later(data.far, Buffer.from(chunk));
    },
    close: ({ data }) => {
      void data.far?.then((far) => far.end());
    },
  },
});
process.stdout.write(`${front.port}\n`);
