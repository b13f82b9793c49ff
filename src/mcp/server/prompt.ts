/** The prompt's text for the model. Sends no ask itself. */

import { tools } from "../../contract/mcp.ts";
import { checked } from "../input.ts";

/** The text for a handle and a question. @throws {bad_request} */
export function askWords(given: unknown): string {
  const { handle, question } = checked(tools.ask_peer, given);
  const why = question === undefined ? "" : ` and the question ${JSON.stringify(question)}`;
  return (
    `Call ask_peer with the handle ${handle}${why}. Then say in a few sentences what that ` +
    "session is working on, how old each fact is, and whether it bears on what we do here."
  );
}
