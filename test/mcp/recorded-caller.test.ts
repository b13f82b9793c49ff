/** The session that asks, on the record: by the tool, and by a command of a shell. */

import { expect, setDefaultTimeout } from "bun:test";
import { activate, pairTwo, root } from "../scenario/pairing.ts";
import { home, isBuilt, notBuilt } from "../support/executable.ts";
import { skipUnless } from "../support/skip.ts";
import { connected } from "./support.ts";

const test = skipUnless(isBuilt, notBuilt);
setDefaultTimeout(30_000);

test("an ask by the tool, and by a shell, is on the record as the session's", async () => {
  await using mini = home("mini");
  await using laptop = home("laptop");
  await mini.json(["start"]);
  await laptop.json(["start"]);
  using _hydrate = await activate(mini, "hydrate");
  await pairTwo(mini, laptop);
  await using agent = await connected(laptop, { cwd: root });
  await agent.call("activate_session", { name: "asker" });
  await agent.call("ask_peer", { handle: "mini/hydrate" });
  // A shell that is a session, and runs the command below itself.
  const before = ["sh", "-c", '"$0" activate typist --pid $$ && "$0" "$@"; exit $?'];
  expect((await laptop.run(["ask", "mini/hydrate"], { before })).code).toBe(0);
  const { out } = await laptop.run(["audit", "--verb", "ask", "--json"]);
  for (const name of ["asker", "typist"]) expect(out).toContain(`"from_handle":"laptop/${name}"`);
});
