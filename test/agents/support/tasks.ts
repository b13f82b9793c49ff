/**
 * Tasks of an ordinary user that real clients carry out, each by the manifest of ours: only its
 * program and its model's origin are the test's.
 */

import { copyFileSync, linkSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TaskOrder, TaskPlace } from "../../../src/contract/tasks/errands.ts";
import type { TaskResult } from "../../../src/contract/tasks/task.ts";
import { certificateIn } from "../../keeper/tasks/endpoint/support.ts";
import { type Begin, type Delegated, delegated } from "../../support/delegated.ts";
import { giveTo } from "../../support/ordinary.ts";
import { binOf } from "./clients.ts";
import { type Model, model } from "./model.ts";

/** The credential that the endpoint sets. */
export const realKey = "sk-real-0123456789abcdefghijklm";

/** A client, and the manifest of ours that drives it. */
export type Runner = "claude-code" | "codex";

const clientOf = { "claude-code": "claude", codex: "codex" } as const;

/** One request as the model received it. */
export interface Asked {
  readonly target: string;
  readonly headers: Headers;
  readonly body: string;
}

/** A user whose tasks are carried out by a client, with a model on loopback. */
export interface Scene extends AsyncDisposable {
  readonly user: Delegated;
  readonly stub: Model;
  /** Requests that left the endpoint. */
  readonly asked: readonly Asked[];
  /** A folder of the user that tasks may read. */
  readonly place: TaskPlace;
  /** Makes a repository of that folder; returns its place and its commit. */
  repository(): { readonly place: TaskPlace; readonly base: string };
  readonly folder: string;
  begin(
    given: Omit<Begin, "place" | "runner"> & { readonly place?: TaskPlace },
  ): Promise<TaskOrder>;
  /** Runs a round to its end. */
  ran(given: Parameters<Scene["begin"]>[0]): Promise<Ended>;
}

/** The end of a round. */
export interface Ended {
  readonly order: TaskOrder;
  readonly result: TaskResult;
  readonly log: string;
}

/** Starts a model behind TLS, and a user with a client's manifest. */
export function scene(runner: Runner, more = ""): Scene {
  const asked: Asked[] = [];
  const user = delegated();
  const programs = mkdtempSync(join(tmpdir(), "peernet-programs-"));
  const runners = join(user.state, "runners");
  for (const folder of [runners, join(user.state, "keys/runners")]) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const each of [folder, dirname(folder)]) if (each !== user.state) giveTo(each);
  }
  const tls = certificateIn(programs);
  const stub = model({
    tls,
    onRequest: (request, body) => {
      const { pathname, search } = new URL(request.url);
      asked.push({ target: pathname + search, headers: request.headers, body });
    },
  });
  user.write(join(runners, "stub.pem"), tls.cert, 0o600);
  const manifest = `like = "${runner}"\nprogram = "${programOf(runner, programs)}"\n${more}
[endpoint]\norigin = "${stub.url}"\nca = "stub.pem"\n`;
  user.write(join(runners, "stub.toml"), manifest, 0o600);
  user.write(join(user.state, "keys/runners/stub"), realKey, 0o600);
  const folder = join(user.folder, "app");
  mkdirSync(folder);
  giveTo(folder);
  user.write(join(folder, "a.txt"), "water\n");
  const place: TaskPlace = { kind: "folder", name: "app", path: "~/app" };
  const begin: Scene["begin"] = (given) => user.begin({ place, runner: "stub", usd: 2, ...given });
  return {
    ...{ user, stub, asked, place, folder, begin },
    repository: () => repositoryIn(user, folder),
    ran: async (given) => {
      const order = await begin(given);
      const { result } = await user.awaited(order, ["ended", "lost"]);
      if (result === null) throw new Error(`no result: ${user.log(order)}`);
      return { order, result: result.short, log: user.log(order) };
    },
    [Symbol.asyncDispose]: async () => {
      await user[Symbol.asyncDispose]();
      stub[Symbol.dispose]();
      rmSync(programs, { recursive: true, force: true });
    },
  };
}

/** Makes a repository of the folder `app`, with what is in it. */
function repositoryIn(user: Delegated, folder: string): ReturnType<Scene["repository"]> {
  const git = (...words: readonly string[]) => user.run(["git", ...words], folder).trim();
  git("init", "-q", "-b", "main");
  git("add", "-A");
  git("commit", "-qm", "first");
  const place = { kind: "repository", name: "app", path: "~/app", clone: null } as const;
  return { place, base: git("rev-parse", "HEAD") };
}

/** A client's program at a place that the user can reach. */
function programOf(runner: Runner, programs: string): string {
  const client = clientOf[runner];
  const real = realpathSync(join(binOf(client), client));
  Bun.spawnSync(["chmod", "755", programs]);
  if (runner === "claude-code") return linked(real, join(programs, client));
  // It finds its own parts beside its folder.
  const from = dirname(dirname(real));
  const to = join(programs, "codex");
  for (const name of new Bun.Glob("**").scanSync({ cwd: from, onlyFiles: true })) {
    linked(join(from, name), join(to, name));
  }
  return join(to, "bin/codex");
}

/** The same file at another path; a copy where the disk is another. */
function linked(from: string, to: string): string {
  mkdirSync(dirname(to), { recursive: true });
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
  return to;
}
