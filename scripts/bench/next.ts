/**
 * The reason why a goal is missed, as far as profiles showed, and the next thing to try. By row.
 */

/** Of the rows about steadiness. */
export const nextSteady: Readonly<Record<string, string>> = {
  R7:
    "53 MB are the executable's file, 20 a daemon's own, 18 the clients of a thousand peers, 40 " +
    "their connections, of which 24 KB each is the runtime's; next: keep 256 of these, which was " +
    "118 MB and, with a handshake for each hello of the others, 11 % of the processor",
};

/** Of the rows about speed. */
export const next: Readonly<Record<string, string>> = {
  P1:
    "reading the peer and its token, the record's chain and the row that makes a repeat safe are " +
    "0.1 ms over the echo; next: one read transaction for what is read before the decision",
  P1t:
    "the journal is moved into the database every 1,000 pages, some 5 ms for one ask in 160; " +
    "moved less often, or in the sweep when nobody asks, the tail was no shorter",
  P2:
    "NATS neither encrypts nor records: one durable commit and one TLS round trip alone are more " +
    "than its whole request; next: nothing that keeps the record before the answer",
  P2w: "two daemons, two durable records and five processes' wakes; see P2",
  P3:
    "of 4 ms after a pause the two commits are 1.4 (one alone takes 0.5 here, warm 0.2), the way " +
    "to another process and back 1.3, the code of both daemons, then cold, 1.3; next: a kept " +
    "socket in place of fetch, which alone would save 0.3",
  P4: "see P4c",
  P4k: "the runtime's own start is two thirds of it; see P4c",
  P4c:
    "the runtime's own start is 6 ms, the ask of a peer after a pause 3 to 5 ms; next: what P3 " +
    "says, then the runtime's own start",
  P5: "the ask itself: a durable commit on each machine alone takes longer than an echo; see P3",
  P5a: "the ask itself is most of it (P5b): what P3 says",
  P10:
    "36 MB are the runtime's own code, shared and reclaimable; of its own, schemas of both " +
    "tables are 5, and what a peer and a handle bring 7; pairing and multicast loaded only " +
    "when used would save 1.5; next: lighter schemas",
  P10c:
    "a daemon without a peer takes 0.05 %; a hello in each direction and a beat every 30 s, each " +
    "with a sweep soon after, are the rest, in code that is cold by then; next: no hello to who " +
    "was heard of in its own",
  P11:
    "bytecode is two thirds of what is added and halves every start; " +
    "next: leave Elysia's file-type and typebox and the MCP SDK's ajv out of the bundle",
  P13a: "see P1",
  P14: "see P11: half of it is loading modules",
};
