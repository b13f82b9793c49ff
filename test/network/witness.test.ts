/** The view of foreign programs on a machine's listener, from another host. */

import { afterAll, beforeAll, expect, setDefaultTimeout } from "bun:test";
import { opening } from "../scenario/pairing.ts";
import { hasProgram, skipUnless } from "../support/skip.ts";
import { type Machine, machine } from "./hosts.ts";
import { canLab, type Lab, lab, noLab } from "./lab.ts";

const test = canLab
  ? skipUnless(hasProgram("openssl") && hasProgram("curl"), "openssl and curl are not here")
  : skipUnless(canLab, noLab);
setDefaultTimeout(30_000);

let hosts: Lab;
let mini: Machine;

beforeAll(async () => {
  if (!canLab) return;
  hosts = lab();
  mini = await machine(hosts, { host: "a", name: "mini" });
});

afterAll(async () => {
  if (!canLab) return;
  await mini[Symbol.asyncDispose]();
  hosts[Symbol.dispose]();
});

/** A program's output on another host, with some input, however it ends. */
function seen(input: string, ...command: readonly string[]): string {
  const { stdout, stderr } = Bun.spawnSync([...hosts.on("c"), ...command], {
    stdin: Buffer.from(input),
    timeout: 10_000,
  });
  return `${stdout}${stderr}`;
}

/** A request by curl, which trusts whatever certificate it is shown: status and body. */
function curl(path: string, ...more: readonly string[]): { status: string; body: string } {
  const words = ["curl", "-sk", "-w", "\n%{http_code}", ...more, `https://${mini.listens}${path}`];
  const lines = seen("", ...words).split("\n");
  return { status: lines.at(-1) ?? "", body: lines.slice(0, -1).join("\n") };
}

const json = ["-H", "content-type: application/json", "--data", "{}"];

const codeIn = (body: string): unknown => JSON.parse(body).error?.code;

test("openssl is refused TLS 1.2, and shown a self-signed certificate over TLS 1.3", () => {
  const connecting = ["openssl", "s_client", "-connect", mini.listens];
  const old = seen("", ...connecting, "-tls1_2");
  expect(old).toContain("alert protocol version");
  expect(old).toContain("no peer certificate available");
  const current = seen("", ...connecting);
  expect(current).toContain("TLSv1.3");
  expect(current).toContain("CN = peernet");
  expect(current).not.toContain("New, (NONE)");
});

test("openssl is given no session to resume", () => {
  const file = `${mini.folder}/session.pem`;
  const body = "{}";
  const lines = ["POST /v1/window HTTP/1.1", "host: mini", "content-type: application/json"];
  const request = [...lines, "connection: close", `content-length: ${body.length}`, "", body];
  const connecting = ["openssl", "s_client", "-connect", mini.listens, "-ign_eof"];
  const said = seen(request.join("\r\n"), ...connecting, "-sess_out", file);
  expect(said).toContain("HTTP/1.1 200 OK");
  expect(said).not.toContain("Post-Handshake New Session Ticket");
  expect(seen("", "ls", file)).toContain("No such file");
});

test("curl without a certificate learns whether a window is open, and nothing else", async () => {
  expect(curl("/v1/window", ...json)).toEqual({ status: "200", body: '{"open":false}' });
  const window = await opening(mini);
  expect(curl("/v1/window", ...json)).toEqual({ status: "200", body: '{"open":true}' });
  const refused = ["pair/share", "pair/confirm", "token", "hello", "ask", "unpair"].map((path) =>
    curl(`/v1/${path}`, ...json),
  );
  window.interrupt();
  expect(await window.ended).toBe(130);
  const bodies = new Set(refused.map(({ body }) => body));
  expect(refused.map(({ status }) => status)).toEqual(Array(6).fill("401"));
  expect(bodies.size).toBe(1);
  expect(codeIn([...bodies].join(""))).toBe("unauthenticated");
});

test("curl finds nothing at any other path, with any method", () => {
  for (const path of ["/", "/v1", "/v1/", "/v1/status", "/v1/window/", "/docs", "//v1/window"]) {
    const { status, body } = curl(path, ...json);
    expect({ path, status, code: codeIn(body) }).toEqual({
      path,
      status: "404",
      code: "operation_unknown",
    });
  }
  for (const method of ["GET", "PUT", "DELETE", "OPTIONS"]) {
    const { status, body } = curl("/v1/window", "-X", method);
    expect({ method, status, code: codeIn(body) }).toEqual({
      method,
      status: "404",
      code: "operation_unknown",
    });
  }
});

test("curl with a certificate of its own and a made-up token gets the same reply", () => {
  const [key, certificate] = [`${mini.folder}/other.key`, `${mini.folder}/other.pem`];
  const making = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  seen("", "openssl", ...making, "-keyout", key, "-out", certificate, "-subj", "/CN=peernet");
  const proving = ["--cert", certificate, "--key", key];
  const bare = curl("/v1/ask", ...json);
  const made = curl("/v1/ask", ...json, ...proving, "-H", "authorization: Bearer a.b.c");
  expect(made).toEqual(bare);
  expect(made.status).toBe("401");
});

test("plain HTTP gets no reply", () => {
  const words = ["curl", "-s", "-m", "5", "-w", "%{http_code}", `http://${mini.listens}/v1/window`];
  expect(seen("", ...words)).toBe("000");
});

test("what strangers were refused is one record for each source and kind", async () => {
  await mini.run(["stop"]);
  await mini.run(["start"]);
  const { out } = await mini.run(["audit", "--json", "--all"]);
  const records = out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
    .filter(({ direction }) => direction === "in");
  const origin_address = hosts.address("c");
  expect(records.map(({ verb }) => verb).sort()).toEqual(["probe", "refused"]);
  expect(records.every((record) => record.origin_address === origin_address)).toBe(true);
  // Three questions, six and two without a credential, eleven for absent paths.
  expect(records.reduce((sum, { count }) => sum + count, 0)).toBe(22);
});
