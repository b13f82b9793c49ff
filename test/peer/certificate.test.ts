import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { generateKeyPairSync, type KeyObject, X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, createServer, type TLSSocket } from "node:tls";
import { fingerprintOf, pemOf, selfSigned, serialBytes } from "../../src/peer/certificate.ts";
import { machine, seededBytes, sha256 } from "./memory.ts";

const seed = `certificate ${crypto.randomUUID()}`;
console.log(`seed: ${seed}`);
const bytes = seededBytes(seed);

const newKey = (): KeyObject => generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
const pkcs8 = (key: KeyObject): string => key.export({ type: "pkcs8", format: "pem" }).toString();

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "peernet-certificate-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Writes a file and gives its path. */
function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

function openssl(...args: readonly string[]): { readonly code: number; readonly text: string } {
  const { exitCode, stdout, stderr } = Bun.spawnSync(["openssl", ...args]);
  return { code: exitCode, text: `${stdout}${stderr}` };
}

describe("selfSigned()", () => {
  test("selfSigned() is read by openssl as the certificate it claims to be", () => {
    const path = file("text.pem", selfSigned(newKey(), bytes(serialBytes)));
    const { code, text } = openssl("x509", "-in", path, "-noout", "-text", "-dates");
    expect(code).toBe(0);
    expect(text).toContain("Version: 3 (0x2)");
    expect(text).toContain("Issuer: CN = peernet\n");
    expect(text).toContain("Subject: CN = peernet\n");
    expect(text).toContain("notBefore=Jan  1 00:00:00 1970 GMT");
    expect(text).toContain("notAfter=Dec 31 23:59:59 9999 GMT");
    expect(text).toContain("NIST CURVE: P-256");
    expect(text).toMatch(/X509v3 Basic Constraints: critical\s+CA:FALSE\n/);
    expect(text).toMatch(/X509v3 Key Usage: critical\s+Digital Signature\n/);
    expect(text).toMatch(
      /Extended Key Usage: ?\n\s+TLS Web Server Authentication, TLS Web Client Authentication\n/,
    );
    expect(text.match(/Signature Algorithm: ecdsa-with-SHA256/g)?.length).toBe(2);
  });

  test("selfSigned() passes openssl verify strictly, for clients, servers and all times", () => {
    const path = file("verify.pem", selfSigned(newKey(), bytes(serialBytes)));
    const verify = (...args: readonly string[]) =>
      openssl("verify", "-x509_strict", "-check_ss_sig", "-CAfile", path, ...args, path);
    expect(verify("-purpose", "sslclient").text).toContain("OK");
    expect(verify("-purpose", "sslserver").text).toContain("OK");
    expect(verify("-attime", "-1").text).toContain("not yet valid");
    expect(verify("-attime", "0").code).toBe(0);
    expect(verify("-attime", "253402300798").code).toBe(0);
    // openssl takes the last second itself for past; no later one can be written.
    expect(verify("-attime", "253402300799").text).toContain("expired");
  });

  test("selfSigned() does not let its key certify another", () => {
    const key = newKey();
    const path = file("ca.pem", selfSigned(key, bytes(serialBytes)));
    const request = openssl(
      ...["req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"],
      ...["-subj", "/CN=minted", "-keyout", join(folder, "leaf.key"), "-out"],
      join(folder, "leaf.csr"),
    );
    expect(request.code).toBe(0);
    const signed = openssl(
      ...["x509", "-req", "-in", join(folder, "leaf.csr"), "-CA", path, "-CAkey"],
      ...[file("ca.key", pkcs8(key)), "-set_serial", "1", "-out", join(folder, "leaf.pem")],
    );
    expect(signed.code).toBe(0);
    const verified = openssl("verify", "-CAfile", path, join(folder, "leaf.pem"));
    expect(verified.code).not.toBe(0);
    expect(verified.text).toMatch(/invalid CA certificate|invalid.*purpose/i);
  });

  test("selfSigned() agrees with node:crypto over 100 random keys and serials", () => {
    for (let run = 0; run < 100; run++) {
      const key = newKey();
      const certificate = new X509Certificate(selfSigned(key, bytes(serialBytes)));
      expect(certificate.checkPrivateKey(key)).toBe(true);
      expect(certificate.verify(certificate.publicKey)).toBe(true);
      expect(certificate.ca).toBe(false);
      expect(certificate.subject).toBe("CN=peernet");
      expect(certificate.issuer).toBe("CN=peernet");
    }
  });

  test.each([
    ["zeros", 0x00, `40${"00".repeat(15)}`],
    ["ones", 0xff, `7F${"FF".repeat(15)}`],
  ])("selfSigned() writes a positive serial of 16 bytes when given all %s", (_, byte, serial) => {
    const pem = selfSigned(newKey(), new Uint8Array(serialBytes).fill(byte));
    expect(new X509Certificate(pem).serialNumber).toBe(serial);
    const { text } = openssl("x509", "-in", file("serial.pem", pem), "-noout", "-serial");
    expect(text.trim()).toBe(`serial=${serial}`);
  });
});

describe("fingerprintOf()", () => {
  test("fingerprintOf() is openssl's SHA-256 fingerprint in base64url", () => {
    const pem = selfSigned(newKey(), bytes(serialBytes));
    const path = file("fingerprint.pem", pem);
    const { text } = openssl("x509", "-in", path, "-noout", "-fingerprint", "-sha256");
    const digest = Buffer.from(text.trim().split("=")[1]?.replaceAll(":", "") ?? "", "hex");
    const fingerprint = fingerprintOf(new X509Certificate(pem).raw, sha256);
    expect(fingerprint).toBe(`sha256:${digest.toString("base64url")}`);
    expect(fingerprint).toMatch(/^sha256:[A-Za-z0-9_-]{43}$/);
  });
});

describe("pemOf()", () => {
  test("pemOf() writes what selfSigned() wrote when given its DER", () => {
    const pem = selfSigned(newKey(), bytes(serialBytes));
    expect(pemOf(new X509Certificate(pem).raw)).toBe(pem);
  });

  test.each([47, 48, 49, 96])("pemOf() breaks lines at 64 characters when given %i bytes", (n) => {
    const lines = pemOf(new Uint8Array(n)).trimEnd().split("\n").slice(1, -1);
    expect(lines.join("")).toBe(Buffer.alloc(n).toString("base64"));
    expect(lines.every((line) => line.length >= 1 && line.length <= 64)).toBe(true);
    expect(lines.slice(0, -1).every((line) => line.length === 64)).toBe(true);
  });
});

describe("TLS 1.3 on loopback", () => {
  /** A server that requests a certificate and returns its owner. */
  async function listen(identity: ReturnType<typeof machine>) {
    const callers: (string | null)[] = [];
    const failed: string[] = [];
    const server = createServer(
      {
        cert: identity.certificate,
        key: identity.key,
        minVersion: "TLSv1.3",
        requestCert: true,
        rejectUnauthorized: false,
      },
      (socket: TLSSocket) => {
        const { raw } = socket.getPeerCertificate(true);
        callers.push(raw === undefined ? null : fingerprintOf(raw, sha256));
        socket.on("error", () => undefined);
        socket.end("known");
      },
    );
    server.on("tlsClientError", (error: Error) => failed.push(error.message));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    return { server, port: address.port, callers, failed };
  }

  test("selfSigned() certificates authenticate both ends when both keys are proven", async () => {
    const [here, there] = [machine(), machine()];
    const { server, port, callers } = await listen(there);
    try {
      const seen = await new Promise<string>((resolve, reject) => {
        const socket = connect({
          ...{ host: "127.0.0.1", port, minVersion: "TLSv1.3" },
          ...{ cert: here.certificate, key: here.key, ca: there.certificate },
          checkServerIdentity: (_, { raw }) =>
            fingerprintOf(raw, sha256) === there.fingerprint ? undefined : new Error("pin"),
        });
        let text = "";
        socket.on("data", (chunk) => (text += chunk));
        socket.on("error", reject);
        socket.on("end", () => resolve(`${socket.getProtocol()} ${socket.authorized} ${text}`));
      });
      expect(seen).toBe("TLSv1.3 true known");
      expect(callers).toEqual([here.fingerprint]);
    } finally {
      server.close();
    }
  });

  test("a certificate does not authenticate a caller that lacks its key", async () => {
    const [victim, attacker, there] = [machine(), machine(), machine()];
    const { server, port, callers, failed } = await listen(there);
    try {
      const command = (key: string) => [
        ...["openssl", "s_client", "-connect", `127.0.0.1:${port}`, "-tls1_3", "-quiet"],
        ...["-cert", file("victim.pem", victim.certificate), "-key", file("used.key", key)],
      ];
      const call = async (key: string) => {
        const caller = Bun.spawn(command(key), { stdin: "ignore", stderr: "pipe" });
        const output = `${await new Response(caller.stdout).text()}`;
        await caller.exited;
        return output;
      };
      expect(await call(victim.key)).toBe("known");
      expect(callers).toEqual([victim.fingerprint]);
      expect(failed).toEqual([]);
      expect(await call(impostorKey(victim.key, attacker.key))).toBe("");
      expect(callers).toEqual([victim.fingerprint]);
      expect(failed.length).toBe(1);
    } finally {
      server.close();
    }
  });

  /** A key file with the victim's public half, so that it loads, and another's private half. */
  function impostorKey(victim: string, attacker: string): string {
    const derOf = (pem: string): Uint8Array =>
      Uint8Array.fromBase64(pem.replace(/-----[^-]+-----|\s/g, ""));
    const forged = derOf(victim);
    const privateAt = 36;
    forged.set(derOf(attacker).subarray(privateAt, privateAt + 32), privateAt);
    return `-----BEGIN PRIVATE KEY-----\n${forged.toBase64()}\n-----END PRIVATE KEY-----\n`;
  }
});
