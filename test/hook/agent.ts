/**
 * Stand-ins for coding agents: a process with an agent's name that runs the built hook as the real
 * ones do, through a shell, with a payload on stdin and pipes for its output.
 */

import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { executable, type Home } from "../support/executable.ts";
import type { Ran } from "../support/ran.ts";
import { until } from "../support/until.ts";

/** The input of a hook. */
export type Payload = Readonly<Record<string, unknown>>;

/** An agent that runs until it is ended. */
export interface Agent extends AsyncDisposable {
  readonly pid: number;
  /** Runs one hook with a payload, or with bytes that are none. */
  hook(payload: Payload | string | Uint8Array): Promise<Ran>;
  /** The same with the common fields of a payload, by the event's name. */
  on(event: string, more?: Payload): Promise<Ran>;
  /** Starts a hook that waits, as the agent does in the background. */
  waits(event: string, more?: Payload): Waiting;
  /** Ends it, as the system does. */
  kill(): void;
}

/** A hook that runs in the background. */
export interface Waiting {
  /** Its outcome once it has ended. */
  readonly ended: Promise<Ran>;
  /** The number of its process, once it has started. */
  pid(): number | null;
}

/** Options of an agent. */
export interface AgentOptions {
  readonly home: Pick<Home, "environment">;
  readonly harness?: "claude-code" | "codex";
  readonly session?: string;
  /** The folder that its payloads name. */
  readonly cwd: string;
  /** The arguments of the process, besides its script. */
  readonly words?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** The words that precede its command, as for another host. */
  readonly before?: readonly string[];
  /** The executable that its hooks run; the built one unless given. */
  readonly peernet?: string;
}

/** Claude Code's variables for its hooks when a person uses the session. */
export const attended = { CLAUDE_CODE_ENTRYPOINT: "cli", CLAUDE_CODE_SESSION_ATTENDED: "1" };
/** Its variables when nobody does. */
export const unattended = { CLAUDE_CODE_ENTRYPOINT: "sdk-cli", CLAUDE_CODE_SESSION_ATTENDED: "0" };

/** Reads a number a line, and runs the hook with the payload in the file of that number. */
const script = `while read -r n flag; do
  if [ "$flag" = waits ]; then
    { CLAUDE_PID=$$ /bin/sh -c "exec $HOOK --waker" \\
        < "$PAYLOADS/$n" > "$PAYLOADS/$n.out" 2> "$PAYLOADS/$n.err" &
      echo $! > "$PAYLOADS/$n.pid"; wait $!; echo $? > "$PAYLOADS/$n.code"; } &
    continue
  fi
  /bin/sh -c "$HOOK" < "$PAYLOADS/$n" > "$PAYLOADS/$n.out" 2> "$PAYLOADS/$n.err"
  echo "$n $?"
done`;

/** Starts an agent. */
export function agent(options: AgentOptions): Agent {
  const { session = "session-a", cwd } = options;
  const { child, folder } = started(options);
  const codes = linesOf(child.stdout);
  let count = 0;
  /** Writes a payload to a file of the next number, and has the agent run its hook. */
  const send = (payload: Payload | string | Uint8Array, word: string): string => {
    count += 1;
    const file = join(folder, String(count));
    const isRaw = typeof payload === "string" || payload instanceof Uint8Array;
    writeFileSync(file, isRaw ? payload : JSON.stringify(payload));
    child.stdin.write(`${count}${word}\n`);
    child.stdin.flush();
    return file;
  };
  const fieldsOf = (hook_event_name: string, more: Payload | undefined): Payload => ({
    ...{ session_id: session, cwd, hook_event_name },
    ...more,
  });
  const hook: Agent["hook"] = async (payload) => {
    const file = send(payload, "");
    const [, code] = ((await codes.next()).value ?? "").split(" ");
    const [out, err] = await Promise.all([textOf(`${file}.out`), textOf(`${file}.err`)]);
    return { code: Number(code), out, err };
  };
  return {
    pid: child.pid,
    hook,
    waits: (event, more) => waiting(send(fieldsOf(event, more), " waits")),
    on: (event, more) => hook(fieldsOf(event, more)),
    kill: () => child.kill("SIGKILL"),
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await child.exited;
      await endWaiting(folder);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function started(options: AgentOptions) {
  const { home, harness = "claude-code", words, environment } = options;
  const { before = [], peernet = executable } = options;
  const folder = mkdtempSync(join(tmpdir(), "peernet-agent-"));
  const program = join(folder, harness === "codex" ? "codex" : "claude");
  copyFileSync("/bin/sh", program);
  chmodSync(program, 0o755);
  const child = Bun.spawn([...before, program, "-c", script, ...(words ?? [])], {
    env: {
      ...home.environment,
      HOOK: `${peernet} hook ${harness}`,
      PAYLOADS: folder,
      ...(environment ?? (harness === "codex" ? {} : attended)),
    },
    stdin: "pipe",
    stdout: "pipe",
    stderr: "inherit",
  });
  return { child, folder };
}

/** Ends the hooks that still wait in the background, as the end of a terminal does. */
async function endWaiting(folder: string): Promise<void> {
  const files = readdirSync(folder).filter((name) => name.endsWith(".pid"));
  for (const name of files) {
    const hasEnded = () => existsSync(join(folder, name.replace(/pid$/, "code")));
    const pid = Number(readFileSync(join(folder, name), "utf8"));
    try {
      if (!hasEnded() && pid > 0) process.kill(pid, "SIGKILL");
    } catch {
      // It has ended meanwhile.
    }
    await until("a waiting hook has ended", hasEnded);
  }
}

/** A hook in the background, by the files of its payload. */
function waiting(file: string): Waiting {
  const ended = async (): Promise<Ran> => {
    await until("a waker has ended", () => existsSync(`${file}.code`));
    const [code, out, err] = await Promise.all([
      textOf(`${file}.code`),
      textOf(`${file}.out`),
      textOf(`${file}.err`),
    ]);
    return { code: Number(code), out, err };
  };
  return {
    ended: ended(),
    pid: () =>
      (existsSync(`${file}.pid`) ? Number(readFileSync(`${file}.pid`, "utf8")) : 0) || null,
  };
}

const textOf = (file: string): Promise<string> => Bun.file(file).text();

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string, string> {
  let rest = "";
  const decoder = new TextDecoder();
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  return rest;
}

/** A folder that looks like a work tree to a reader without git. */
export function workTree(home: Home, name: string): string {
  const tree = join(home.folder, "src", name);
  mkdirSync(join(tree, ".git"), { recursive: true });
  writeFileSync(join(tree, ".git", "HEAD"), "ref: refs/heads/main\n");
  return tree;
}
