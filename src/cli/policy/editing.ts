/** Lets a person edit a text in the editor of their environment. */

import { PeernetError } from "../../contract/errors.ts";
import { editText } from "../../platform/terminal/editor.ts";
import type { Io } from "../terminal/io.ts";

/** The text after the editor has ended. @throws {not_a_person} {bad_request} */
export async function edited({ home, environment, terminal, pid }: Io, text: string) {
  const { stdin, stdout } = terminal();
  if (!stdin || !stdout) {
    throw new PeernetError("not_a_person", {
      message: "an editor needs a terminal",
      hint: "type it in a terminal of your own",
    });
  }
  const editor = environment.VISUAL ?? environment.EDITOR ?? "vi";
  const path = `${home}/policy.toml.${pid}.edit`;
  const changed = await editText(text, { editor, path, environment });
  if (changed !== null) return changed;
  throw new PeernetError("bad_request", {
    message: `the editor ended with a failure: ${editor}`,
    hint: "set EDITOR to an editor of this machine",
  });
}
