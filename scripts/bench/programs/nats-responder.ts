/** Answers requests on a NATS server with the answer of an ask, and keeps no record. */

import { natsAt } from "../nats.ts";

const [, , port = "", answer = ""] = process.argv;
const nats = await natsAt(Number(port));
nats.reply("ask", (body) => {
  JSON.parse(body);
  return answer;
});
process.stdout.write("ready\n");
