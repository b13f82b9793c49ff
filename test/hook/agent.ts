/**
 * Stand-ins for coding agents: a process with an agent's name that runs the built hook as the real
 * ones do, through a shell, with a payload on stdin and pipes for its output.
 */

import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { executable, type Home } from "../support/executable.ts";
import type { Ran } from "../support/ran.ts";

/** The input of a hook. */
export type Payload = Readonly<Record<string, unknown>>;

/** An agent that runs until it is ended. */
export interface Agent extends AsyncDisposable {
  readonly pid: number;
  /** Runs one hook with a payload, or with bytes that are none. */
  hook(payload: Payload | string | Uint8Array): Promise<Ran>;
  /** The same with the common fields of a payload, by the event's name. */
  on(event: string, more?: Payload): Promise<Ran>;
  /** Ends it, as the system does. */
  kill(): void;
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
const script = `while read -r n; do
  /bin/sh -c "$HOOK" < "$PAYLOADS/$n" > "$PAYLOADS/$n.out" 2> "$PAYLOADS/$n.err"
  echo "$n $?"
done`;

/** Starts an agent. */
export function agent(options: AgentOptions): Agent {
  const { home, harness = "claude-code", session = "session-a", cwd } = options;
  const { before = [], peernet = executable } = options;
  const folder = mkdtempSync(join(tmpdir(), "peernet-agent-"));
  const program = join(folder, harness === "codex" ? "codex" : "claude");
  copyFileSync("/bin/sh", program);
  chmodSync(program, 0o755);
  const child = Bun.spawn([...before, program, "-c", script, ...(options.words ?? [])], {
    env: {
      ...home.environment,
      HOOK: `${peernet} hook ${harness}`,
      PAYLOADS: folder,
      ...(options.environment ?? (harness === "codex" ? {} : attended)),
    },
    stdin: "pipe",
    stdout: "pipe",
    stderr: "inherit",
  });
  const codes = linesOf(child.stdout);
  let count = 0;
  const hook: Agent["hook"] = async (payload) => {
    count += 1;
    const file = join(folder, String(count));
    const isRaw = typeof payload === "string" || payload instanceof Uint8Array;
    writeFileSync(file, isRaw ? payload : JSON.stringify(payload));
    child.stdin.write(`${count}\n`);
    child.stdin.flush();
    const [, code] = ((await codes.next()).value ?? "").split(" ");
    const [out, err] = await Promise.all([textOf(`${file}.out`), textOf(`${file}.err`)]);
    return { code: Number(code), out, err };
  };
  return {
    pid: child.pid,
    hook,
    on: (hook_event_name, more) => hook({ session_id: session, cwd, hook_event_name, ...more }),
    kill: () => child.kill("SIGKILL"),
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await child.exited;
      rmSync(folder, { recursive: true, force: true });
    },
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
