import { expect, test } from "bun:test";
import { PeernetError } from "../../../src/contract/errors.ts";
import { Scope } from "../../../src/contract/terms.ts";
import { status } from "../samples.ts";
import { failed, run } from "../support.ts";

const terminal = { stdin: true, stderr: true };

const argument = failed(
  "a code is not given as an argument: any user of this machine can read it there",
  "type it when asked, or give it on stdin: peernet pair -",
);

for (const line of [
  "pair 027674",
  "pair 027-674",
  "pair 027 674",
  "pair 0 2 7 6 7 4",
  "pair --to laptop 027674",
  "pair --open 027-674",
  "pair laptop 027674",
  "pair - 027674",
  "pair --to 027674",
  "pair -- 027674",
]) {
  test(`${line} is refused with the reason, and the code is not repeated`, async () => {
    const outcome = await run(line, { terminal, lines: ["027674"] });
    expect(outcome).toEqual({ exit: 2, out: "", err: argument, calls: [], done: [] });
    expect(argument).not.toContain("674");
  });
}

const usages: readonly (readonly [string, string])[] = [
  ["pair laptop server", "pair does not take the word server"],
  ["pair laptop --to server", "the machine is named once, by a word or by --to"],
  ["pair --open laptop", "--open shows a code and takes none"],
  ["pair --open --to laptop", "--open shows a code and takes none"],
  ["pair --open -", "--open shows a code and takes none"],
  ["pair --to laptop --from 10.0.0.1", "--from goes with --open"],
  ["pair --from 10.0.0.1", "--from goes with --open"],
  ["pair --any-user", "--any-user goes with --open"],
  ["pair --to laptop --any-user", "--any-user goes with --open"],
];

for (const [line, message] of usages) {
  test(`${line} exits 2 and says how to pair`, async () => {
    expect(await run(line, { terminal })).toEqual({
      exit: 2,
      out: "",
      err: failed(message, "peernet help pair"),
      calls: [],
      done: [],
    });
  });
}

for (const line of ["pair", "pair --to laptop", "pair --to 192.0.2.7", "pair --json"]) {
  test(`${line} exits 2 without a terminal, and says what scripts can do`, async () => {
    const outcome = await run(line, { lines: ["027674"] });
    expect(outcome).toMatchObject({ exit: 2, calls: [], done: [] });
    expect(`${outcome.out}${outcome.err}`).toContain(
      "without a terminal, pair needs - (the code on stdin) or --open",
    );
    if (line.endsWith("--json")) return;
    const message = "without a terminal, pair needs - (the code on stdin) or --open";
    expect(outcome).toMatchObject({ out: "", err: failed(message, "peernet pair -") });
  });
}

test("pair refuses a scope that is not built", async () => {
  expect(await run("pair --open --grant run")).toMatchObject({
    exit: 2,
    err: failed("this version has no scope run", `give ${Scope.options.join(",")} or none`),
    calls: [],
    done: [],
  });
});

test("pair refuses a peer code of another program, and this machine itself", async () => {
  expect((await run("pair alice:100.64.1.5:44123:4829", { terminal })).err).toBe(
    failed("that is a peer code of another program", "on both machines run: peernet pair"),
  );
  const answers = {
    status: async () => status(),
    discover: async () => ({ candidates: [], unreachable: 0, searched: [], took_ms: 1 }),
    "pair/probe": async (): Promise<never> => {
      throw new PeernetError("peer_timeout", { message: "laptop did not answer in time" });
    },
  };
  for (const line of ["pair laptop", "pair LAPTOP", "pair --to laptop"]) {
    expect((await run(line, { terminal, answers })).err).toEndWith(
      failed(
        "laptop is this machine, and a machine cannot pair with itself",
        "on the other machine run: peernet pair",
      ),
    );
  }
});
