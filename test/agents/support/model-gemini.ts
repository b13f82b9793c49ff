/** Gemini's generateContent. */

import { z } from "zod";
import { events, type Language, type Spoken } from "./model-language.ts";

const Part = z.looseObject({
  functionResponse: z.looseObject({ response: z.unknown() }).optional(),
});
const Body = z.looseObject({
  tools: z
    .array(
      z.looseObject({
        functionDeclarations: z.array(z.looseObject({ name: z.string() })).default([]),
      }),
    )
    .default([]),
  contents: z.array(z.looseObject({ parts: z.array(Part).default([]) })).default([]),
});

/** The language of Gemini CLI. */
export const gemini: Language = {
  path: /:(stream)?generateContent$/i,
  hear: (given) => {
    const { tools, contents } = Body.parse(given);
    const results = contents
      .flatMap(({ parts }) => parts)
      .flatMap(({ functionResponse }) =>
        functionResponse === undefined ? [] : [functionResponse],
      );
    return {
      tools: tools.flatMap(({ functionDeclarations }) => functionDeclarations),
      results: results.map(({ response }) => JSON.stringify(response)),
    };
  },
  speak: (spoken, { path }) => {
    const content = { role: "model", parts: [partOf(spoken)] };
    const usageMetadata = { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 };
    const candidates = [{ content, finishReason: "STOP", index: 0 }];
    const reply = { candidates, usageMetadata, modelVersion: "stub" };
    return /stream/i.test(path) ? events([[null, reply]]) : Response.json(reply);
  },
};

const partOf = (spoken: Spoken): object =>
  spoken.kind === "text"
    ? { text: spoken.text }
    : { functionCall: { name: spoken.tool.name, args: spoken.input } };
