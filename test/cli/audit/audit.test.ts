import { expect, test } from "bun:test";
import { dayOf } from "../../../src/cli/audit/records.ts";
import { main } from "../../../src/cli/cli.ts";
import type { AuditRecord } from "../../../src/contract/audit.ts";
import { auditPageMax } from "../../../src/contract/limits.ts";
import { settled } from "../../support/effects.ts";
import { nowMs, record } from "../samples.ts";
import { failed, run, stage, text } from "../support.ts";

/** An instant of the day that the fake clock stands in, or of one before it, by local time. */
const at = (hours: number, minutes: number, daysBefore = 0): number => {
  const now = new Date(nowMs);
  const day = now.getDate() - daysBefore;
  return new Date(now.getFullYear(), now.getMonth(), day, hours, minutes).getTime();
};

const records: readonly AuditRecord[] = [
  record({ at_ms: at(9, 12) }),
  record({
    seq: 2,
    at_ms: at(9, 40),
    direction: "out",
    handle: "mini/api",
    text: null,
  }),
  record({
    seq: 3,
    at_ms: at(11, 2),
    verb: "pair",
    peer_name: null,
    peer_fingerprint: null,
    origin_address: "100.90.1.7",
    origin_login: "other@example.com",
    handle: null,
    text: null,
    outcome: "code_rejected",
  }),
];

const page = {
  records: [...records],
  hidden_lease_events: 38,
  total: 41,
  head: "1".repeat(64),
  verified_to: 1_204,
};

test("audit shows one line a record below its day", async () => {
  expect(await run("audit --since 1d", { answers: { audit: async () => page } })).toEqual({
    exit: 0,
    out: text(
      "today",
      '09:12  ← mini        ask  laptop/hydrate  ok       "is retry.ts free?"',
      "09:40  → mini        ask  mini/api        ok",
      "11:02  ← 100.90.1.7  pair –               refused  " +
        "wrong code (other@example.com, not paired)",
      "3 of 41 records (38 records that peernet made by itself: --all) · chain verified to 1,204",
    ),
    err: "",
    calls: [["audit", { all: false, since_ms: 86_400_000, limit: 40 }]],
    done: [],
  });
});

test("audit shows days, local events, counts and failures", async () => {
  const others = [
    record({ at_ms: at(23, 59, 2), outcome: "peer_timeout", direction: "out", text: null }),
    record({
      at_ms: at(0, 0, 1),
      direction: "local",
      verb: "activate",
      peer_name: null,
      origin_address: null,
      handle: "hydrate",
      text: null,
    }),
    record({
      at_ms: at(0, 1),
      verb: "refused",
      peer_name: null,
      handle: null,
      text: null,
      outcome: "unauthenticated",
      count: 12,
    }),
  ];
  const answers = {
    audit: async () => ({ ...page, records: others, hidden_lease_events: 0, total: 1 }),
  };
  const { out } = await run("audit", { answers });
  // Sweden writes a date as ISO 8601 does.
  const before = new Date(at(12, 0, 2)).toLocaleDateString("sv-SE");
  expect(out).toBe(
    text(
      before,
      "23:59  → mini        ask laptop/hydrate  failed   the peer did not answer in time",
      "yesterday",
      "00:00  · here        activate hydrate       ok",
      "today",
      "00:01  ← 100.88.4.20  refused –             refused  " +
        "the credential is missing or not accepted 12 times (not paired)",
      "3 of 1 record · chain verified to 1,204",
    ),
  );
});

test("dayOf() changes at local midnight", () => {
  expect(dayOf(at(0, 0), nowMs)).toBe("today");
  expect(dayOf(at(0, 0) - 1, nowMs)).toBe("yesterday");
  expect(dayOf(at(0, 0, 1), nowMs)).toBe("yesterday");
  expect(dayOf(at(0, 0, 1) - 1, nowMs)).toMatch(/^\d{4}-\d\d-\d\d$/);
});

test("audit hands every filter on, and shows a kind of record that was named", async () => {
  const answers = { audit: async () => page };
  const line = "audit --since 7d --peer mini --handle mini/api --verb expire --limit 5";
  expect((await run(line, { answers })).calls[0]).toEqual([
    "audit",
    {
      all: true,
      peer: "mini",
      handle: "mini/api",
      verb: "expire",
      since_ms: 604_800_000,
      limit: 10,
    },
  ]);
  expect((await run("audit --all", { answers })).calls[0]).toEqual([
    "audit",
    { all: true, limit: 40 },
  ]);
});

test("audit refuses a kind of record or a limit that there is not", async () => {
  expect(await run("audit --verb aks")).toMatchObject({
    exit: 2,
    err: failed("no record is of the kind aks", "did you mean --verb ask"),
    calls: [],
  });
  expect((await run("audit --verb frobnicate")).err).toContain(
    "hint: give one of trail, archive, ask, wait, ",
  );
  for (const limit of ["0", String(auditPageMax + 1)]) {
    expect(await run(`audit --limit ${limit}`)).toMatchObject({
      exit: 2,
      err: failed("--limit is 1 to 1000", "peernet audit export"),
      calls: [],
    });
  }
});

test("audit --json prints one record a line, unchanged", async () => {
  const { out, exit } = await run("audit --json", { answers: { audit: async () => page } });
  expect([exit, out]).toEqual([0, text(...records.map((each) => JSON.stringify(each)))]);
});

for (const json of [false, true]) {
  test(`audit --follow goes on until interrupted${json ? ", as JSON" : ""}`, async () => {
    const signals: AbortSignal[] = [];
    async function* follow(_: unknown, options?: { readonly signal?: AbortSignal }) {
      if (options?.signal !== undefined) signals.push(options.signal);
      yield record({ seq: 4, at_ms: at(11, 3), text: null });
      yield record({ seq: 5, at_ms: at(11, 4), text: null });
      await new Promise((_, reject) => {
        options?.signal?.addEventListener("abort", () => reject(options.signal?.reason));
      });
    }
    const answers = { audit: async () => page, "audit/follow": follow };
    const set = stage({ answers });
    const running = main(
      ["audit", "--follow", "--peer", "mini", ...(json ? ["--json"] : [])],
      set.io,
    );
    await settled();
    expect(signals.map((signal) => signal.aborted)).toEqual([false]);
    set.interrupt();
    expect(await running).toBe(130);
    expect(set.calls[1]).toEqual(["audit/follow", { all: false, peer: "mini", after_seq: 3 }]);
    const lines = set.out().split("\n");
    if (json) {
      expect(lines.slice(3, 5).map((line) => JSON.parse(line).seq)).toEqual([4, 5]);
    } else {
      expect(lines.slice(4)).toEqual([
        "11:03  ← mini        ask laptop/hydrate  ok",
        "11:04  ← mini        ask laptop/hydrate  ok",
        "",
      ]);
    }
    expect(set.err()).toBe("");
  });
}

test("audit --follow exits 3 when the daemon ends", async () => {
  const answers = { audit: async () => ({ ...page, records: [] }), "audit/follow": nothing };
  expect(await run("audit --follow", { answers })).toMatchObject({
    exit: 3,
    out: "",
    err: failed("the daemon ended", "peernet start"),
    calls: [
      ["audit", { all: false }],
      ["audit/follow", { all: false }],
    ],
  });
});

async function* nothing(): AsyncGenerator<never> {}

test("audit verify says how far the chain was found whole, and by whom", async () => {
  const whole = {
    ok: true,
    records: 1_204,
    head: "ab".repeat(32),
    checkpoint_seq: 1_200,
    archived: 0,
    witnesses: 1,
  } as const;
  const answers = { "audit/verify": async () => whole };
  expect(await run("audit verify", { answers })).toMatchObject({
    exit: 0,
    out: text(
      `chain verified: 1,204 records, head ${"ab".repeat(32)}`,
      "signed to record 1,200; 1 peer agrees",
    ),
    err: "",
  });
  expect((await run("audit verify --json", { answers })).out).toBe(text(JSON.stringify(whole)));
  const fresh = { ...whole, records: 0, head: "", checkpoint_seq: 0, archived: 0, witnesses: 0 };
  expect((await run("audit verify", { answers: { "audit/verify": async () => fresh } })).out).toBe(
    text(
      "chain verified: 0 records, head none",
      "signed to record 0; no peer keeps a copy of that",
    ),
  );
  const seen = { ...whole, witnesses: 2 };
  expect(
    (await run("audit verify", { answers: { "audit/verify": async () => seen } })).out,
  ).toEndWith("; 2 peers agree\n");
});

test("audit verify exits 1 and names the first bad record", async () => {
  const broken = {
    ok: false,
    first_bad_seq: 17,
    reason: "its hash is not that of its fields",
  } as const;
  const answers = { "audit/verify": async () => broken };
  expect(await run("audit verify", { answers })).toMatchObject({
    exit: 1,
    out: "",
    err: failed(
      "the trail is broken at record 17: its hash is not that of its fields",
      "compare with a backup: what is before record 17 is intact",
    ),
  });
  expect(await run("audit verify --json", { answers })).toMatchObject({
    exit: 1,
    out: text(JSON.stringify(broken)),
    err: "",
  });
});

test("audit export prints every record as JSON, with and without --json", async () => {
  const all = Array.from({ length: 600 }, (_, index) => record({ seq: index + 1 }));
  async function* exported() {
    yield* all;
  }
  for (const line of ["audit export", "audit export --json"]) {
    const { exit, out, err } = await run(line, { answers: { "audit/export": exported } });
    expect([exit, err]).toEqual([0, ""]);
    expect(out).toBe(text(...all.map((each) => JSON.stringify(each))));
  }
});

for (const how of ["fails", "ends"]) {
  test(`audit export exits 130 when its stream ${how} because it was interrupted`, async () => {
    async function* endless(_: unknown, options?: { readonly signal?: AbortSignal }) {
      yield record();
      await new Promise<void>((resolve, reject) => {
        options?.signal?.addEventListener("abort", () =>
          how === "ends" ? resolve() : reject(options.signal?.reason),
        );
      });
    }
    const set = stage({ answers: { "audit/export": endless } });
    const running = main(["audit", "export"], set.io);
    await settled();
    set.interrupt();
    expect(await running).toBe(130);
  });
}
