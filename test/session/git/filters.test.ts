/**
 * A filter that is set between two steps of a reading. A writer beside the readings flips the
 * repository's config, as fast as it can; a git that opened that config once would run the filter.
 */

import { expect, test } from "bun:test";
import { existsSync, rmSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { describe } from "../../../src/session/describe.ts";
import { canary, describing, repository } from "../../support/repository.ts";
import { faultsWanted } from "../../support/skip.ts";
import { until } from "../../support/until.ts";

const promise =
  "P31: A folder tells git facts of its own repository or none, " +
  "and reading them runs nothing of it, also while another program changes it.";

const readings = faultsWanted ? 2_000 : 100;

const beside = "Beside a writer that sets a filter while git reads, no filter runs.";

test(`36: ${promise} ${beside}`, async () => {
  using repo = repository();
  const { program, ran } = canary(repo);
  repo.write("hydrate/.gitattributes", "*.txt filter=evil\n");
  repo.git("add", ".");
  repo.git("commit", "-qm", "Add a filter");
  const config = join(repo.tree, ".git", "config");
  const plain = join(repo.path, "plain");
  repo.git("config", "filter.evil.clean", program);
  utimesSync(join(repo.tree, "a.txt"), 1, 1);
  repo.tryGit("status");
  // The control: plain git, with the filter in its config, does run it.
  expect(ran()).toBe(true);
  rmSync(join(repo.path, "canary-ran"));
  Bun.spawnSync(["cp", config, join(repo.path, "with")]);
  repo.git("config", "--unset", "filter.evil.clean");
  Bun.spawnSync(["cp", config, plain]);
  const started = join(repo.path, "started");
  const { path } = repo;
  const loop = `while :; do for one in with plain; do
    cp ${path}/$one ${path}/next && mv ${path}/next ${config}; done; : > ${started}; done`;
  const writer = Bun.spawn(["/bin/sh", "-c", loop], { stdio: ["ignore", "ignore", "ignore"] });
  try {
    await until("the writer writes", () => existsSync(started));
    const seen = new Map<string, number>();
    for (let at = 0; at < readings; at += 1) {
      utimesSync(join(repo.tree, "a.txt"), at + 2, at + 2);
      const { git, why } = await describe(repo.tree, describing(repo.path));
      expect({ at, ran: ran() }).toEqual({ at, ran: false });
      const told = `${git?.subject} ${git?.dirty} ${why}`;
      seen.set(told, (seen.get(told) ?? 0) + 1);
    }
    // A config that is being replaced may be missing for a moment; otherwise the facts appear.
    expect(seen.get("Add a filter 0 null")).toBeGreaterThan(readings / 2);
  } finally {
    writer.kill("SIGKILL");
    await writer.exited;
  }
}, 600_000);

test("describe() does not count files that only a filter could tell to be unchanged", async () => {
  using repo = repository();
  repo.git("config", "filter.up.clean", "tr a-z A-Z");
  repo.git("config", "filter.up.smudge", "tr A-Z a-z");
  repo.write("hydrate/.gitattributes", "*.bin filter=up\n");
  repo.write("hydrate/f.bin", "hello\n");
  repo.git("add", ".");
  repo.git("commit", "-qm", "Add a filter");
  const changed = async (): Promise<unknown> => {
    const { git } = await describe(repo.tree, describing(repo.path));
    return git?.dirty ?? git?.why?.dirty;
  };
  // Older than the index, so that git believes the index and compares nothing.
  for (const name of ["a.txt", "f.bin"]) utimesSync(join(repo.tree, name), 1, 1);
  repo.git("status");
  expect(await changed()).toBe(0);
  repo.write("hydrate/new.txt", "");
  expect(await changed()).toBe(1);
  utimesSync(join(repo.tree, "f.bin"), 2, 2);
  expect(await changed()).toBe("filtered");
  repo.git("status");
  // A file without a filter is compared, and one with a filter that is staged or gone has changed.
  utimesSync(join(repo.tree, "a.txt"), 2, 2);
  expect(await changed()).toBe(1);
  repo.write("hydrate/f.bin", "other\n");
  repo.git("add", "f.bin");
  expect(await changed()).toBe(2);
  rmSync(join(repo.tree, "f.bin"));
  expect(await changed()).toBe(2);
});
