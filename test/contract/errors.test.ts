/** Every error: its numbers, its texts, and how it is carried. */

import { describe, expect, test } from "bun:test";
import {
  accept,
  errorTable,
  isErrorCode,
  PeernetError,
  refuse,
  settle,
} from "../../src/contract/errors.ts";

/** The published numbers: HTTP status, exit code. A script depends on the second. */
const published: Readonly<Record<string, readonly [number | null, number]>> = {
  bad_request: [400, 2],
  body_too_large: [413, 2],
  unsupported_media: [415, 2],
  operation_unknown: [404, 2],
  unauthenticated: [401, 4],
  peer_refused: [403, 4],
  scope_denied: [403, 4],
  not_a_person: [403, 4],
  code_rejected: [403, 4],
  origin_unverified: [403, 4],
  fingerprint_mismatch: [403, 4],
  certificate_unusable: [403, 4],
  handle_unknown: [404, 1],
  policy_invalid: [409, 2],
  policy_refused: [403, 4],
  repository_unknown: [404, 1],
  path_unknown: [404, 1],
  too_large: [413, 2],
  reading_gone: [410, 5],
  not_ready: [503, 5],
  sandbox_unsafe: [503, 4],
  id_unknown: [404, 1],
  id_several: [409, 2],
  id_conflict: [409, 1],
  peer_unknown: [404, 1],
  handle_held: [409, 1],
  outbox_full: [409, 5],
  task_state: [409, 1],
  task_limit: [409, 5],
  no_handle: [409, 1],
  inbox_full: [409, 5],
  message_refused: [403, 4],
  message_expired: [410, 5],
  outbound_refused: [403, 4],
  wait_limit: [409, 5],
  lease_lost: [409, 1],
  lease_limit: [409, 1],
  topic_limit: [409, 1],
  peer_limit: [409, 1],
  window_closed: [409, 1],
  code_burned: [409, 1],
  window_none: [null, 1],
  window_several: [null, 2],
  version_unsupported: [426, 1],
  rate_limited: [429, 5],
  peer_unreachable: [502, 5],
  peer_timeout: [504, 5],
  daemon_not_running: [503, 3],
  daemon_silent: [504, 3],
  daemon_running: [null, 3],
  port_in_use: [null, 3],
  state_unsafe: [null, 3],
  database_newer: [null, 3],
  database_damaged: [null, 3],
  storage_full: [507, 70],
  internal: [500, 70],
};

describe("errorTable", () => {
  test("has exactly the published codes and numbers", () => {
    const numbers = Object.entries(errorTable).map(([code, { status, exit }]) => [
      code,
      [status, exit],
    ]);
    expect(Object.fromEntries(numbers)).toEqual(published);
  });

  for (const [code, { message, hint, exit, retry, status }] of Object.entries(errorTable)) {
    test(`${code} has a message in lower case without a period, and one hint`, () => {
      expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
      expect(message).toMatch(/^[a-z]/);
      expect(message).not.toMatch(/[.!?\n]/);
      expect(hint).toMatch(/^[a-z][^\n]*[^.\n]$/);
    });

    test(`${code} may be tried again exactly if its exit code says so`, () => {
      expect(retry).toBe(exit === 5 || code === "storage_full");
      // A place is free later, an old message can be sent again, a reading opened again.
      const may = [
        "outbox_full",
        "task_limit",
        "wait_limit",
        "inbox_full",
        "message_expired",
        "reading_gone",
      ];
      if (exit === 5 && !may.includes(code)) expect(status).toBeGreaterThanOrEqual(429);
    });
  }
});

describe("PeernetError", () => {
  test("takes the texts of the table unless better ones are given", () => {
    expect(new PeernetError("peer_unknown").body).toEqual({
      code: "peer_unknown",
      message: "no such peer",
      hint: "peernet peers",
    });
    const texts = { message: "mini is no peer", hint: "peernet pair", details: { name: "mini" } };
    expect(new PeernetError("peer_unknown", texts).body).toEqual({
      code: "peer_unknown",
      ...texts,
    });
  });

  test("is an Error whose name and code survive a throw", () => {
    const thrown = ((): unknown => {
      try {
        throw new PeernetError("internal");
      } catch (error) {
        return error;
      }
    })();
    expect(thrown).toBeInstanceOf(Error);
    expect(thrown).toMatchObject({ name: "PeernetError", code: "internal" });
  });
});

test("isErrorCode() is true for our codes only", () => {
  for (const code of Object.keys(errorTable)) expect(isErrorCode(code)).toBe(true);
  for (const other of [
    "",
    "Internal",
    "toString",
    "__proto__",
    "constructor",
    5,
    null,
    undefined,
  ]) {
    expect(isErrorCode(other)).toBe(false);
  }
});

test("settle() answers an accepted value, throws a refusal as it is", () => {
  expect(settle(accept(7))).toBe(7);
  const refusal = refuse("lease_lost", { hint: "peernet activate hydrate" });
  expect(refusal).toMatchObject({ ok: false, error: { code: "lease_lost" } });
  expect(() => settle(refusal)).toThrow("the lease is no longer held");
});
