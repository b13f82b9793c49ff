/** A process that writes by `outputs`: texts given as JSON, then its state on stderr. */

import { outputs } from "../../../src/platform/terminal/outputs.ts";

const [texts = "[]", pauses = ""] = process.argv.slice(2);
const { write, flushed } = outputs(() => process.exit(7));
for (const [descriptor, character, length] of JSON.parse(texts) as [1 | 2, string, number][]) {
  write(descriptor, `${character.repeat(length)}\n`);
  if (pauses === "pauses") await flushed();
}
if (pauses === "empty") for (const descriptor of [1, 2] as const) write(descriptor, "");
try {
  await flushed();
} catch (error) {
  const { code } = error as { readonly code: string };
  await Bun.write(Bun.stderr, `failed: ${code}\n`);
  process.exit(9);
}
process.exit(0);
