/** Manifests: ours, those of a user, and what neither may say. */

import { describe, expect, test } from "bun:test";
import { PeernetError } from "../../../../src/contract/errors.ts";
import {
  manifestOf,
  readManifest,
  runnerNames,
} from "../../../../src/keeper/tasks/runner/manifests.ts";

const files = (contents: Readonly<Record<string, string>>) => ({
  readTrusted: (name: string) => contents[name] ?? null,
});

const gateway = `
like = "claude-code"
program = "/opt/claude"
[endpoint]
origin = "https://llm.example:8443"
ca = "gateway.pem"
`;

/** The reason why a text is no manifest. */
const fault = (text: string): string => {
  const read = readManifest(text);
  return read.ok ? "none" : read.detail;
};

describe("manifestOf()", () => {
  test("reads each of ours", () => {
    for (const [name, origin] of [
      ["claude-code", "https://api.anthropic.com"],
      ["codex", "https://api.openai.com"],
    ] as const) {
      const found = manifestOf(files({}), name);
      expect(found).toMatchObject({ ok: true, manifest: { endpoint: { origin } } });
      const profiles = found.ok ? Object.keys(found.manifest.profiles) : [];
      expect(profiles).toEqual(["query", "edit", "build"]);
    }
  });

  test("never takes a user's file for a name of ours", () => {
    const found = manifestOf(files({ "runners/claude-code.toml": gateway }), "claude-code");
    expect(found.ok && found.manifest.endpoint.origin).toBe("https://api.anthropic.com");
    expect(runnerNames(["codex.toml", "mine.toml", "x.pem", "A.toml"])).toEqual([
      "claude-code",
      "codex",
      "mine",
    ]);
  });

  test("reads a user's manifest that is like one of ours, with its own keys in place", () => {
    const found = manifestOf(files({ "runners/gateway.toml": gateway }), "gateway");
    const base = manifestOf(files({}), "claude-code");
    if (!found.ok || !base.ok) throw new Error("not found");
    const { endpoint, program, profiles } = found.manifest;
    expect([program, endpoint.origin, endpoint.ca]).toEqual([
      "/opt/claude",
      "https://llm.example:8443",
      "gateway.pem",
    ]);
    expect([profiles, endpoint.prices]).toEqual([
      base.manifest.profiles,
      base.manifest.endpoint.prices,
    ]);
  });

  test("says that a name is unknown, also that of an object's own", () => {
    for (const name of ["nope", "constructor"]) {
      expect(manifestOf(files({}), name)).toMatchObject({ ok: false, why: "unknown" });
    }
  });

  test("says why a file is not read", () => {
    const readTrusted = (): string => {
      throw new PeernetError("state_unsafe", { message: "it has mode 0644", hint: "chmod 600 it" });
    };
    const found = manifestOf({ readTrusted }, "mine");
    expect(found).toEqual({ ok: false, why: "invalid", detail: "it has mode 0644" });
  });
});

describe("readManifest()", () => {
  test("refuses what is no manifest, by the key that is wrong", () => {
    expect(fault("= 1")).toBe("it is no TOML");
    expect(fault("version = 1")).toContain("program");
    expect(fault(`${gateway}\nodd = 1`)).toContain("odd");
    expect(fault('like = "mine"')).toContain("like: one of claude-code, codex");
    expect(fault('like = ["codex"]')).toContain("like: one of");
    expect(fault(`# ${"x".repeat(65_536)}`)).toContain("at most 64 KiB");
  });

  test("refuses an origin without TLS, with a path, and with a name in front", () => {
    for (const origin of [
      "http://127.0.0.1:8080",
      "https://a.example/v1",
      "https://user@a.example",
      "https://a.example:port",
      "ftp://a.example",
      "https://a.example?x",
    ]) {
      const text = `like = "codex"\n[endpoint]\norigin = "${origin}"`;
      expect([origin, fault(text)]).toEqual([
        origin,
        "endpoint.origin: an origin is https://HOST or https://HOST:PORT",
      ]);
    }
  });

  test("refuses certificates that lie anywhere but beside the manifest", () => {
    for (const ca of ["/etc/ssl/ca.pem", "../keys/identity.pem", "a/b.pem", ".pem"]) {
      expect(fault(`like = "codex"\n[endpoint]\nca = "${ca}"`)).toContain("endpoint.ca");
    }
  });

  test("refuses a variable's name that is none, and a target that is no path", () => {
    expect(fault('like = "codex"\n[environment]\nld_preload = "x"')).toContain("environment");
    const metered = 'like = "codex"\n[endpoint]\nmetered = ["POST https://evil/v1"]';
    expect(fault(metered)).toContain("endpoint.metered");
  });
});
