import { expect, test } from "bun:test";
import { OriginRefusal } from "../../../src/contract/discovery.ts";
import { noDaemon, run, text } from "../support.ts";
import { candidate, discovered, everywhere, nowhere, onLan, searchedAs } from "./found.ts";

const found = discovered(
  [
    candidate(),
    candidate({ name: "old", paired: "studio", window_open: false, address: "100.90.1.7:7337" }),
    candidate({ name: "renewed", paired: "attic" }),
    candidate({ name: "build", login: null, refusal: "tagged" }),
    onLan({ window_open: false }),
    onLan({ name: "10.0.0.9", source: "configured", address: "10.0.0.9:7337" }),
  ],
  { unreachable: 2 },
);

const answering = (output: typeof found) => ({ answers: { discover: async () => output } });

test("discover shows each machine, where it was found and whether it can pair", async () => {
  expect(await run("discover", answering(found))).toEqual({
    exit: 0,
    out: text(
      "MACHINE    ADDRESS             FOUND ON                   PAIRING",
      "mini       100.88.4.20:7337    tailnet, you@example.com   window open",
      "old        100.90.1.7:7337     tailnet, you@example.com   paired as studio",
      "renewed    100.88.4.20:7337    tailnet, you@example.com   paired as attic, window open",
      "build      100.88.4.20:7337    tailnet, tagged, no user   " +
        "window open; only with --any-user: tagged, so no user is the same",
      "air        192.168.1.20:7337   lan                        no window open",
      "10.0.0.9   10.0.0.9:7337       configured                 window open",
      "6 machines found, 2 addresses silent · 512 ms",
    ),
    err: text("tailnet searched, lan searched, configured searched"),
    calls: [["discover", {}]],
    done: [],
  });
});

test("discover searches once, and says what it did not search, when it found none", async () => {
  expect(await run("discover", answering(discovered([], { searched: nowhere })))).toEqual({
    exit: 0,
    out: text("0 machines found · 512 ms"),
    err: text("tailnet not searched (Tailscale is not installed), lan is off"),
    calls: [["discover", {}]],
    done: [],
  });
});

test("discover counts one in the singular", async () => {
  const one = discovered([candidate()], { unreachable: 1, took_ms: 1_234 });
  expect((await run("discover", answering(one))).out).toEndWith(
    text("1 machine found, 1 address silent · 1.2 s"),
  );
});

const refusals: Readonly<Record<OriginRefusal, string>> = {
  other_user: "another user's machine",
  tagged: "tagged, so no user is the same",
  shared: "shared from another tailnet",
  expired: "its tailnet key expired",
  unknown: "the tailnet does not know it",
};

for (const refusal of OriginRefusal.options) {
  test(`discover says why a machine that is ${refusal} would be refused`, async () => {
    for (const open of [true, false]) {
      const refused = discovered([candidate({ refusal, window_open: open })]);
      const [, row] = (await run("discover", answering(refused))).out.split("\n");
      expect(row).toEndWith(
        `   ${open ? "window open" : "no window open"}; only with --any-user: ${refusals[refusal]}`,
      );
    }
  });
}

test("discover cuts its lines to a terminal's width, and to none elsewhere", async () => {
  const terminal = { stdout: true, columns: 40 };
  const { out } = await run("discover", { ...answering(found), terminal });
  const rows = out.split("\n").slice(0, 7);
  for (const row of rows) expect(Bun.stringWidth(row)).toBeLessThanOrEqual(40);
  expect(rows[1]).toBe("mini       100.88.4.20:7337    tailnet,…");
});

test("discover prints its head dim and its machines bold where colour is on", async () => {
  const scene = { ...answering(discovered([candidate()])), color: true };
  const { out } = await run("discover", scene);
  expect(out).toStartWith("\x1b[2mMACHINE\x1b[0m");
  expect(out).toContain("\n\x1b[1mmini\x1b[0m");
});

test("discover --json prints what was found as the daemon tells it", async () => {
  for (const output of [found, discovered([], { searched: [...everywhere, ...nowhere] })]) {
    expect(await run("discover --json", answering(output))).toEqual({
      exit: 0,
      out: text(JSON.stringify(output)),
      err: "",
      calls: [["discover", {}]],
      done: [],
    });
  }
});

test("discover starts the daemon when none answers", async () => {
  let started = false;
  const outcome = await run("discover --json", {
    answers: { discover: () => (started ? Promise.resolve(found) : noDaemon()) },
    ensureDaemon: async () => {
      started = true;
    },
  });
  expect(outcome).toMatchObject({ exit: 0, done: ["ensureDaemon"] });
});

test("discover takes no word", async () => {
  expect(await run("discover mini", answering(found))).toMatchObject({ exit: 2, calls: [] });
});

test("discover says in words that a network is not there", async () => {
  const searched = [searchedAs("tailnet", "stopped"), searchedAs("lan", "absent")];
  expect((await run("discover", answering(discovered([], { searched })))).err).toBe(
    text("tailnet not searched (Tailscale is stopped), lan not searched (no network is there)"),
  );
});
