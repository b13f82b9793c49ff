/** The server's other offers: one resource and one prompt, as a client lists them. */

/** The one resource: the list of peers, in the tool's own text. */
export const peersResource = {
  uri: "peernet://peers",
  name: "peers",
  title: "Paired machines",
  description: "The paired machines and the handles live on them.",
  mimeType: "text/plain",
} as const;

/** The one prompt: a user asks through the model. */
export const askPrompt = {
  name: "ask",
  title: "Ask a session on a paired machine",
  description: "Asks what a live session on a paired machine is working on.",
  arguments: [
    { name: "handle", description: "a live handle: mini/hydrate", required: true },
    { name: "question", description: "why you ask; put on record, read by no model" },
  ],
};
