import { describe, expect, test } from "bun:test";
import { defer, timers } from "../../src/platform/clock/timers.ts";
import { random, sha256 } from "../../src/platform/real.ts";

test("sha256() is the SHA-256 of FIPS 180-4", () => {
  const of = (text: string): string => sha256(new TextEncoder().encode(text)).toHex();
  expect(of("")).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  expect(of("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
});

describe("random", () => {
  test("bytes() are as many as asked for, and others each time", () => {
    for (const length of [0, 1, 16, 64]) expect(random.bytes(length).length).toBe(length);
    expect(random.bytes(16)).not.toEqual(random.bytes(16));
  });

  test("integer() draws every number below its bound about as often", () => {
    const counts = [0, 0, 0, 0, 0, 0];
    for (let draw = 0; draw < 60_000; draw += 1) {
      const drawn = random.integer(6);
      counts[drawn] = (counts[drawn] ?? 0) + 1;
    }
    expect(counts.length).toBe(6);
    // Nine deviations: one run in 10¹⁸ fails by chance.
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(9 * 92);
    expect(random.integer(1)).toBe(0);
  });

  test("uuid() is a UUIDv7 (RFC 9562), later ones after earlier ones", () => {
    const drawn = Array.from({ length: 100 }, random.uuid);
    const form = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
    expect(drawn.filter((uuid) => !form.test(uuid))).toEqual([]);
    expect(new Set(drawn).size).toBe(100);
    expect([...drawn].sort()).toEqual(drawn);
    const milliseconds = Number.parseInt(drawn[0]?.replaceAll("-", "").slice(0, 12) ?? "", 16);
    expect(Math.abs(milliseconds - Date.now())).toBeLessThan(10_000);
  });
});

describe("timers", () => {
  test("after() runs once, every() again and again until it is cancelled", async () => {
    const happened: string[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    timers.after(0, () => happened.push("after"));
    const cancel = timers.every(1, () => {
      happened.push("every");
      if (happened.filter((each) => each === "every").length === 3) resolve();
    });
    await promise;
    cancel();
    cancel();
    await new Promise<void>((done) => timers.after(10, done));
    expect(happened.filter((each) => each === "every").length).toBe(3);
    expect(happened.filter((each) => each === "after").length).toBe(1);
  });

  test("after() that is cancelled never runs", async () => {
    let ran = false;
    timers.after(1, () => {
      ran = true;
    })();
    await new Promise<void>((done) => timers.after(5, done));
    expect(ran).toBe(false);
  });

  test("defer() runs after what is ready, and in its order", async () => {
    const order: string[] = [];
    defer(() => order.push("first"));
    defer(() => order.push("second"));
    await Promise.resolve();
    order.push("ready");
    await new Promise<void>((done) => defer(done));
    expect(order).toEqual(["ready", "first", "second"]);
  });
});
