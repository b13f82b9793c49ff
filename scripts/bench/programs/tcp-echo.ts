/** Says back every byte, over TCP on loopback. */

const server = Bun.listen({
  hostname: "127.0.0.1",
  port: 0,
  socket: {
    open: (socket) => void socket.setNoDelay(true),
    data: (socket, chunk) => void socket.write(chunk),
  },
});
process.stdout.write(`${server.port}\n`);
