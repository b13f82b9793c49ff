/** Mistakes about mail that a run must find. */

import type { Plant } from "./plants.ts";

/** Every mistake about mail. */
export const mailPlants: readonly Plant[] = [
  {
    name: "a text that is in a context stays unread",
    found: /given again/,
    variant: () => ({
      tables: (real) => ({
        ...real,
        messages: {
          ...real.messages,
          put: (message) =>
            real.messages.put({
              ...message,
              unread: message.unread || message.stage === "surfaced",
            }),
        },
      }),
    }),
  },
  {
    name: "what came of a message is shown as what came before",
    found: /is shown as|went back/,
    variant: () => ({
      tables: (real) => ({
        ...real,
        messages: {
          ...real.messages,
          put: (message) =>
            real.messages.put(
              message.stage === "surfaced" ? { ...message, stage: "handed" } : message,
            ),
        },
      }),
    }),
  },
  {
    name: "a copy of a topic's message may start a turn",
    found: /may wake/,
    variant: () => ({
      tables: (real) => ({
        ...real,
        messages: {
          ...real.messages,
          add: (message) =>
            real.messages.add(message.sent_id === null ? message : { ...message, waking: "grant" }),
        },
      }),
    }),
  },
  {
    name: "the id of a topic's message is not remembered",
    found: /twice in a mailbox/,
    variant: () => ({
      tables: (real) => ({
        ...real,
        messages: { ...real.messages, putTombstone: () => {} },
      }),
    }),
  },
  {
    name: "a message is told to be durable and is not",
    found: /lost where it began/,
    variant: () => ({
      tables: (real) => ({
        ...real,
        messages: {
          ...real.messages,
          addProof: (proof) => {
            if (proof.direction === "out" && proof.stage === "queued") real.messages.remove(proof);
            else real.messages.addProof(proof);
          },
        },
      }),
    }),
  },
  {
    name: "the right to leave messages is read as if it were held",
    found: /without the right/,
    variant: () => ({
      tables: (real) => ({
        ...real,
        peers: {
          ...real.peers,
          get: (fingerprint) => {
            const row = real.peers.get(fingerprint);
            if (row === null) return null;
            const [entry] = row.grants.entries;
            if (entry === undefined) return row;
            const entries = [{ ...entry, scope: "message" as const }, ...row.grants.entries];
            return { ...row, their_scopes: ["ask", "message"], grants: { ...row.grants, entries } };
          },
        },
      }),
    }),
  },
];
