import { describe, expect, test } from "bun:test";
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  X509Certificate,
} from "node:crypto";
import { PeernetError } from "../../src/contract/errors.ts";
import { lv } from "../../src/contract/text/encoding.ts";
import { fingerprintOf, selfSigned } from "../../src/peer/certificate.ts";
import { identityFile, loadOrCreate, sign, verifySignature } from "../../src/peer/identity.ts";
import { effectsOn, machine, memoryFiles, refusalOf, seededBytes, sha256 } from "./memory.ts";

const seed = `identity ${crypto.randomUUID()}`;
console.log(`seed: ${seed}`);
const bytes = seededBytes(seed);

const refusal = (what: string) => ({
  code: "state_unsafe" as const,
  message: `keys/identity.pem ${what}`,
  hint: "restore it from a backup, or move /home/somebody/.peernet away and pair again",
});

/** The three parts of an identity file. */
function partsOf(text: string): readonly [string, string, string] {
  const [key, certificate, signing] = text.split(/(?<=-----END [A-Z ]+-----\n)/);
  if (key === undefined || certificate === undefined || signing === undefined) throw new Error();
  return [key, certificate, signing];
}

describe("loadOrCreate()", () => {
  test("loadOrCreate() makes one identity in one file, written once, when there was none", () => {
    const files = memoryFiles();
    const created = loadOrCreate(effectsOn(files));
    const loaded = loadOrCreate(effectsOn(files));
    expect(files.written).toEqual(["keys/identity.pem"]);
    expect([...files.texts.keys()]).toEqual([identityFile]);
    const { privateKey: _, ...createdSigning } = created.signing;
    const { privateKey, ...loadedSigning } = loaded.signing;
    expect({ ...loaded, signing: loadedSigning }).toEqual({ ...created, signing: createdSigning });
    expect(privateKey.equals(created.signing.privateKey)).toBe(true);
  });

  test("loadOrCreate() gives a P-256 key, its certificate and an Ed25519 key", () => {
    const identity = machine();
    const certificate = new X509Certificate(identity.certificate);
    const key = createPrivateKey(identity.key);
    expect(identity.fingerprint).toBe(fingerprintOf(certificate.raw, sha256));
    expect(certificate.checkPrivateKey(key)).toBe(true);
    expect(key.asymmetricKeyDetails?.namedCurve).toBe("prime256v1");
    expect(identity.signing.privateKey.asymmetricKeyType).toBe("ed25519");
    const { x } = createPublicKey(identity.signing.privateKey).export({ format: "jwk" });
    expect(identity.signing.publicKey).toBe(x ?? "none");
  });

  test("loadOrCreate() makes another machine each time when folders differ", () => {
    const [one, other] = [machine(), machine()];
    expect(one.fingerprint).not.toBe(other.fingerprint);
    expect(one.signing.publicKey).not.toBe(other.signing.publicKey);
  });

  test("loadOrCreate() takes the certificate's serial from the given randomness", () => {
    const effects = effectsOn(memoryFiles());
    const random = { ...effects.random, bytes: (n: number) => new Uint8Array(n).fill(0x21) };
    const { certificate } = loadOrCreate({ ...effects, random });
    expect(new X509Certificate(certificate).serialNumber).toBe(`61${"21".repeat(15)}`);
  });

  test("loadOrCreate() leaves nothing behind and works the next time when writing fails", () => {
    const files = memoryFiles();
    const full = {
      ...files,
      write() {
        throw new PeernetError("storage_full");
      },
    };
    expect(refusalOf(() => loadOrCreate(effectsOn(full)))?.code).toBe("storage_full");
    expect(files.texts.size).toBe(0);
    expect(loadOrCreate(effectsOn(files)).fingerprint).toStartWith("sha256:");
  });

  test("loadOrCreate() passes on what the state folder refuses", () => {
    const unsafe = {
      ...memoryFiles(),
      read(): string | null {
        throw new PeernetError("state_unsafe", { message: "keys is a symlink" });
      },
    };
    expect(refusalOf(() => loadOrCreate(effectsOn(unsafe)))?.message).toBe("keys is a symlink");
  });

  test("loadOrCreate() refuses a new identity when checkpoints of an older one are there", () => {
    const files = memoryFiles();
    loadOrCreate(effectsOn(files));
    files.append("checkpoints", "{}\n");
    expect(refusalOf(() => loadOrCreate(effectsOn(files)))).toBeNull();
    files.remove(identityFile);
    expect(refusalOf(() => loadOrCreate(effectsOn(files)))).toEqual(refusal("is missing"));
    expect(files.written).toEqual([identityFile]);
  });
});

describe("loadOrCreate() refuses a damaged identity and leaves it as it is when", () => {
  const files = memoryFiles();
  loadOrCreate(effectsOn(files));
  const [key, certificate, signing] = partsOf(files.texts.get(identityFile) ?? "");
  const other = memoryFiles();
  loadOrCreate(effectsOn(other));
  const [otherKey, otherCertificate] = partsOf(other.texts.get(identityFile) ?? "");
  const p384 = generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey;
  const p384Pem = p384.export({ type: "pkcs8", format: "pem" }).toString();
  const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
  const rsaPem = rsa.export({ type: "pkcs8", format: "pem" }).toString();

  const damaged: readonly (readonly [string, string])[] = [
    ["it is empty", ""],
    ["it is cut within the signing key", (key + certificate + signing).slice(0, -40)],
    ["it is cut by its last byte", (key + certificate + signing).slice(0, -1)],
    ["the signing key is missing", key + certificate],
    ["the certificate is missing", key + signing],
    ["the TLS key is missing", certificate + signing],
    ["the TLS key is another's", otherKey + certificate + signing],
    ["the certificate is another's", key + otherCertificate + signing],
    ["the order is another", signing + certificate + key],
    ["something stands before it", `\n${key}${certificate}${signing}`],
    ["something stands behind it", `${key}${certificate}${signing}${signing}`],
    ["the signing key is a P-256 key", key + certificate + key],
    ["the signing key is an RSA key", key + certificate + rsaPem],
    ["the TLS key is P-384", p384Pem + selfSigned(p384, bytes(16)) + signing],
    ["lines end as on another system", (key + certificate + signing).replaceAll("\n", "\r\n")],
  ];

  test.each([...damaged])("%s", (_, text) => {
    const folder = memoryFiles();
    folder.texts.set(identityFile, text);
    expect(refusalOf(() => loadOrCreate(effectsOn(folder)))).toEqual(refusal("is damaged"));
    expect(folder.texts.get(identityFile)).toBe(text);
    expect(folder.written).toEqual([]);
  });

  test("any one bit of the certificate is flipped", () => {
    const { fingerprint } = loadOrCreate(effectsOn(files));
    const raw = new X509Certificate(certificate).raw;
    for (let at = 0; at < raw.length; at++) {
      const flipped = new Uint8Array(raw);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
      const pem = `-----BEGIN CERTIFICATE-----\n${flipped.toBase64()}\n-----END CERTIFICATE-----\n`;
      const folder = memoryFiles();
      folder.texts.set(identityFile, key + pem + signing);
      const refused = refusalOf(() => {
        // A flip that the parser undoes leaves the identity unchanged.
        expect(loadOrCreate(effectsOn(folder)).fingerprint).toBe(fingerprint);
      });
      if (refused !== null) expect(refused).toEqual(refusal("is damaged"));
    }
  });
});

describe("sign() and verifySignature()", () => {
  const identity = machine();
  const { publicKey } = identity.signing;
  const message = lv("peernet-audit-checkpoint-v1", "100", "a".repeat(64), "0");
  const signature = sign(identity, message);

  test("verifySignature() holds for what sign() made, and sign() is deterministic", () => {
    expect(signature).toMatch(/^[A-Za-z0-9_-]{86}$/);
    expect(sign(identity, message)).toBe(signature);
    expect(verifySignature(publicKey, message, signature)).toBe(true);
    expect(verifySignature(publicKey, new Uint8Array(0), sign(identity, new Uint8Array(0)))).toBe(
      true,
    );
  });

  test("verifySignature() passes the vector of RFC 8032, section 7.1, test 2", () => {
    const x = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
    const s =
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da" +
      "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";
    const text = (hex: string) => Buffer.from(hex, "hex").toString("base64url");
    expect(verifySignature(text(x), Uint8Array.of(0x72), text(s))).toBe(true);
    expect(verifySignature(text(x), Uint8Array.of(0x73), text(s))).toBe(false);
  });

  test("verifySignature() is false for another key, another message, any flipped bit", () => {
    expect(verifySignature(machine().signing.publicKey, message, signature)).toBe(false);
    expect(verifySignature(publicKey, message.subarray(1), signature)).toBe(false);
    const signed = Buffer.from(signature, "base64url");
    for (let bit = 0; bit < signed.length * 8; bit++) {
      const flipped = Buffer.from(signed);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(verifySignature(publicKey, message, flipped.toString("base64url"))).toBe(false);
    }
  });

  test("verifySignature() takes one text for one key and one signature", () => {
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=";
    for (const last of alphabet) {
      const key = publicKey.slice(0, -1) + last;
      const text = signature.slice(0, -1) + last;
      expect(verifySignature(key, message, signature)).toBe(key === publicKey);
      expect(verifySignature(publicKey, message, text)).toBe(text === signature);
    }
  });

  test.each([
    ["", signature],
    ["A".repeat(42), signature],
    ["A".repeat(44), signature],
    ["_".repeat(43), signature],
    [publicKey, ""],
    [publicKey, "A".repeat(86)],
    [publicKey, `${signature}A`],
    [publicKey, `${signature}==`],
    [publicKey, signature.slice(0, -1)],
    [publicKey, ` ${signature.slice(1)}`],
    ["\0", "\0"],
    ["ключ", "подпись"],
  ])("verifySignature() is false, not an error, when given %j and %j", (key, text) => {
    expect(verifySignature(key, message, text)).toBe(false);
  });
});
