/** OpenAI's Responses and Chat Completions. */

import { z } from "zod";
import { events, type Language, type Spoken, type Tool } from "./model-language.ts";

const Named = z.looseObject({ type: z.string().optional(), name: z.string().optional() });
const Tools = z
  .array(
    z.looseObject({
      type: z.string(),
      name: z.string().optional(),
      tools: z.array(Named).default([]),
    }),
  )
  .default([]);
const ResponsesBody = z.looseObject({
  model: z.string(),
  stream: z.boolean().default(false),
  tools: Tools,
  input: z.union([
    z.string(),
    z.array(
      z.looseObject({
        type: z.string().optional(),
        output: z.unknown().optional(),
        tools: Tools,
      }),
    ),
  ]),
});

/** The language of Codex. */
export const responses: Language = {
  path: /\/responses$/,
  hear: (given) => {
    const { tools, input } = ResponsesBody.parse(given);
    const items = typeof input === "string" ? [] : input;
    const results = items.filter(({ type }) => type?.endsWith("_output"));
    // A title is asked for on the side, with a tool for the search.
    const isTitle = /thread_source\W+thread_title/.test(JSON.stringify(given));
    return {
      // Some models are offered tools in the conversation.
      tools: (isTitle ? [] : [...tools, ...items.flatMap((item) => item.tools)]).flatMap((tool) =>
        tool.type === "namespace"
          ? named(tool.tools).map((each) => ({ ...each, space: tool.name ?? "" }))
          : named([tool]),
      ),
      results: results.map(({ output }) => JSON.stringify(output)),
    };
  },
  speak: (spoken, { body }) => {
    const { model, stream } = ResponsesBody.parse(body);
    const item = itemOf(spoken);
    const usage = {
      input_tokens: 1,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: 1,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: 2,
    };
    const response = { id: "resp_1", object: "response", created_at: 1, model, usage };
    const completed = { ...response, status: "completed", output: [item] };
    if (!stream) return Response.json(completed);
    const list = [
      { type: "response.created", response: { ...response, status: "in_progress", output: [] } },
      { type: "response.output_item.added", output_index: 0, item },
      { type: "response.output_item.done", output_index: 0, item },
      { type: "response.completed", response: completed },
    ];
    return events(list.map((each, index) => [each.type, { ...each, sequence_number: index }]));
  },
};

const named = (tools: readonly z.infer<typeof Named>[]): readonly Tool[] =>
  tools.flatMap(({ type, name }) =>
    name === undefined
      ? []
      : [{ name, ...(type === "custom" ? { takesText: true as const } : {}) }],
  );

function itemOf(spoken: Spoken): object {
  if (spoken.kind === "text") {
    const content = [{ type: "output_text", text: spoken.text, annotations: [] }];
    return { type: "message", id: "msg_1", role: "assistant", status: "completed", content };
  }
  const { id, tool, input } = spoken;
  const space = tool.space === undefined ? {} : { namespace: tool.space };
  const call = { type: "function_call", id: `fc_${id}`, call_id: id, name: tool.name, ...space };
  if (tool.takesText === true) {
    const custom = { type: "custom_tool_call", id: `ctc_${id}`, input: input.text };
    return { ...call, ...custom, status: "completed" };
  }
  return { ...call, arguments: JSON.stringify(input), status: "completed" };
}

const ChatBody = z.looseObject({
  model: z.string(),
  stream: z.boolean().default(false),
  tools: z.array(z.looseObject({ function: z.looseObject({ name: z.string() }) })).default([]),
  messages: z.array(z.looseObject({ role: z.string(), content: z.unknown() })),
});

/** The language of opencode, Copilot and Qwen Code. */
export const chat: Language = {
  path: /\/chat\/completions$/,
  hear: (given) => {
    const { tools, messages } = ChatBody.parse(given);
    const results = messages.filter(({ role }) => role === "tool");
    return {
      tools: tools.map((tool) => ({ name: tool.function.name })),
      results: results.map(({ content }) => JSON.stringify(content)),
    };
  },
  speak: (spoken, { body }) => {
    const { model, stream } = ChatBody.parse(body);
    const reason = spoken.kind === "call" ? "tool_calls" : "stop";
    const message = { role: "assistant", ...choiceOf(spoken) };
    const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
    const about = { id: "cc_1", created: 1, model };
    if (!stream) {
      const choices = [{ index: 0, message, finish_reason: reason }];
      return Response.json({ ...about, object: "chat.completion", choices, usage });
    }
    const chunk = (delta: object, finish_reason: string | null) => {
      const choices = [{ index: 0, delta, finish_reason }];
      return { ...about, object: "chat.completion.chunk", choices };
    };
    const last = { ...chunk({}, reason), usage };
    return events([
      [null, chunk(message, null)],
      [null, last],
      [null, "[DONE]"],
    ]);
  },
};

function choiceOf(spoken: Spoken): object {
  if (spoken.kind === "text") return { content: spoken.text };
  const { id, tool, input } = spoken;
  const called = { name: tool.name, arguments: JSON.stringify(input) };
  return { content: null, tool_calls: [{ index: 0, id, type: "function", function: called }] };
}
