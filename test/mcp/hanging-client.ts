/** A client that is there to be killed: it starts a server, is in a call, and says so. */

const [executable = "", ...lines] = process.argv.slice(2);
const server = Bun.spawn([executable, "mcp"], { stdin: "pipe", stdout: "pipe", stderr: "ignore" });
server.stdin.write(lines.map((line) => `${line}\n`).join(""));
server.stdin.flush();
for await (const _ of server.stdout) console.log(server.pid);

export {};
