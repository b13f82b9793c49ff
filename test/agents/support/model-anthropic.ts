/** Anthropic's Messages. */

import { z } from "zod";
import { events, type Language, type Spoken } from "./model-language.ts";

const Content = z.union([
  z.string(),
  z.array(z.looseObject({ type: z.string(), content: z.unknown().optional() })),
]);
const Body = z.looseObject({
  model: z.string(),
  stream: z.boolean().default(false),
  tools: z.array(z.looseObject({ name: z.string() })).default([]),
  messages: z.array(z.looseObject({ role: z.string(), content: Content })),
});

/** The language of Claude Code. */
export const anthropic: Language = {
  path: /\/v1\/messages$/,
  hear: (given) => {
    const { tools, messages } = Body.parse(given);
    const blocks = messages.flatMap(({ content }) => (Array.isArray(content) ? content : []));
    const results = blocks.filter(({ type }) => type === "tool_result");
    return {
      tools: tools.map(({ name }) => ({ name })),
      results: results.map(({ content }) => JSON.stringify(content)),
    };
  },
  speak: (spoken, { body }) => {
    const { model, stream } = Body.parse(body);
    const reason = spoken.kind === "call" ? "tool_use" : "end_turn";
    const usage = { input_tokens: 1, output_tokens: 1 };
    // Claude Code takes messages of one id for parts of one message.
    const id = `msg_${crypto.randomUUID()}`;
    const message = { id, type: "message", role: "assistant", model, usage };
    const [empty, delta, whole] = blockOf(spoken);
    if (!stream) return Response.json({ ...message, content: [whole], stop_reason: reason });
    const list = [
      { type: "message_start", message: { ...message, content: [], stop_reason: null } },
      { type: "content_block_start", index: 0, content_block: empty },
      { type: "content_block_delta", index: 0, delta },
      { type: "content_block_stop", index: 0 },
      { type: "message_delta", delta: { stop_reason: reason, stop_sequence: null }, usage },
      { type: "message_stop" },
    ];
    return events(list.map((each) => [each.type, each]));
  },
};

/** A block's beginning, its addition, and the complete block. */
function blockOf(spoken: Spoken): readonly [object, object, object] {
  if (spoken.kind === "text") {
    const { text } = spoken;
    return [
      { type: "text", text: "" },
      { type: "text_delta", text },
      { type: "text", text },
    ];
  }
  const { id, tool, input } = spoken;
  const use = { type: "tool_use", id, name: tool.name };
  const json = JSON.stringify(input);
  return [
    { ...use, input: {} },
    { type: "input_json_delta", partial_json: json },
    { ...use, input },
  ];
}
