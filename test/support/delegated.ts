/**
 * Tasks of an ordinary user in tests: a state folder, a keeper process that carries out errands,
 * and the built executable as supervisor.
 */

import { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ErrandInputOf, ErrandOutputOf } from "../../src/contract/errands/errands.ts";
import type { Seen, TaskOrder, TaskPlace } from "../../src/contract/tasks/errands.ts";
import type { TaskNetwork } from "../../src/contract/tasks/task.ts";
import { executable, isBuilt } from "./executable.ts";
import { canBeOrdinary, giveTo, ordinarily, ordinaryFolder, ordinaryRuntime } from "./ordinary.ts";
import { hasProgram } from "./skip.ts";

/** True where tasks can run in tests. */
export const canDelegate = canBeOrdinary && isBuilt && hasProgram("bwrap") && hasProgram("git");
/** The reason of a test that is skipped. */
export const cannotDelegate = "needs the built executable, bubblewrap and git, and setpriv as root";

const root = join(import.meta.dir, "../..");
type Word = `task_${"weigh" | "start" | "await" | "put" | "get" | "pack" | "import" | "discard"}`;

/** The tasks of one ordinary user. */
export interface Delegated extends AsyncDisposable {
  /** A folder of that user. */
  readonly folder: string;
  readonly state: string;
  readonly pid: number;
  errand<K extends Word>(kind: K, input: ErrandInputOf<K>): Promise<ErrandOutputOf<K>>;
  /** Weighs and starts a round; returns its order. */
  begin(order: Begin): Promise<TaskOrder>;
  /** Waits until a round's state is one of these. */
  awaited(order: TaskOrder, words: readonly Seen["seen"][]): Promise<Seen>;
  /** Runs a command as that user. */
  run(words: readonly string[], cwd?: string): string;
  /** Writes a file of that user. */
  write(path: string, text: string, mode?: number): void;
  /** The folder of a round. */
  round(order: Pick<TaskOrder, "task_id" | "round">): string;
  log(order: TaskOrder): string;
  /** Kills the keeper, and starts another one. */
  restart(): Promise<void>;
}

/** A round to begin. */
export interface Begin {
  readonly place: TaskPlace;
  /** A fixed command; a runner unless given. */
  readonly command?: readonly string[];
  readonly base?: string | null;
  /** True when the base came in a bundle. */
  readonly bundled?: boolean;
  readonly runner?: string;
  readonly profile?: string;
  readonly prompt?: string;
  readonly session?: string | null;
  readonly network?: TaskNetwork;
  readonly usd?: number;
  readonly wallMs?: number;
  readonly task_id?: string;
  readonly round?: number;
}

const digest = "0".repeat(64);

interface Keeper {
  readonly child: ReturnType<typeof startKeeper>;
  readonly waiting: Map<number, PromiseWithResolvers<unknown>>;
}

function startKeeper(folder: string, state: string, program: string) {
  const script = join(folder, "code/test/support/task-keeper.ts");
  return Bun.spawn([...ordinarily, ordinaryRuntime, script, state, program], {
    cwd: "/",
    env: { PATH: "/usr/bin:/bin", HOME: folder, PEERNET_HOME: state },
    stdio: ["pipe", "pipe", "inherit"],
  });
}

/** A folder of such a user, with our code and an empty state folder. */
function madeFolder() {
  const folder = ordinaryFolder();
  const state = join(folder, "state");
  const program = join(folder, "peernet");
  mkdirSync(state, { mode: 0o700 });
  giveTo(state);
  copyFileSync(executable, program);
  for (const name of ["src", "test/support", "package.json", "node_modules/zod"]) {
    cpSync(join(root, name), join(folder, "code", name), { recursive: true });
  }
  return { folder, state, program };
}

/** Makes such a user's folder, with a keeper that runs. */
export function delegated(): Delegated {
  const { folder, state, program } = madeFolder();
  const keep = (): Keeper => {
    const child = startKeeper(folder, state, program);
    const waiting: Keeper["waiting"] = new Map();
    void answersOf(child.stdout, waiting);
    return { child, waiting };
  };
  let keeper = keep();
  let last = 0;
  const errand = async <K extends Word>(kind: K, input: ErrandInputOf<K>) => {
    last += 1;
    const answer = Promise.withResolvers<unknown>();
    keeper.waiting.set(last, answer);
    keeper.child.stdin.write(`${JSON.stringify({ id: last, kind, input })}\n`);
    keeper.child.stdin.flush();
    // The runner of that kind answered.
    return (await answer.promise) as ErrandOutputOf<K>;
  };
  const end = async (): Promise<void> => {
    keeper.child.kill("SIGKILL");
    await keeper.child.exited;
  };
  return {
    ...{ folder, state, errand },
    get pid() {
      return keeper.child.pid;
    },
    ...roundsOf(state, errand),
    run: (words, cwd = folder) => ranBy(words, { cwd, folder }),
    write: (path, text, mode = 0o644) => {
      writeFileSync(path, text, { mode });
      giveTo(path);
    },
    restart: async () => {
      await end();
      keeper = keep();
    },
    [Symbol.asyncDispose]: async () => {
      await end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function roundsOf(state: string, errand: Delegated["errand"]) {
  const round: Delegated["round"] = ({ task_id, round: number }) =>
    join(state, "tasks", task_id, String(number));
  return {
    round,
    begin: async ({ place, command, wallMs = 30_000, ...given }: Begin) => {
      const { base = null, bundled = false } = given;
      const id = { task_id: given.task_id ?? Bun.randomUUIDv7(), round: given.round ?? 1 };
      const { runner = null, profile = "test", usd = null } = given;
      const { network = runner === null ? "none" : "model" } = given;
      const weighed = await errand("task_weigh", {
        ...{ ...id, place, base, bases: null, bundled, profile, runner, network, usd },
        command: command === undefined ? null : [...command],
      });
      const { path, program } = weighed;
      if (path === null || program === null || weighed.gates.length > 0) {
        throw new Error(JSON.stringify(weighed));
      }
      const order: TaskOrder = {
        ...{ version: 1, ...id, place, prompt: given.prompt ?? null },
        session: given.session ?? null,
        ...{ document_sha256: digest, decision_sha256: digest },
        decision: {
          ...{ rules: ["test"], policy_sha256: digest, wall_ms: wallMs, usd, network },
          ...{ path, kind: place.kind, base, bundle_sha256: null, profile, program },
        },
      };
      const started = await errand("task_start", { order });
      if (!started.started) throw new Error(JSON.stringify(started));
      return order;
    },
    awaited: async ({ task_id, round: number }: TaskOrder, words: readonly Seen["seen"][]) => {
      let known: Seen["seen"] | null = null;
      for (let looks = 0; looks < 64; looks += 1) {
        const seen: Seen = await errand("task_await", { task_id, round: number, known });
        if (words.includes(seen.seen)) return seen;
        known = seen.seen;
      }
      throw new Error(`it stayed ${known}`);
    },
    log: (order: TaskOrder) => readFileSync(join(round(order), "log"), "utf8"),
  };
}

async function answersOf(stream: ReadableStream<Uint8Array>, waiting: Keeper["waiting"]) {
  let held = "";
  const decoder = new TextDecoder();
  for await (const chunk of stream) {
    held += decoder.decode(chunk, { stream: true });
    for (let end = held.indexOf("\n"); end >= 0; end = held.indexOf("\n")) {
      const { id, output, error } = JSON.parse(held.slice(0, end));
      held = held.slice(end + 1);
      if (error === undefined) waiting.get(id)?.resolve(output);
      else waiting.get(id)?.reject(new Error(error));
      waiting.delete(id);
    }
  }
}

function ranBy(words: readonly string[], { cwd, folder }: { cwd: string; folder: string }): string {
  const env = {
    ...{ PATH: "/usr/bin:/bin", HOME: folder, GIT_CONFIG_NOSYSTEM: "1" },
    ...{ GIT_AUTHOR_NAME: "A", GIT_AUTHOR_EMAIL: "a@example.invalid" },
    ...{ GIT_COMMITTER_NAME: "A", GIT_COMMITTER_EMAIL: "a@example.invalid" },
  };
  const ran = Bun.spawnSync([...ordinarily, ...words], { cwd, env });
  if (!ran.success) throw new Error(`${words.join(" ")}: ${ran.stderr.toString()}`);
  return ran.stdout.toString();
}
