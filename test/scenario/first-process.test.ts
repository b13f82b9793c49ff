/** The daemon as process 1 of a container, which nobody makes wait for its children. */

import { expect, setDefaultTimeout } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { executable, home, isBuilt, notBuilt } from "../support/executable.ts";
import { hasProgram, skipUnless } from "../support/skip.ts";

const canContain = process.geteuid?.() === 0 && hasProgram("unshare");
const test = isBuilt
  ? skipUnless(canContain, "process 1 of its own needs root and unshare")
  : skipUnless(isBuilt, notBuilt);
setDefaultTimeout(60_000);

/** Six sessions, and the number of processes that nobody waited for once all are over. */
const script = `
until "$1" status >/dev/null 2>&1; do sleep 0.1; done
sleep 600 & session=$!
for name in a b c d e f; do "$1" activate "$name" --pid $session >/dev/null 2>&1 || exit 1; done
until [ "$(ps -eo args= | grep -c '[p]eernet keeper')" = 1 ]; do sleep 0.1; done
kill $session
until [ "$(ps -eo args= | grep -c '[p]eernet keeper')" = 0 ]; do sleep 0.1; done
for look in $(seq 100); do [ "$(ps -eo stat= | grep -c '^Z')" = 0 ] && break; sleep 0.1; done
ps -eo stat= | grep -c '^Z'
kill -TERM 1
`;

test("sessions leave no process behind when the daemon is process 1", async () => {
  await using mini = home("mini");
  writeFileSync(join(mini.folder, "activate.sh"), script);
  const inside = `sh "${mini.folder}/activate.sh" "$1" & exec "$1" daemon >/dev/null`;
  const words = ["unshare", "-pf", "--mount-proc", "sh", "-c", inside, "sh", executable];
  const child = Bun.spawn(words, {
    cwd: mini.folder,
    env: { ...mini.environment },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
  expect((await new Response(child.stdout).text()).trim()).toBe("0");
  await child.exited;
});
