/** Reads the command lines that README and docs show. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { comingRows } from "../../src/cli/help/coming-rows.ts";

const root = join(import.meta.dir, "../..");

/** The lines, each once: of blocks and of sentences, without the lines that say a usage. */
export function shownCommands(): string[] {
  const names = readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md"));
  const texts = ["README.md", ...names.map((name) => `docs/${name}`)].map((name) =>
    readFileSync(join(root, name), "utf8"),
  );
  const lines = texts.flatMap((text) => {
    const blocks = [...text.matchAll(/^```\n([\s\S]*?)^```$/gm)].map(([, body = ""]) => body);
    const shown = blocks.flatMap((body) =>
      [...body.matchAll(/^(?:\S+ \S+ % )?(peernet\b.*)$/gm)].map(([, line = ""]) => line),
    );
    const told = text.replace(/^```[\s\S]*?^```$/gm, "").matchAll(/`(peernet [^`]+)`/g);
    return [...shown, ...[...told].map(([, line = ""]) => line)];
  });
  const commands = lines.map((line) => (line.split("   ")[0] ?? "").trim());
  return [...new Set(commands)].filter((line) => !/[A-Z]{4}|\[/.test(line.replace(/".*"/, "")));
}

/** Command lines that the document for people of other tools shows, without placeholders. */
export const comingLines: readonly string[] = Object.values(comingRows)
  .flat()
  .flatMap(({ here }) => [...here.matchAll(/`(peernet [^`]+)`/g)].map(([, line = ""]) => line))
  .filter((line, at, all) => !/[A-Z]{2}|\[/.test(line) && all.indexOf(line) === at);

const mail = "test/cli/messages, and the same calls in test/daemon/messages";

const trusted = "test/daemon/trust/provisioning.test.ts";

const runner = "test/cli/runners, also in the executable";

const tasks = "test/cli/tasks, and a whole day of them in test/scenario";

/** Lines of documents that are not walked as they are written. */
export const elsewhere: Readonly<Record<string, string>> = {
  ...Object.fromEntries(comingLines.map((line) => [line, "test/coming-from.test.ts"])),
  "peernet runner": runner,
  "peernet runner add claude-code < key.txt": runner,
  "peernet runner remove claude-code": runner,
  "peernet completions fish | source": "test/completion, in fish itself",
  "peernet completions bash|zsh|fish": "test/completion, in the shells",
  "peernet setup --yes --listen lan": "test/lan: here nothing leaves this machine",
  "peernet pair --to 192.168.1.20": "walked with the address of the other home",
  "peernet pair 192.168.1.20 -": "walked with the address of the other home",
  "peernet peers grant": "the noun of the lines beside it, which are walked",
  "peernet daemon --docs": "test/daemon-docs",
  "peernet id": "test/daemon/trust/provisioning.test.ts",
  "peernet metrics": "test/daemon/metrics and test/core/metrics.test.ts",
  "peernet unpair": "walked with the name of a machine",
  "peernet trust": "the verb of the lines beside it",
  "peernet trust sha256:Jq3vKx9mPZ0c2LtR7yWb1HnUeXo4sDfG8aVhCiT5kQE --name mini": trusted,
  "peernet trust - < machines.txt": trusted,
  "peernet untrust sha256:Jq3vKx9mPZ0c2LtR7yWb1HnUeXo4sDfG8aVhCiT5kQE":
    "test/cli/trust and test/daemon/trust/trust.test.ts",
  "peernet who-has src/sync.ts": "test/daemon/overlap",
  "peernet show ID": "test/daemon/audit/show.test.ts",
  "peernet show 7f3a": "test/daemon/audit/show.test.ts",
  "peernet wait mini/hydrate --until commit --timeout 2h": "test/daemon/ask/waits.test.ts",
  "peernet wait mini/hydrate && git fetch mini": "the wait is walked; there is no such remote",
  "peernet outbox drop": "test/daemon/outbox",
  "peernet outbox drop ID": "test/daemon/outbox",
  "peernet outbox drop 7f3a": "test/daemon/outbox",
  "peernet send": mail,
  "peernet send --all": mail,
  "peernet peers grant laptop message wake": "test/cli/pairing, refused without a terminal",
  "peernet setup --allow read_messages,message_peer": "test/setup/allowed.test.ts",
  "peernet inbox": mail,
  "peernet unsubscribe deploys": "test/cli/messages/topics.test.ts",
  "peernet peers grant laptop message:@deploys": "test/cli/frame, and test/daemon/messages",
  "peernet send --topic deploys 'api 2.4 is live'": "test/daemon/messages/topics.test.ts",
  "peernet send mini/hydrate": mail,
  "peernet send mini/ 'Rebasing main in 5 minutes'": mail,
  "peernet send mini 'Registry moves tonight'": mail,
  "peernet send mini/hydrate 'Is the schema final?' --wait": mail,
  "peernet inbox --all": mail,
  "peernet inbox --follow --json": mail,
  "peernet inbox show ID": mail,
  "peernet inbox show 7f3a": mail,
  "peernet inbox approve ID": mail,
  "peernet inbox approve 7f3a": mail,
  "peernet inbox refuse ID": mail,
  "peernet inbox refuse 7f3a": mail,
  "peernet reply 7f3a": mail,
  "peernet reply 7f3a 'Reviewed, two comments pushed'": mail,
  "peernet receipts ID": mail,
  "peernet receipts 7f3a": mail,
  "peernet policy allow laptop read ~/src/hydrate": "test/scenario/reads.test.ts",
  "peernet policy deny laptop read": "test/scenario/reads.test.ts",
  "peernet policy allow laptop run ~/src/hydrate --profile query,edit": "test/core/policy",
  "peernet policy deny laptop run hydrate": "test/core/policy",
  "peernet policy show": "test/scenario/reads.test.ts",
  "peernet policy test": "test/scenario/reads.test.ts",
  "peernet policy test read peer=laptop repository=hydrate ref=main": "test/scenario/reads.test.ts",
  "peernet policy test inbound peer=laptop repository=hydrate profile=edit runner=codex":
    "test/core/policy/deciding.test.ts",
  "peernet policy check": "test/scenario/reads.test.ts",
  "peernet grep mini:hydrate backoff": "test/scenario/reads.test.ts",
  "peernet ls mini:": "test/scenario/reads.test.ts",
  "peernet ls mini:hydrate": "test/scenario/reads.test.ts",
  "peernet policy edit": "test/cli/policy",
  "peernet cat mini:hydrate src/sync.ts": "test/scenario/reads.test.ts",
  "peernet grep mini:hydrate backoff -C 2": "test/scenario/reads.test.ts",
  "peernet ls mini:hydrate src/ --glob '**/*.test.ts'": "test/scenario/reads.test.ts",
  "peernet runner add codex": "test/cli/runners",
  "peernet runner remove codex": "test/cli/runners",
  "peernet audit archive": "refused without a day: test/cli/audit/lines.test.ts",
  'peernet run mini:hydrate "Which callers still use the old loader?"': tasks,
  'peernet run mini:hydrate "Port the config loader" --profile edit --follow': tasks,
  "peernet run --check mini:hydrate --profile edit": tasks,
  "peernet tasks": tasks,
  "peernet tasks --all": tasks,
  "peernet task show loader": tasks,
  "peernet task log loader": tasks,
  "peernet task log loader --follow": tasks,
  'peernet task say loader "Now add tests" --follow': tasks,
  "peernet task stop loader": tasks,
  "peernet task fetch loader": tasks,
  "peernet task discard loader": tasks,
  "peernet task approve 4c1e": tasks,
  "peernet task refuse 4c1e": tasks,
  'peernet task refuse 4c1e "not today"': tasks,
  "peernet run": "the verb of the lines beside it",
  "peernet subscribe": "test/cli/messages/topics.test.ts",
  "peernet runner add claude-code": "test/cli/runners",
};
