/** Which session a preview is of. */

import { expect, test } from "bun:test";
import { machine, session } from "../../support/daemon.ts";
import { refusalOf } from "../attack/refusal.ts";

test("preview() is of the session that asks, and of no other when it has no handle", async () => {
  await using on = await machine("mini");
  const at = (pid: number) => ({ pid, start_time: "1" });
  await on.calls.activate(session({ name: "web", process: at(7_001) }));
  await on.calls.activate(session({ name: "web2", process: at(7_002) }));
  const asked = (pid: number) =>
    on.calls.preview({ name: null, as: null, session: { processes: [at(pid)] } });
  expect([(await asked(7_001)).handle, (await asked(7_002)).handle]).toEqual([
    "mini/web",
    "mini/web2",
  ]);
  await on.calls.deactivate({ name: "web2" });
  // One is left, and it is another session's.
  expect(await refusalOf(asked(7_002))).toMatchObject({
    code: "handle_unknown",
    message: "this session has no handle",
    details: { live: ["web"] },
  });
  const named = await on.calls.preview({ name: "web", as: null });
  expect([named.handle, named.answer.session.harness]).toEqual(["mini/web", "shell"]);
});
