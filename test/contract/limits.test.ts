/** The bounds fit each other: which must be longer, larger or later than which. */

import { expect, test } from "bun:test";
import * as errandLimits from "../../src/contract/errands/limits.ts";
import * as others from "../../src/contract/limits.ts";

const limits = { ...others, ...errandLimits };

test("every limit is a positive number", () => {
  for (const [name, value] of Object.entries(limits)) {
    expect([name, Number.isFinite(value) && value > 0]).toEqual([name, true]);
  }
});

test("every limit of a count, of bytes or of time is whole", () => {
  const counted = Object.entries(limits).filter(([name]) => /(Max|Ms|Digits)$/.test(name));
  expect(counted.length).toBeGreaterThan(40);
  for (const [name, value] of counted)
    expect([name, Number.isInteger(value)]).toEqual([name, true]);
});

test("leaseLifeMs survives one lost heartbeat and not two", () => {
  expect(limits.leaseLifeMs).toBeGreaterThan(2 * limits.heartbeatMs);
  expect(limits.leaseLifeMs).toBeLessThan(3 * limits.heartbeatMs);
});

test("keeperGitDeadlineMs leaves a heartbeat time to be sent", () => {
  expect(limits.heartbeatMs + limits.keeperGitDeadlineMs).toBeLessThan(limits.leaseLifeMs / 2);
});

test("processCheckMs and sweepMs release a dead session within 5 s", () => {
  expect(limits.processCheckMs + limits.sweepMs).toBeLessThan(5_000);
});

test("sweepRestMsMax comes twice within a heartbeat: what ended in sleep is noted before", () => {
  expect(limits.sweepRestMsMax).toBeGreaterThan(limits.sweepMs);
  expect(2 * limits.sweepRestMsMax).toBeLessThan(limits.heartbeatMs);
});

test("linkLifeMs survives one lost hello that came as late as jitter allows", () => {
  const latestMs = limits.helloMs * (1 + limits.helloJitter);
  expect(limits.linkLifeMs).toBeGreaterThan(2 * latestMs);
  expect(limits.helloJitter).toBeLessThan(1);
});

test("a code can be guessed 3 times in 10⁶", () => {
  expect(limits.attemptsMax / 10 ** limits.codeDigits).toBe(3e-6);
});

test("a window outlives a pairing run, its joiner's deadline and its acknowledgement", () => {
  expect(limits.windowLifeMs).toBeGreaterThan(limits.exchangeLifeMs);
  expect(limits.windowLifeMs).toBeGreaterThan(limits.pairDeadlineMs);
  expect(limits.windowLifeMs).toBeGreaterThan(limits.acknowledgeMs);
});

test("a run lives as long as its joiner may take, and more may wait than may fail", () => {
  expect(limits.exchangeLifeMs).toBeGreaterThanOrEqual(limits.pairDeadlineMs);
  expect(limits.exchangesMax).toBeGreaterThan(limits.attemptsMax);
});

test("deadlines nest: probe, headers, ask, request, idle", () => {
  expect(limits.probeMs).toBeLessThan(limits.askDeadlineMs);
  expect(limits.headerDeadlineMs).toBeLessThan(limits.requestDeadlineMs);
  expect(limits.askDeadlineMs).toBeLessThan(limits.requestDeadlineMs);
  expect(limits.requestDeadlineMs).toBeLessThan(limits.idleMs);
  expect(limits.askDeadlineMs).toBeLessThanOrEqual(limits.askDeadlineMsMax);
});

test("idleMs keeps a connection open from one hello to the next", () => {
  expect(limits.idleMs).toBeGreaterThan(2 * limits.helloMs * (1 + limits.helloJitter));
});

test("askMemoryMs lasts as long as an ask may be repeated", () => {
  expect(limits.askMemoryMs).toBeGreaterThanOrEqual(limits.askDeadlineMsMax);
});

test("a burst is at least a second's worth of asks", () => {
  expect(limits.asksBurstMax).toBeGreaterThanOrEqual(limits.asksPerSecondMax);
});

test("a token is renewed days before it ends, many hellos ahead", () => {
  expect(limits.tokenRenewAt).toBeGreaterThan(0);
  expect(limits.tokenRenewAt).toBeLessThan(1);
  const slackMs = limits.tokenLifeMs * (1 - limits.tokenRenewAt);
  expect(slackMs).toBeGreaterThan(7 * 86_400_000);
  expect(limits.tokensPerPeerMax).toBe(2);
});

test("a token fits in the headers, twice", () => {
  expect(2 * limits.tokenBytesMax).toBeLessThan(limits.headerBytesMax);
  expect(limits.headerBytesMax).toBeLessThan(limits.bodyBytesMax);
});

test("texts fit in a body however they are escaped", () => {
  // One byte of UTF-8 takes at most six of JSON: \u0001.
  const escapedMax = 6;
  const texts =
    limits.questionBytesMax +
    limits.summaryBytesMax +
    limits.projectBytesMax +
    limits.branchBytesMax;
  expect(escapedMax * (texts + 4 * limits.subjectCharactersMax)).toBeLessThan(limits.bodyBytesMax);
  expect(limits.questionBytesMax).toBeLessThan(limits.bodyBytesMax);
  expect(limits.bodyBytesMax).toBeLessThanOrEqual(limits.streamLineBytesMax);
});

test("a client's calls leave connections for a client that begins again", () => {
  expect(limits.callsPerPeerMax).toBeLessThan(limits.connectionsPerPeerMax);
});

test("revoking does not wait for the sweep: it holds within one", () => {
  expect(limits.sweepMs).toBeLessThanOrEqual(limits.revokeMs);
  expect(limits.lingerMs).toBeLessThanOrEqual(limits.headerDeadlineMs);
});

test("a stranger's minute is a minute, and its records are bounded below a page", () => {
  expect(limits.refusalMinuteMs).toBe(60_000);
  expect(limits.refusalSourcesPerMinuteMax).toBeLessThan(limits.auditPageMax);
});

test("a checkpoint comes at most a minute after a record", () => {
  expect(limits.checkpointMs).toBeLessThanOrEqual(60_000);
  expect(limits.checkpointRecords).toBeLessThan(limits.verifyRowsAtOnce);
});

test("a listing shows a page by default, and no more than a page", () => {
  expect(limits.auditPageDefault).toBeLessThanOrEqual(limits.auditPageMax);
});

test("a change is told within a frame, and a daemon that is back within moments", () => {
  expect(limits.watchPauseMs).toBeLessThanOrEqual(1_000 / 60);
  expect(limits.daemonLookMs).toBeLessThan(limits.startDeadlineMs / 10);
});

test("a link cannot be guessed, outlives a slow browser, and its page a short absence", () => {
  expect(8 * limits.secretBytes).toBe(256);
  expect(limits.secretLifeMs).toBeGreaterThan(10 * limits.browserPatienceMs);
  expect(limits.sessionIdleMs).toBeGreaterThan(limits.startDeadlineMs);
  expect(limits.sessionStreamsMax).toBeLessThan(6);
  // Copies of a tab leave two connections for their calls.
  expect(limits.sessionTabsMax).toBeLessThan(5);
});

test("the default port needs no privilege", () => {
  expect(limits.portDefault).toBeGreaterThanOrEqual(1_024);
  expect(limits.portDefault).toBeLessThanOrEqual(65_535);
});

test("a keeper remembers each errand that one daemon may wait for", () => {
  expect(limits.errandsRememberedMax).toBeGreaterThanOrEqual(limits.errandsOpenMax);
  expect(limits.errandsAtOnceMax).toBeLessThan(limits.errandsOpenMax);
});

test("an errand is handed again before its deadline when its keeper was killed", () => {
  expect(limits.processCheckMs + limits.keeperPatienceMs).toBeLessThan(limits.notifyDeadlineMs);
});
