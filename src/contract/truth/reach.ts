/** The evidence of what is told about messages, changed files, trust and reverse connections. */

import { subjectClaims, subjectFacts } from "./subjects.ts";

const heard = "Peer.last_seen_age_ms";

const under = (schema: string, names: string): readonly string[] =>
  names.split(" ").map((name) => `${schema}.${name}`);

/** Rows of these facts. */
export const reachFacts = {
  ...subjectFacts,
  dialled: {
    fields: [],
    from: "src/daemon/links/doctor.ts#observingHandlers",
    age: heard,
  },
  sent: {
    fields: [
      ...under("Sent", "message_id next reason stage thread_id to took_ms message"),
      ...under("NotSent", "error.code error.hint error.message to"),
    ],
    from: "src/daemon/messages/outgoing/sending.ts#leave",
    age: "of the moment: the other machine said it in this call",
  },
  way: {
    fields: ["Way.next", "Way.not_wakeable"],
    from: "src/daemon/delivery/ways.ts#waysOf",
    age: heard,
  },
  clock: { fields: [], from: "src/core/doctor.ts#aheadMs", age: heard },
  overlap: {
    fields: [
      ...under("WhoHasOutput", "sessions[].machine sessions[].handle sessions[].branch"),
      ...under("WhoHasOutput", "sessions[].paths[] sessions[].more sessions[].hidden[]"),
      ...under("WhoHasOutput", "sessions[].age_ms not_compared[].machine not_compared[].why"),
      ...under("WhoHasOutput", "not_compared[].last_seen_age_ms"),
      ...under("RemoteHandle", "overlaps[].name overlaps[].files"),
    ],
    from: "src/daemon/overlap/outgoing.ts#matches",
    age: "WhoHasOutput.sessions[].age_ms",
  },
  trusted: {
    fields: [
      ...under("TrustOutput.machines[]", "fingerprint name state"),
      ...under("UntrustOutput", "fingerprint name"),
      ...under("Expected", "fingerprint name address scopes[] mine expires_in_ms"),
    ],
    from: "src/daemon/trust/handlers.ts#expectedNow",
    age: "Expected.expires_in_ms",
  },
  "link over reverse connections": {
    fields: under("StandingPeer", "name link last_seen_age_ms standing[] fix"),
    from: "src/core/peers/link.ts#linkOf",
    age: heard,
  },
} as const;

/** Sentences, by their fact. */
export const reachClaims = {
  ...subjectClaims,
  stage: [
    "lost there: that machine was restored",
    "held for the person at …",
    "its session was told",
    "its session has the text",
    "refused by …",
    "refused by …: …",
    "refused by …: no subscriber is there",
    "the sessions answered each other too often without a person",
    "its person refused it",
    "it has no such handle that this machine may write to",
    "this machine may not leave messages there",
    "it did not arrive in time",
    "that machine was restored from an older state",
    "it does not say why",
    "its session is idle and will be woken",
    "its session works, and is told in this turn",
    "its session is told at its next prompt",
    "its session is told with other mail",
    "a shell, which nothing tells: read there with peernet inbox",
    "its agent is told when it calls read_messages",
    "… has not answered yet",
    "queued: …; it is sent when it is back (7 days)",
    "…: the last stage known is …, …",
    "refused: … is told",
  ],
  way: [
    "… hides it",
    "its program cannot be woken",
    "its machine does not let it be woken",
    "told at its next prompt",
    "read when its agent asks",
  ],
  message: [
    "Its text was removed.",
    "(its text was removed)",
    "… held…",
    "the two sessions have answered each other too often without a person",
  ],
  sent: ["It reaches …. Send it? [y/N]", "it would reach machines that are not marked as yours: …"],
  watches: ["A person at … watched this machine's sessions"],
  overlap: [
    "peernet: another live session, on …, has changed …",
    "a paired machine",
    "it does not let this machine compare files",
    "… and … have both changed …",
    "it is not reached now",
    "it has not answered yet",
    "it has more sessions than it could tell",
    "no other live session has changed …",
    "… compared changed files of a repository here",
  ],
  trusted: [
    "trusted … (…), which may … once it has met this machine",
    "may … once it met this machine",
    "… is paired already. Set its rights, let it meet again? [y/N]",
    "nothing changed: … is paired as before",
    "… already paired",
    "… is no longer expected",
    "… was trusted here by its fingerprint",
    "until it meets this machine",
    "it is no longer expected",
    "… is expected, not met yet: it was trusted … …",
    "… is expected, not met yet: peernet peers",
    "no machine of that fingerprint is expected",
    "… is paired already, and no longer only expected",
  ],
  "link over reverse connections": [
    "… reaches this machine; asks go back over its connections",
    "… cannot reach this machine; its asks come over connections from here",
    "it reaches this machine; asks go back over its connections",
    "it cannot reach this machine; its asks come over connections from here",
  ],
} as const;

/** Outputs about this machine's own mailbox. */
export const mailOutputs: readonly string[] = [
  "SubscribeOutput",
  "Subscription",
  "MailStanding",
  "TakeOutput",
  "read_messages",
  "metrics",
];

/** Texts about this machine, or about a typed word. */
export const reachTexts: readonly string[] = [
  "wait until it is answered, or until a stage such as stored or surfaced",
  "the message that it answers",
  "other users here can read a command's words while it runs; to keep them out: …",
  "… is a machine of your own: its messages are never held",
  "messages of … wait for a person: peernet inbox",
  "send it to every live session of every machine",
  "it was sent; --wait waits for one message alone",
  "there is no text",
  "name its files: peernet who-has $(git ls-files FOLDER)",
  "there are too many lines",
  "it does not begin with a fingerprint: sha256: and 43 characters",
  "its second word is no name, nor -",
  "what the machine is called here",
  "its address; without it, it is looked for by its fingerprint",
  "what it may do here: scopes separated by commas, mine, or none; ask unless given",
  "with - each line names its machine, and no flag does",
  "this machine has no gdbus, busctl or osascript",
  "no desktop took it",
  "it did not answer",
  "nothing waits to wake it before its next prompt",
  "…: its changed files are not compared: …",
  "no session here is live in this repository",
  "the clone is shallow, so its first commit is unknown",
  "the history is grafted, so its first commit is unknown",
  "the clone is partial, so its first commit may be elsewhere",
  "overlap names its repositories, unless the machine is your own",
  "… is this machine's own fingerprint",
  "No conversation yet. A message is kept on both machines until its session has " +
    "read it; here each stage appears once it is proven.",
  "leave --for out: it has no end then",
  "Machines that are trusted and have not met this one.",
  "1 while the link to a peer is up.",
  "Entries that wait for a peer; stuck ones are set aside.",
];
