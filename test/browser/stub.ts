/**
 * A stand-in for the dashboard's server: the real page with a made-up network. For pictures and for
 * measuring the page alone; end-to-end tests use the real server.
 */

import { join } from "node:path";
import type { AuditRecord } from "../../src/contract/audit.ts";
import { PeernetError } from "../../src/contract/errors.ts";
import type { OpenEvent } from "../../src/contract/pairing.ts";
import { ReadInput } from "../../src/contract/reads/local.ts";
import type { WatchEvent } from "../../src/contract/watch.ts";
import { registrations } from "../../src/dashboard/registrations.ts";
import { guarded, refusal } from "../../src/dashboard/reply.ts";
import type { Network } from "./networks.ts";

const page = join(import.meta.dir, "../../src/dashboard/page/index.html");

/** The page, served. */
export interface Stub extends AsyncDisposable {
  readonly url: string;
  /** The calls about messages and the readings that the page made, with their input. */
  readonly posted: readonly (readonly [string, unknown])[];
  /** Sends an event to every open page. */
  tell(event: WatchEvent): void;
}

/** Bundles the page, once for several servers. */
export async function bundled(): Promise<ReadonlyMap<string, Blob>> {
  const built = await Bun.build({ entrypoints: [page], publicPath: "/", minify: true });
  return new Map(
    built.outputs.map((file) => {
      const name = file.path.slice(file.path.lastIndexOf("/") + 1);
      return [name.endsWith(".html") ? "/" : `/${name}`, file];
    }),
  );
}

/** Serves the page with a network. */
export function serveStub(files: ReadonlyMap<string, Blob>, network: Network): Stub {
  const tellers = new Set<(event: WatchEvent) => void>();
  const posted: (readonly [string, unknown])[] = [];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    idleTimeout: 0,
    fetch: async (request) => {
      const path = new URL(request.url).pathname;
      const file = files.get(path);
      if (file !== undefined) return guarded(new Response(file));
      if (path === "/session") {
        const registered = { command: ["/usr/local/bin/peernet"], home: null };
        const shown = {
          command: registered.command[0],
          registrations: registrations(registered, {}),
        };
        return guarded(Response.json({ bearer: "b", ...shown }));
      }
      const input = Object(await request.json().catch(() => ({})));
      if (acts.test(path)) posted.push([path.slice("/v1/".length), input]);
      if (path === "/v1/watch") return guarded(streaming(network.events, tellers));
      if (path === "/v1/pair/open") return guarded(streaming([shownCode], new Set()));
      if (path === "/v1/read") return guarded(readAnswer(input, network));
      return guarded(Response.json(answerOf(path, input, network)));
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}/#secret`,
    posted,
    tell: (event) => {
      for (const tell of tellers) tell(event);
    },
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}

/** Calls by which a person sends, answers, decides or reads. */
const acts = /^\/v1\/(read|send|reply|(inbox|tasks)\/(approve|refuse)|tasks\/(stop|discard))$/;

function readAnswer(input: unknown, { read }: Network): Response {
  try {
    return Response.json(read?.(ReadInput.parse(input)));
  } catch (error) {
    return refusal(error instanceof PeernetError ? error : new PeernetError("bad_request"));
  }
}

const shownCode: OpenEvent = {
  event: "opened",
  code: "027674",
  expires_at_ms: 0,
  expires_in_ms: 112_000,
  addresses: ["100.88.4.10:7337"],
  fingerprint: "sha256:7c1JFa2PM19oaC6VK4qQgJV8zUWJx6TSj3Kvatt1ijc",
};

function streaming(
  events: readonly (WatchEvent | OpenEvent)[],
  tellers: Set<(event: WatchEvent) => void>,
): Response {
  const line = (value: unknown): Uint8Array =>
    new TextEncoder().encode(`${JSON.stringify(value)}\n`);
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      controller.enqueue(line({ epoch: "1", head: 0 }));
      for (const event of events) controller.enqueue(line({ event }));
      tellers.add((event) => controller.enqueue(line({ event })));
    },
  });
  return new Response(body, { headers: { "content-type": "application/x-ndjson" } });
}

const seen = { observed_at_ms: 0, age_ms: 13_000 };

const answered = (handle: unknown) => ({
  status: "ok",
  handle,
  thread_id: "0199c3f0-7a6e-7c11-9b1f-000000000002",
  answered_by: "daemon",
  project: "hydrate",
  git: {
    sha: "91c0d7e0aa0000000000000000000000000000aa",
    subject: "sync: back off after 429",
    branch: "main",
    dirty: 3,
    ahead: 2,
    since_start: { count: 4, subjects: ["sync: back off after 429"] },
    ...seen,
  },
  summary: { text: "Port the sync client to streaming; two tests still red", ...seen },
  session: {
    harness: "claude-code",
    state: "working",
    state_for_ms: 250_000,
    started_at_ms: 0,
    ...seen,
  },
  lease: { renewed_age_ms: 3_000, expires_in_ms: 60_000 },
  untrusted: [],
  notice: "",
  answered_at_ms: 0,
  round_trip_ms: 12,
});

const left = ({ to = "mini/hydrate" }: Record<string, unknown>) => ({
  sent: [
    {
      ...{ message_id: "m", thread_id: "m", to, stage: "stored", reason: null, next: "wake" },
      ...{ took_ms: 9, away: null },
    },
  ],
  refused: [],
});

/** The end of a runner's output, with marks of a page and of a terminal. */
const output = "step 1\n<b>bold</b> step 2 \u001b[31m\n";

function taskAnswer(path: string, key: unknown, { tasks = [] }: Network): unknown {
  if (path === "/v1/tasks") return { tasks: tasks.map(({ task }) => task), more: false };
  const shown = tasks.find(({ task }) => task.task_id === key);
  if (path === "/v1/tasks/show") return shown;
  const { length } = output;
  const log = { round: 1, text: output, next: length, total: length, ended: false };
  return path === "/v1/tasks/log" ? { task: shown?.task, ...log } : { task: shown?.task };
}

function answerOf(path: string, input: Record<string, unknown>, network: Network): unknown {
  const { records, mail = [] } = network;
  if (path.startsWith("/v1/tasks")) return taskAnswer(path, input.task, network);
  if (path === "/v1/ask") return answered(input.handle);
  const made = mail.find(({ shown }) => shown.message_id === input.id);
  if (path === "/v1/inbox") {
    return { messages: mail.map(({ shown }) => shown), counts: [], more: 0 };
  }
  if (path === "/v1/inbox/show") return { ...made?.shown, text: made?.text };
  if (path === "/v1/send" || path === "/v1/reply") return left(input);
  if (path === "/v1/receipts") {
    return { ...made?.shown, stages: made?.stages, next: "wake", answer_id: null, away: null };
  }
  if (path !== "/v1/audit") {
    return {
      ok: true,
      records: records.length,
      head: "0",
      checkpoint_seq: 1,
      archived: 0,
      witnesses: 1,
    };
  }
  const before = Number(input.before_seq ?? Number.POSITIVE_INFINITY);
  const limit = Number(input.limit ?? 20);
  const fitting = records.filter(
    (record: AuditRecord) =>
      record.seq < before &&
      (input.thread_id === undefined || record.thread_id === input.thread_id),
  );
  const last = records.at(-1);
  return {
    records: fitting.slice(-limit),
    hidden_lease_events: 0,
    total: records.length,
    head: last?.hash ?? "",
    verified_to: records.length,
  };
}
