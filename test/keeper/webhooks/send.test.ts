/** Telling programs of this user, and the programs of another user that get nothing. */

import { describe, expect, test } from "bun:test";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { proofOf, readSecret, signatureOf } from "../../../src/keeper/webhooks/secret.ts";
import { sendWebhook } from "../../../src/keeper/webhooks/send.ts";
import { isOwnListener } from "../../../src/keeper/webhooks/target.ts";
import { canBeOrdinary, giveTo, ordinarily, ordinaryRuntime } from "../../support/ordinary.ts";
import { skipUnless } from "../../support/skip.ts";
import { until } from "../../support/until.ts";

const secret = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
const uid = process.geteuid?.() ?? -1;
const event_id = "01a22ca9-460c-7014-a786-101c0b7184a3";
const telling = {
  ...{ uid, home: "/nowhere", wallMs: () => 1_767_225_600_900 },
  nonce: () => "n".repeat(32),
};
const never = new AbortController().signal;

/** A folder that is removed at the end, with a secret. */
function place() {
  const folder = mkdtempSync(join(tmpdir(), "webhook-"));
  const secretFile = join(folder, "secret");
  writeFileSync(secretFile, `${secret}\n`, { mode: 0o600 });
  return {
    ...{ folder, secretFile },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

const send = (url: string, secret_file: string | null, body = '{"type":"peer.up"}') =>
  sendWebhook({ url, secret_file, event_id, body }, telling, never);

/** The bot as a process: of this user, or of another one. */
async function bot(folder: string, { others = false, choice = "204" } = {}) {
  const port = freePort();
  const program = join(folder, "bot.ts");
  copyFileSync(join(import.meta.dir, "bot.ts"), program);
  const words = others ? [...ordinarily, ordinaryRuntime] : [process.execPath];
  const child = Bun.spawn([...words, program, `${port}`, folder, choice], {
    ...{ stdout: "pipe", stderr: "ignore", cwd: folder, env: { PATH: "/usr/bin:/bin" } },
  });
  await child.stdout.getReader().read();
  const taken = (): readonly { nonce: string | null; body: string; headers: Headers }[] =>
    existsSync(join(folder, "taken"))
      ? readFileSync(join(folder, "taken"), "utf8")
          .trim()
          .split("\n")
          .map((line) => JSON.parse(line))
      : [];
  return {
    ...{ url: `http://127.0.0.1:${port}/hook`, port, taken },
    [Symbol.asyncDispose]: async () => {
      child.kill();
      await child.exited;
    },
  };
}

type Headers = Readonly<Record<string, string>>;

function freePort(): number {
  const server = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => undefined } });
  const { port } = server;
  server.stop(true);
  return port;
}

describe("signatureOf()", () => {
  test("signs as the published example of Standard Webhooks", () => {
    const key = Buffer.from("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "base64");
    const signed = { id: "msg_p5jXN8AQM9LWM0D4loKWxJek", at: 1_614_265_330 };
    expect(signatureOf(key, { ...signed, body: '{"test": 2432232314}' })).toBe(
      "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    );
  });
});

const own =
  "P71: An event leaves for programs of this user alone: a program of another user that holds the " +
  "port gets no byte of one.";

describe(own, () => {
  test("a program of this user proves the secret, and takes the signed event", async () => {
    using at = place();
    await using program = await bot(at.folder);
    const body = '{"type":"peer.up","data":{"peer":"mini"}}';
    expect(await send(program.url, at.secretFile, body)).toEqual({ why: null, status: 204 });
    const [challenge, event, ...more] = program.taken();
    expect([challenge?.nonce, challenge?.body, more]).toEqual(["n".repeat(32), "", []]);
    const key = readSecret(at.secretFile, uid) ?? new Uint8Array();
    expect(event).toMatchObject({ nonce: null, body });
    expect(event?.headers).toMatchObject({
      "content-type": "application/json",
      "webhook-id": event_id,
      "webhook-timestamp": "1767225600",
      "webhook-signature": signatureOf(key, { id: event_id, at: 1_767_225_600, body }),
    });
  });

  skipUnless(canBeOrdinary && uid === 0, "a second user, as root can make one")(
    "another user's program at the port gets no byte, even with the secret",
    async () => {
      using at = place();
      chmodSync(at.folder, 0o777);
      giveTo(at.folder);
      const theirs = join(at.folder, "secret");
      giveTo(theirs);
      await using program = await bot(at.folder, { others: true });
      expect(isOwnListener({ hostname: "127.0.0.1", port: program.port }, uid)).toBe(false);
      using mine = place();
      expect(await send(program.url, mine.secretFile)).toEqual({ why: "not_ours", status: null });
      expect(program.taken()).toEqual([]);
    },
  );

  test("a program without the secret gets the challenge alone", async () => {
    using at = place();
    using other = place();
    const wrong = `whsec_${Buffer.alloc(32, 8).toString("base64")}`;
    writeFileSync(other.secretFile, wrong, { mode: 0o600 });
    await using program = await bot(other.folder);
    expect(await send(program.url, at.secretFile)).toEqual({ why: "unproven", status: null });
    await until("it has the challenge", () => program.taken().length > 0);
    expect(program.taken().map(({ body }) => body)).toEqual([""]);
  });

  test("a silent program, a port without one, and a status are told apart", async () => {
    using at = place();
    expect(await send(`http://127.0.0.1:${freePort()}/`, at.secretFile)).toEqual({
      ...{ why: "unreached", status: null },
    });
    await using program = await bot(at.folder, { choice: "503" });
    expect(await send(program.url, at.secretFile)).toEqual({ why: "refused", status: 503 });
    using silent = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => {} } });
    const over = new AbortController();
    const url = `http://127.0.0.1:${silent.port}/`;
    const errand = { url, secret_file: at.secretFile, event_id, body: "{}" };
    const ended = sendWebhook(errand, telling, over.signal);
    over.abort();
    expect(await ended).toMatchObject({ status: null });
  });

  test("a secret that others can read, a link, or no secret, sends nothing", async () => {
    using at = place();
    await using program = await bot(at.folder);
    const linked = join(at.folder, "linked");
    symlinkSync(at.secretFile, linked);
    const short = join(at.folder, "short");
    writeFileSync(short, "whsec_c2hvcnQ=", { mode: 0o600 });
    for (const file of [linked, short, join(at.folder, "none")]) {
      expect(await send(program.url, file)).toEqual({ why: "secret", status: null });
    }
    chmodSync(at.secretFile, 0o640);
    expect(await send(program.url, at.secretFile)).toEqual({ why: "secret", status: null });
    expect(program.taken()).toEqual([]);
  });

  test("a socket in a folder that is this user's alone takes it, and no other", async () => {
    using at = place();
    const folder = join(at.folder, "alone");
    mkdirSync(folder, { mode: 0o700 });
    const taken: string[] = [];
    const unix = join(folder, "bot.sock");
    const server = Bun.serve({
      unix,
      fetch: async (request) => {
        taken.push(`${request.headers.get("webhook-signature")} ${await request.text()}`);
        return new Response("thanks");
      },
    });
    expect(await send(`unix:${unix}`, null, "{}")).toEqual({ why: null, status: 200 });
    expect(taken).toEqual(["null {}"]);
    for (const mode of [0o750, 0o707, 0o777]) {
      chmodSync(folder, mode);
      expect(await send(`unix:${unix}`, null, "{}")).toEqual({ why: "unsafe", status: null });
    }
    chmodSync(folder, 0o700);
    chmodSync(at.folder, 0o777);
    expect(await send(`unix:${unix}`, null, "{}")).toEqual({ why: "unsafe", status: null });
    expect(taken).toHaveLength(1);
    await server.stop(true);
  });
});

test("proofOf() is no signature of any event: its content begins with a control character", () => {
  const key = Buffer.alloc(32, 7);
  const nonce = "1767225600.{}";
  const forged = signatureOf(key, { id: "peernet-webhook-v1", at: 1_767_225_600, body: "{}" });
  expect(proofOf(key, nonce)).not.toBe(forged);
});
