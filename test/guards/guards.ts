/** The guards that `scripts/guards.sh` takes out one at a time, and the test that holds each. */

/** A guard: how it is taken out of the source, and which test must then be red. */
export interface Guard {
  readonly name: string;
  readonly source: string;
  /** Stands in the source exactly once. */
  readonly find: string;
  readonly replace: string;
  readonly file: string;
  /** The beginning of the test's name. */
  readonly test: string;
}

/** Every guard that is shown to be one. */
export const guards: readonly Guard[] = [
  {
    name: "an attempt is claimed before the tag is compared",
    source: "src/core/pairing.ts",
    find: "attempts_left: window.attempts_left - 1,",
    replace: "attempts_left: window.attempts_left,",
    file: "test/core/pairing-histories.test.ts",
    test: "claimAttempt() lets nobody in past use, burning or expiry",
  },
  {
    name: "a window is used before its pairing is durable",
    source: "src/daemon/window.ts",
    find: "return this.#opened === null || this.#opened.isUsed ? null : this.#opened.window;",
    replace: "return this.#opened?.window ?? null;",
    file: "test/daemon/window-races.test.ts",
    test: "eight runs that confirm the right code in the same moment",
  },
  {
    name: "a run is its connection: no second share",
    source: "src/daemon/pairing.ts",
    find: "if (connection.requests !== 1)",
    replace: "if (connection.requests < 0)",
    file: "test/daemon/window-races.test.ts",
    test: "a second share on a connection is no second guess",
  },
  {
    name: "the role is in the tag",
    source: "src/peer/cpace.ts",
    find: 'responder: tag("responder", run.responderShare, run.responderDocument),',
    replace: 'responder: tag("initiator", run.responderShare, run.responderDocument),',
    file: "test/peer/cpace-run.test.ts",
    test: "no side's own tag is the one it waits for",
  },
  {
    name: "tags are compared in constant time",
    source: "src/peer/cpace.ts",
    find: "one.length === other.length && timingSafeEqual(one, other);",
    replace: "one.toHex() === other.toHex();",
    file: "test/peer/constant-time.test.ts",
    test: "secrets are compared by timingSafeEqual alone",
  },
  {
    name: "a peer is pinned",
    source: "src/peer/client.ts",
    find: "rejectUnauthorized: true,",
    replace: "rejectUnauthorized: false,",
    file: "test/daemon/pins.test.ts",
    test: "an impostor with a key of its own",
  },
  {
    name: "only TLS 1.3 is spoken by the caller",
    source: "src/peer/client.ts",
    find: "minVersion: tls13,",
    replace: "minVersion: 0x0301 + 0 * tls13,",
    file: "test/daemon/tls.test.ts",
    test: "a peer that speaks TLS 1.2 alone is not asked",
  },
  {
    name: "a body is read up to its cap",
    source: "src/daemon/serving.ts",
    find: 'if (length > bodyBytesMax) return refuse("body_too_large");',
    replace: "",
    file: "test/daemon/framing.test.ts",
    test: "in endless chunks is cut off",
  },
  {
    name: "a token is good only while its row is there",
    source: "src/daemon/authenticate.ts",
    find: "row.jti === jti && row.sha256 === sha256",
    replace: "row.jti !== jti || row.sha256 === sha256",
    file: "test/daemon/credentials.test.ts",
    test: "P14",
  },
  {
    name: "a peer without the scope is told nothing",
    source: "src/core/ask.ts",
    find: 'if (!asked.scopes.includes("ask")) return refuse("scope_denied");',
    replace: "",
    file: "test/core/ask.test.ts",
    test: "answerPeer() refuses a peer that may not ask",
  },
  {
    name: "a lease of another run of the daemon is not served",
    source: "src/core/lease.ts",
    find: 'return lease.run === now.run.id ? "live" : "held";',
    replace: 'return "live";',
    file: "test/core/lease.test.ts",
    test: "leaseState() is held, not live",
  },
  {
    name: "a session that its user released takes no handle",
    source: "src/core/hook.ts",
    find: 'if (remembered?.left) return "left";',
    replace: "",
    file: "test/daemon/hooks.test.ts",
    test: "a session that its user released",
  },
  {
    name: "settings that cannot be read allow nothing",
    source: "src/core/hook.ts",
    find: 'if (allowed.policy === null) return "config";',
    replace: "if (allowed.policy === null) return null;",
    file: "test/daemon/hooks.test.ts",
    test: "settings that cannot be read",
  },
  {
    name: "a harness's state file is no link",
    source: "src/session/claude-state.ts",
    find: "constants.O_NOFOLLOW | ",
    replace: "",
    file: "test/session/claude-state.test.ts",
    test: "readClaudeState() follows no link",
  },
  {
    name: "an answer waits for its record",
    source: "src/store/database.ts",
    find: '    database.run("COMMIT");\n',
    replace: '    for (const job of done.splice(0)) settle(job);\n    database.run("COMMIT");\n',
    file: "test/store/transact.test.ts",
    test: "transact() shows nothing to others before the commit",
  },
  {
    name: "a commit waits for the disk",
    source: "src/store/database.ts",
    find: "PRAGMA synchronous = FULL",
    replace: "PRAGMA synchronous = NORMAL",
    file: "test/store/killed.test.ts",
    test: "transact() syncs the write-ahead log",
  },
  {
    name: "a record's content is hashed",
    source: "src/core/audit-chain.ts",
    find: 'if (record.hash !== hashOf(record, sha256)) return "its content was changed";',
    replace: "",
    file: "test/core/audit-tampering.test.ts",
    test: "flaw()",
  },
  {
    name: "strangers are counted, not recorded one by one",
    source: "src/core/admission.ts",
    find: "strangers.counts.size >= strangersPerMinuteMax - 1",
    replace: "strangers.counts.size < 0",
    file: "test/daemon/strangers.test.ts",
    test: "200 addresses: 64 records",
  },
  {
    name: "what is open to others is refused",
    source: "src/platform/files.ts",
    find: "if ((stats.mode & refused) !== 0) {",
    replace: "if (stats.mode < 0) {",
    file: "test/platform/files-refused.test.ts",
    test: "read() refuses a file that is open to others",
  },
  {
    name: "only allowed characters are printed",
    source: "src/contract/printable.ts",
    find: '.replace(refused, "\\ufffd")',
    replace: "",
    file: "test/contract/printable.test.ts",
    test: "lets no code point pass that is obeyed",
  },
  {
    name: "the Host of a document's reader is checked",
    source: "src/daemon/docs.ts",
    find: 'sent.get("host")}` === origin &&',
    replace: 'sent.get("host")}` !== "" &&',
    file: "test/daemon-docs/refusals.test.ts",
    test: "when Host is",
  },
  {
    name: "a model is given allowed characters only",
    source: "src/mcp/text.ts",
    find: 'if (typeof value === "string") return printable(value);',
    replace: 'if (typeof value === "string") return value;',
    file: "test/mcp/text.test.ts",
    test: "cleaned() lets nothing of the corpus through",
  },
  {
    name: "text inside of the fence cannot write its mark",
    source: "src/mcp/text.ts",
    find: '.replace(/<(\\/?)untrusted/gi, "‹$1untrusted")',
    replace: "",
    file: "test/mcp/text.test.ts",
    test: "textOf() fences what is named in untrusted",
  },
];
