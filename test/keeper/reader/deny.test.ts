/** Paths that no peer gets, whatever a rule allows. */

import { describe, expect, test } from "bun:test";
import { denying, isSecret } from "../../../src/keeper/reader/deny.ts";

describe("isSecret()", () => {
  const secret = [
    ".env",
    ".env.local",
    ".ENV",
    "a/b/.env.production",
    ".envrc",
    ".netrc",
    ".npmrc",
    ".pypirc",
    ".git-credentials",
    ".htpasswd",
    "id_rsa",
    "keys/id_ed25519",
    "server.pem",
    "tls/server.key",
    "a.p12",
    "a.PFX",
    "app.keystore",
    "x.kdbx",
    "terraform.tfstate",
    "terraform.tfstate.backup",
    "prod.tfvars",
    "credentials",
    "credentials.json",
    "secrets.yml",
    "secret.toml",
    "service-account-prod.json",
    ".ssh/config",
    "home/.aws/credentials",
    ".gnupg/x",
    ".kube/config",
    "config/master.key",
  ];
  for (const path of secret) {
    test(`is true for ${path}`, () => expect(isSecret(path)).toBeTrue());
  }

  const plain = [
    ".env.example",
    ".env.sample",
    ".env.template",
    "environment.ts",
    "src/keys.ts",
    "keyboard.ts",
    "pem.md",
    "docs/credentials.md",
    "secrets.md",
    "id_rsa.pub.md",
    "ssh/config",
    "env",
    "monkey.ts",
  ];
  for (const path of plain) {
    test(`is false for ${path}`, () => expect(isSecret(path)).toBeFalse());
  }
});

test("denying() adds a rule's patterns to the names of secrets", () => {
  const isDenied = denying(["ops/**", "*.sql"]);
  expect(["ops/a/b", "dump.sql", ".env"].map(isDenied)).toEqual([true, true, true]);
  expect(["src/ops/a", "a/dump.sql", "README.md"].map(isDenied)).toEqual([false, false, false]);
});
