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
  P1:
    "reads of the peer, its token, the record's chain and the row for repeats take 0.1 ms more " +
    "than the echo; next: one read transaction before the decision",
  P1t:
    "SQLite moves the journal into the database every 1,000 pages, which costs one ask in 160 " +
    "some 5 ms; rarer moves, or moves in an idle sweep, did not shorten the tail",
  P2:
    "NATS neither encrypts nor records: one durable commit and one TLS round trip alone take " +
    "longer than its request; next: no idea that keeps the record before the answer",
  P2w: "two daemons, two durable records and the wakes of five processes; see P2",
  P3:
    "of 4 ms after a pause the two commits take 1.4 (one alone takes 0.5 here, warm 0.2), the " +
    "switch to another process and back 1.3, the cold code of both daemons 1.3; next: a kept " +
    "socket instead of fetch, which alone would save 0.3",
  P4: "see P4c",
  P4k: "the runtime's start is two thirds of the time; see P4c",
  P4c:
    "the runtime's start takes 6 ms, a peer's answer after a pause 3 to 5 ms; next: the step in " +
    "P3, then the runtime's start",
  P5: "the ask itself: a durable commit on each machine alone takes longer than an echo; see P3",
  P5a: "the ask itself takes most of the time (P5b): see P3",
  P10:
    "36 MB are the runtime's code, shared and reclaimable; the schemas of both tables take 5, a " +
    "peer and a handle 7; loading pairing and multicast on demand would save 1.5; next: " +
    "lighter schemas",
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
