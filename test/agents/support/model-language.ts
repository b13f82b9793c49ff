/** The common parts of the languages that clients speak to models. */

/** The reply with the tool's name in the client's form; `space` is a separate part in Codex. */
export type Spoken =
  | { readonly kind: "text"; readonly text: string }
  | {
      readonly kind: "call";
      readonly id: string;
      readonly tool: Tool;
      readonly input: Readonly<Record<string, unknown>>;
    };

/** A tool that a client offers. */
export interface Tool {
  readonly name: string;
  readonly space?: string;
  /** True for a tool of Codex that takes a text, which a reply gives as `text`. */
  readonly takesText?: true;
}

/** The content of a request to a model, in any of the languages. */
export interface Heard {
  readonly tools: readonly Tool[];
  /** The tools' results, the newest last, as JSON: all that the model would know of them. */
  readonly results: readonly string[];
}

/** One way to speak to a model. */
export interface Language {
  readonly path: RegExp;
  hear(body: unknown): Heard;
  speak(spoken: Spoken, about: { readonly body: unknown; readonly path: string }): Response;
}

/** The stream of a reply: events with names, or without. */
export function events(list: readonly (readonly [string | null, unknown])[]): Response {
  const lines = list.map(([name, data]) => {
    const head = name === null ? "" : `event: ${name}\n`;
    return `${head}data: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`;
  });
  const headers = { "content-type": "text/event-stream" };
  return new Response(lines.join(""), { headers });
}
