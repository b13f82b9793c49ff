/**
 * The reason why a goal is missed, as far as profiles showed, and the next thing to try. By row.
 */

/** Of the rows about steadiness. */
export const nextSteady: Readonly<Record<string, string>> = {
  R7:
    "53 MB are the executable's file, 20 a daemon's own, 18 the clients of a thousand peers, 40 " +
    "their connections, each with 24 KB of the runtime's; next: keep 256 connections, which took " +
    "118 MB and, with a handshake for each hello of the others, 11 % of the processor",
};

/** Of the rows about speed. */
export const next: Readonly<Record<string, string>> = {
  P16:
    "a message waits for three commits one after another, here, there and here again, where an " +
    "ask waits for one; next: send the first of a peer while its own commit is under way",
  P18:
    "each message of a thread waits until the reply to the one before is committed here; next: " +
    "send the next as the reply comes, and note several replies in one commit",
  P18p: "see P18: a thread has one message under way",
  P1:
    "reads of the peer, its token, the record's chain and the row for repeats take 0.1 ms more " +
    "than the echo; next: one read transaction before the decision",
  P1t:
    "SQLite moves the journal into the database every 1,000 pages, which costs one ask in 160 " +
    "some 5 ms; rarer moves, or moves in an idle sweep, did not shorten the tail",
  P2:
    "NATS neither encrypts nor records: one durable commit and one TLS round trip alone take " +
    "longer than its request; next: no idea that keeps the record before the answer",
  P2w:
    "on the answering machine the decision, its reads and the reply take 1 ms cold, on the " +
    "asking one parsing, schemas and the fetch of the command 1 ms; next: generated validators " +
    "for the three shapes of an ask",
  P3: "see P2w: the path itself is taken off",
  P4: "see P4c",
  P4k: "see P4c",
  P4c:
    "a program that does nothing takes 4 ms of it, the command's own modules 3, the two daemons " +
    "after a pause 3 to 5; next: the step in P2w",
  P15:
    "an empty program is the comparator: reading the event, /proc and the folder takes 2 ms, the " +
    "call of the daemon 1.5; next: the daemon reads the folder",
  P5a: "the ask itself takes most of the time (P5b): see P3",
  P10:
    "the schemas of both tables take 4 MB, TLS, Elysia and SQLite 6, the module graph 3; next: " +
    "the small form of the schema library in the contract",
  P10r: "36 MB are the runtime's code, shared and reclaimable; see P10",
  P10c:
    "a daemon without a peer takes 0.05 %; the rest is a hello in each direction and a beat " +
    "every 30 s, each with a sweep soon after, in code that is cold by then; next: no hello to a " +
    "peer whose own hello has just arrived",
  P11:
    "bytecode is two thirds of the addition and halves every start; " +
    "next: leave Elysia's file-type and typebox and the MCP SDK's ajv out of the bundle",
  P13a: "see P1",
  P14: "see P11: half of it is loading modules",
};
