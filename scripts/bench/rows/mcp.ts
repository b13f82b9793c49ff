/** P5, P6: the MCP server beside a bare one on the same SDK. */

import { inTurn, median, timed } from "../measure.ts";
import { compiled, executable, machine, pairTwo } from "../parts.ts";
import type { Row } from "../results.ts";
import { answering, type Told } from "./asks.ts";

interface Server {
  ask(method: string, params: object): Promise<unknown>;
  end(): Promise<void>;
}

/** Starts a server on pipes; a request is sent only when the one before is answered. */
function serverOf(command: readonly string[], env: Readonly<Record<string, string>>): Server {
  const child = Bun.spawn([...command], {
    env: { ...env },
    stdin: "pipe",
    stdout: "pipe",
    stderr: "ignore",
  });
  const reader = child.stdout.getReader();
  const decoder = new TextDecoder();
  let id = 0;
  return {
    ask: async (method, params) => {
      id += 1;
      child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`);
      child.stdin.flush();
      let text = "";
      while (!text.includes("\n")) {
        const { value, done } = await reader.read();
        if (done) throw new Error(`${command.join(" ")} ended`);
        text += decoder.decode(value, { stream: true });
      }
      const { result } = JSON.parse(text);
      if (result === undefined || result.isError === true) throw new Error(text);
      return result;
    },
    end: async () => {
      child.stdin.end();
      await child.exited;
    },
  };
}

const hello = {
  protocolVersion: "2025-06-18",
  capabilities: {},
  clientInfo: { name: "bench", version: "1" },
};

async function begun(command: readonly string[], env: Readonly<Record<string, string>>) {
  const server = serverOf(command, env);
  await server.ask("initialize", hello);
  await server.ask("tools/list", {});
  return server;
}

const called = (server: Server, name: string): Promise<number> =>
  timed(() => server.ask("tools/call", { name, arguments: { handle: "mini/bench" } }));

/** From the start of the server to its list of tools. */
export async function p6({ rounds }: Told): Promise<readonly Row[]> {
  const laptop = machine("laptop");
  await laptop.start();
  const bare = await compiled("bare-mcp");
  const start = async (command: readonly string[]): Promise<number> => {
    const ended: Promise<void>[] = [];
    const took = await timed(async () => {
      const server = await begun(command, laptop.env);
      ended.push(server.end());
    });
    await Promise.all(ended);
    return took;
  };
  const contestants = { ours: () => start([executable, "mcp"]), theirs: () => start([bare]) };
  return [
    {
      id: "P6",
      metric: "MCP: start → initialize → tools/list",
      unit: "ms",
      comparator: "a bare server on the same SDK, compiled",
      ...(await inTurn(contestants, { rounds })),
      goal: 1,
      moonshot: 0.5,
    },
  ];
}

/** A complete call of `ask_peer`; and the time that MCP adds to its ask. */
export async function p5({ rounds }: Told): Promise<readonly Row[]> {
  const on = await answering(0);
  const laptop = machine("laptop");
  await laptop.start();
  await pairTwo(on.on, laptop, on.address);
  const ours = await begun([executable, "mcp"], laptop.env);
  const echo = await begun([await compiled("bare-mcp")], laptop.env);
  const input = { handle: "mini/bench", question: null, thread_id: null };
  const paced = async (run: () => Promise<number>): Promise<number> => {
    // A peer may be asked 20 times in a second.
    await Bun.sleep(51);
    return run();
  };
  const { tool, said, direct } = await inTurn(
    {
      tool: () => paced(() => called(ours, "ask_peer")),
      said: () => paced(() => called(echo, "echo")),
      direct: () => paced(() => timed(() => laptop.calls.ask(input))),
    },
    { rounds: rounds * 3, warmUp: 10 },
  );
  await Promise.all([ours.end(), echo.end()]);
  const both = said.map((value, at) => value + (direct[at] ?? Number.POSITIVE_INFINITY));
  const metric = "MCP: `ask_peer` of a paired machine, after a pause of 50 ms";
  const row = { metric, unit: "ms", ours: tool, moonshot: null };
  const comparator = "an echo tool on the same SDK";
  const judged = { value: median(tool), unit: " ms" };
  return [
    { id: "P5", ...row, comparator, theirs: said, goal: null },
    { id: "P5a", ...row, comparator, theirs: said, judged, goal: 2 },
    {
      id: "P5b",
      ...row,
      metric: "the same: time that MCP adds to the ask",
      comparator: `${comparator}, and the same ask on the socket`,
      theirs: both,
      goal: 1.5,
      moonshot: 1.2,
    },
  ];
}
