import { expect, test } from "bun:test";
import { limited, runner } from "../../../src/platform/process/run.ts";
import { canary, temporaryFolder } from "../../support/repository.ts";
import { skipUnless } from "../../support/skip.ts";

const environment = { PATH: "/usr/bin:/bin" };
const quiet = new AbortController().signal;
const outputBytesMax = 16_777_216;

test("runner() tells the exit code and the output of a command", async () => {
  const run = runner(environment, quiet);
  const ran = await run(["sh", "-c", "echo $WORD; exit 3"], { environment: { WORD: "water" } });
  expect([ran?.exit, Buffer.from(ran?.output ?? []).toString()]).toEqual([3, "water\n"]);
});

test("runner() says null for a command that cannot be started", async () => {
  expect(await runner(environment, quiet)(["no-such-command"])).toBeNull();
  expect(
    await runner(environment, quiet)(["true"], { environment: { LONG: "x".repeat(300_000) } }),
  ).toBeNull();
});

test("runner() starts nothing once the signal was given", async () => {
  using folder = temporaryFolder();
  const { program, ran } = canary(folder);
  expect(await runner(environment, AbortSignal.abort())([program])).toBeNull();
  expect(ran()).toBe(false);
  expect(await runner(environment, quiet)([program])).not.toBeNull();
  expect(ran()).toBe(true);
});

test("runner() holds output up to its bound, and ends what prints more", async () => {
  const run = runner(environment, quiet);
  const most = await run(["head", "-c", String(outputBytesMax), "/dev/zero"]);
  expect(most?.output.length).toBe(outputBytesMax);
  expect(await run(["head", "-c", String(outputBytesMax + 1), "/dev/zero"])).toBeNull();
  expect(await run(["cat", "/dev/zero"])).toBeNull();
});

test("runner() gives a command its input", async () => {
  const ran = await runner(environment, quiet)(["cat"], { input: Buffer.from("water\0") });
  expect(Buffer.from(ran?.output ?? []).toString()).toBe("water\0");
});

const onLinux = skipUnless(process.platform === "linux", "no limit of memory is enforced");

onLinux("limited() ends a program that allocates more than it may, and no other", async () => {
  const run = limited(runner(environment, quiet), {
    memoryBytes: 67_108_864,
    processorSeconds: 60,
  });
  const allocating = (megabytes: number) =>
    run(["dd", "if=/dev/zero", "of=/dev/null", `bs=${megabytes}M`, "count=1"]);
  expect([(await allocating(32))?.exit, (await allocating(96))?.exit]).toEqual([0, 1]);
});

test("limited() ends a program that takes more processor time than it may", async () => {
  const run = limited(runner(environment, quiet), {
    memoryBytes: 67_108_864,
    processorSeconds: 1,
  });
  const ran = await run(["sh", "-c", "while :; do :; done"]);
  expect(ran?.exit).toBeGreaterThan(128);
});

test("limited() becomes the command, whose words stay as they are", async () => {
  const run = limited(runner(environment, quiet), {
    memoryBytes: 67_108_864,
    processorSeconds: 9,
  });
  const ran = await run(["printf", "%s|", "a b", "$HOME", "'", ""]);
  expect(Buffer.from(ran?.output ?? []).toString()).toBe("a b|$HOME|'||");
});
