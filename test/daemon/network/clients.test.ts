/** Plain HTTPS clients of other makers: what they send by themselves is taken. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Machine, machine, session } from "../../support/daemon.ts";
import { ranOf } from "../../support/ran.ts";
import { temporaryFolder } from "../../support/repository.ts";
import { hasProgram, skipUnless } from "../../support/skip.ts";
import { askFor } from "../attack/asking.ts";
import { enrol, type HandPeer } from "../attack/pairing.ts";

let on: Machine;
let peer: HandPeer;
const folder = temporaryFolder();
const files = { certificate: "", key: "" };

beforeAll(async () => {
  on = await machine("on");
  await on.calls.activate(session());
  peer = await enrol(on);
  files.certificate = folder.write("certificate.pem", peer.identity.certificate);
  files.key = folder.write("key.pem", peer.identity.key);
});
afterAll(async () => {
  await on[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

/** Runs a program that asks; the lines that it prints. */
async function linesOf(...command: readonly string[]): Promise<readonly string[]> {
  const child = Bun.spawn([...command], { stdout: "pipe", stderr: "pipe" });
  const { code, out, err } = await ranOf(child);
  expect([err, code]).toEqual(["", 0]);
  return out.trim().split("\n");
}

/** Lines of `curl`, each the status and how many connections it took. */
const curl = (...more: readonly string[]): Promise<readonly string[]> =>
  linesOf("curl", ...keyed(), ...more);

const keyed = () => ["-sk", "--cert", files.certificate, "--key", files.key];

const asked = (): string => JSON.stringify(askFor());
const urlOf = (path: string): string => `https://${on.address}/v1/${path}`;
const told = ["-o", "/dev/null", "-w", "%{http_code} %{num_connects}\\n"];

describe("a plain client of another maker is answered, on a connection that it keeps:", () => {
  const withCurl = skipUnless(hasProgram("curl"), "curl is not installed");
  withCurl("curl", async () => {
    const request = () => [
      ...["-H", "content-type: application/json", "-H", `authorization: Bearer ${peer.token}`],
      ...["-d", asked(), urlOf("ask"), ...told],
    ];
    expect(await curl(...request(), "--next", ...keyed(), ...request())).toEqual([
      "200 1",
      "200 0",
    ]);
  });

  withCurl(
    "curl, which gets a reason when it is refused in chunks and with an expectation",
    async () => {
      const refused = async (header: string): Promise<string> => {
        const type = ["-H", "content-type: application/json", "-H", header];
        const [reply = ""] = await curl(...type, "-d", "{}", urlOf("window"));
        return JSON.parse(reply).error.hint;
      };
      expect(await refused("transfer-encoding: chunked")).toBe("send it with a content-length");
      expect(await refused("expect: 100-continue")).toBe("send it without expect");
    },
  );

  const python = skipUnless(hasProgram("python3"), "python3 is not installed");
  python("Python's http.client", async () => {
    const program = `
import http.client, json, ssl, sys
address, certificate, key, token, *bodies = sys.argv[1:]
context = ssl.create_default_context()
context.check_hostname = False
context.verify_mode = ssl.CERT_NONE
context.load_cert_chain(certificate, key)
connection = http.client.HTTPSConnection(address, context=context)
kept = None
for body in bodies:
    headers = {"Content-Type": "application/json", "Authorization": "Bearer " + token}
    connection.request("POST", "/v1/ask", body, headers)
    reply = connection.getresponse()
    print(reply.status, len(json.loads(reply.read())) > 0, kept in (None, connection.sock))
    kept = connection.sock
`;
    const words = [on.address, files.certificate, files.key, peer.token, asked(), asked()];
    expect(await linesOf("python3", "-c", program, ...words)).toEqual(
      Array.from({ length: 2 }, () => "200 True True"),
    );
  });

  const nodeProgram = `
const { readFileSync } = require("node:fs");
const https = require("node:https");
const [address, certificate, key, token, ...bodies] = process.argv.slice(1);
const agent = new https.Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false,
  cert: readFileSync(certificate), key: readFileSync(key) });
const headers = { "content-type": "application/json", authorization: "Bearer " + token };
const ask = (body) => new Promise((resolve, reject) => {
  const request = https.request("https://" + address + "/v1/ask", { method: "POST", agent,
    headers: { ...headers, "content-length": Buffer.byteLength(body) } }, (reply) => {
    reply.resume();
    reply.on("end", () => resolve(reply.statusCode + " " + request.reusedSocket));
  });
  request.on("error", reject);
  request.end(body);
});
(async () => {
  for (const body of bodies) console.log(await ask(body));
  agent.destroy();
})();`;
  const node = skipUnless(hasProgram("node"), "node is not installed");
  node("node:https of Node", async () => {
    const words = [on.address, files.certificate, files.key, peer.token, asked(), asked()];
    const lines = await linesOf("node", "-e", nodeProgram, "--", ...words);
    expect(lines).toEqual(["200 false", "200 true"]);
  });

  test("fetch", async () => {
    const tls = {
      cert: peer.identity.certificate,
      key: peer.identity.key,
      rejectUnauthorized: false,
    };
    const headers = { "content-type": "application/json", authorization: `Bearer ${peer.token}` };
    for (let time = 0; time < 2; time += 1) {
      const reply = await fetch(urlOf("ask"), { method: "POST", headers, body: asked(), tls });
      expect(reply.status).toBe(200);
    }
  });
});
