/** A runner that is a shell with a test's script; its walls, endpoint and model's TLS are real. */

import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { TaskOrder, TaskPlace } from "../../../src/contract/tasks/errands.ts";
import type { TaskNetwork, TaskResult } from "../../../src/contract/tasks/task.ts";
import { type Delegated, delegated } from "../../support/delegated.ts";
import { giveTo } from "../../support/ordinary.ts";
import { key, type Origin, origin } from "./endpoint/support.ts";

/** Functions of the scripts: one request to the endpoint, of which the status is printed. */
const helpers = `
send() { exec 3<>/dev/tcp/127.0.0.1/8080; printf "$@" >&3; head -c 400 <&3 | head -1; exec 3>&-; }
post() {
  local target=$1 body=$2 headers=$3
  send 'POST %s HTTP/1.1\\r\\nhost: x\\r\\ncontent-length: %d\\r\\n%b\\r\\n%s' \\
    "$target" "\${#body}" "$headers" "$body"
}
`;
export const text =
  '{"model":"claude-opus-5-5","max_tokens":8000,"messages":[{"role":"user","content":"x"}]}';

/** The way in which a script is run. */
export interface Given {
  readonly place?: TaskPlace;
  readonly base?: string;
  readonly profile?: string;
  readonly usd?: number;
  readonly wallMs?: number;
  readonly network?: TaskNetwork;
}

/** The end of a script. */
export interface Ended {
  readonly order: TaskOrder;
  readonly result: TaskResult;
  readonly log: string;
}

/** A user whose runners are shells. */
export interface Shells extends AsyncDisposable {
  readonly user: Delegated;
  readonly model: Origin;
  /** Begins a round of a runner by this name and script. */
  begin(name: string, script: string, given?: Given): Promise<TaskOrder>;
  /** Runs one to its end. */
  ran(name: string, script: string, given?: Given): Promise<Ended>;
}

/** Makes such a user, with a folder that tasks may read. */
export function shells(): Shells {
  const user = delegated();
  const model = origin();
  for (const name of ["app", "state/runners", "state/keys", "state/keys/runners"]) {
    mkdirSync(join(user.folder, name), { mode: 0o700 });
    giveTo(join(user.folder, name));
  }
  user.write(join(user.state, "runners/ca.pem"), model.cert, 0o600);
  const place: TaskPlace = { kind: "folder", name: "app", path: "~/app" };
  const begin: Shells["begin"] = (name, script, given = {}) => {
    user.write(join(user.state, `runners/${name}.toml`), manifestOf(script, model.url), 0o600);
    user.write(join(user.state, `keys/runners/${name}`), key, 0o600);
    model.received.length = 0;
    return user.begin({ place, runner: name, profile: "query", prompt: "hello", usd: 2, ...given });
  };
  return {
    ...{ user, model, begin },
    ran: async (name, script, given) => {
      const order = await begin(name, script, given);
      const { result } = await user.awaited(order, ["ended", "lost"]);
      if (result === null) throw new Error("no result");
      return { order, result: result.short, log: user.log(order) };
    },
    [Symbol.asyncDispose]: async () => {
      model[Symbol.dispose]();
      await user[Symbol.asyncDispose]();
    },
  };
}

const manifestOf = (script: string, url: string): string => `like = "claude-code"
program = "/usr/bin/bash"
versions = { argv = ["-c", "echo 2.1.329"] }
[argv]
common = ${JSON.stringify(["-c", helpers + script])}
usd = []
first = []
later = []
[profiles.query]
argv = []
[profiles.edit]
argv = []
[environment]
EXTRA = "x"
[endpoint]
origin = "${url}"
ca = "ca.pem"
`;

/** The files below a folder that hold a text. */
export const holders = (folder: string, needle: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => readFileSync(path).includes(needle));
