/** A program that takes webhooks, as a user would write it; another user's may run it, too. */

import { appendFileSync, readFileSync } from "node:fs";

const [port = "", folder = "", ...choices] = process.argv.slice(2);
const key = (() => {
  const text = readFileSync(`${folder}/secret`, "utf8").trim();
  return Buffer.from(text.replace(/^whsec_/, ""), "base64");
})();

/** The reply to a challenge: two texts, each after its length. */
function proofOf(nonce: string): string {
  const content = `\x12peernet-webhook-v1${String.fromCharCode(nonce.length)}${nonce}`;
  return `v1,${new Bun.CryptoHasher("sha256", key).update(content).digest("base64")}`;
}

Bun.serve({
  hostname: "127.0.0.1",
  port: Number(port),
  fetch: async (request) => {
    const nonce = request.headers.get("webhook-challenge");
    const body = await request.text();
    const headers = Object.fromEntries(request.headers);
    appendFileSync(`${folder}/taken`, `${JSON.stringify({ nonce, body, headers })}\n`);
    if (nonce === null) return new Response(null, { status: Number(choices[0] ?? 204) });
    return new Response(null, { status: 204, headers: { "webhook-challenge": proofOf(nonce) } });
  },
});
process.stdout.write("ready\n");
