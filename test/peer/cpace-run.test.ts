import { describe, expect, test } from "bun:test";
import { settle } from "../../src/contract/errors.ts";
import { lv } from "../../src/contract/text/encoding.ts";
import {
  beginInitiator,
  documentOf,
  generator,
  identifiersOf,
  type RunInput,
  respond,
  scalarFrom,
  sessionKey,
  share,
  sharedSecret,
  tagsOf,
} from "../../src/peer/cpace.ts";
import vectors from "../vectors/cpace-ristretto255.json";
import { refusalOf, seededBytes } from "./memory.ts";

const seed = `cpace ${crypto.randomUUID()}`;
console.log(`seed: ${seed}`);
const bytes = seededBytes(seed);

const fingerprints = {
  initiator: `sha256:${"i".repeat(43)}`,
  responder: `sha256:${"r".repeat(43)}`,
};

/** One side's input; the connection's exporter is the same for both unless said otherwise. */
const input = (changes: Partial<RunInput> = {}): RunInput => ({
  ...{ code: "027674", fingerprints, sid: new Uint8Array(32).fill(7), protocols: [1] },
  random64: bytes(64),
  ...changes,
});

/** An honest run of both sides. */
function run(ours: RunInput, theirs: RunInput) {
  const initiator = settle(beginInitiator(ours));
  const responder = settle(respond(theirs, initiator.share, initiator.document));
  const finished = settle(initiator.finish(responder.share, responder.document));
  return { initiator, responder, finished };
}

/** True when each side would accept the other's tag. */
function accepts({ responder, finished }: ReturnType<typeof run>): readonly [boolean, boolean] {
  return [responder.accepts(finished.tag), finished.accepts(responder.tag)];
}

describe("a run", () => {
  test("both sides accept in 200 runs of random codes, exporters and scalars", () => {
    for (let count = 0; count < 200; count++) {
      const code = String(new DataView(bytes(4).buffer).getUint32(0) % 1_000_000).padStart(6, "0");
      const both = { code, sid: bytes(32) };
      const pair = run(input(both), input(both));
      expect(accepts(pair)).toEqual([true, true]);
      expect(pair.finished.protocol).toBe(1);
      expect(pair.initiator.share.length).toBe(32);
      expect(pair.finished.tag.length).toBe(64);
    }
  });

  test("neither side accepts when the codes differ in one digit", () => {
    expect(accepts(run(input(), input({ code: "027675" })))).toEqual([false, false]);
    expect(accepts(run(input(), input({ code: "27674" })))).toEqual([false, false]);
  });

  test("neither side accepts when a relay stands between two connections", () => {
    expect(accepts(run(input(), input({ sid: bytes(32) })))).toEqual([false, false]);
  });

  test("neither side accepts when either sees another certificate", () => {
    const stranger = `sha256:${"s".repeat(43)}`;
    const seen = (changes: object) => ({ fingerprints: { ...fingerprints, ...changes } });
    const initiator = { initiator: stranger };
    const responder = { responder: stranger };
    expect(accepts(run(input(), input(seen(initiator))))).toEqual([false, false]);
    expect(accepts(run(input(seen(responder)), input()))).toEqual([false, false]);
    const swapped = { initiator: fingerprints.responder, responder: fingerprints.initiator };
    expect(accepts(run(input(), input(seen(swapped))))).toEqual([false, false]);
  });

  test("neither side accepts when a document was changed on the way", () => {
    const initiator = settle(beginInitiator(input({ protocols: [1, 2] })));
    const downgraded = documentOf("initiator", [1]);
    const theirs = input({ protocols: [1, 2] });
    const responder = settle(respond(theirs, initiator.share, downgraded));
    const finished = settle(initiator.finish(responder.share, responder.document));
    expect([responder.protocol, finished.protocol]).toEqual([1, 2]);
    expect(accepts({ initiator, responder, finished })).toEqual([false, false]);
  });

  test("neither side accepts when a share was replaced on the way", () => {
    const initiator = settle(beginInitiator(input()));
    const attacker = settle(beginInitiator(input({ code: "000000" })));
    const responder = settle(respond(input(), attacker.share, initiator.document));
    const finished = settle(initiator.finish(responder.share, responder.document));
    expect(accepts({ initiator, responder, finished })).toEqual([false, false]);
  });

  test("what a run sends follows from code, fingerprints, exporter and scalar as published", () => {
    const [ours, theirs] = [input(), input()];
    const { initiator, responder, finished } = run(ours, theirs);
    const base = generator(lv("peernet-pair-v1", ours.code), identifiersOf(fingerprints), ours.sid);
    const transcript = {
      initiatorShare: share(base, scalarFrom(ours.random64)),
      initiatorDocument: lv("initiator", "1"),
      responderShare: share(base, scalarFrom(theirs.random64)),
      responderDocument: lv("responder", "1"),
    };
    expect(initiator.share).toEqual(transcript.initiatorShare);
    expect(initiator.document).toEqual(transcript.initiatorDocument);
    expect(responder.share).toEqual(transcript.responderShare);
    expect(responder.document).toEqual(transcript.responderDocument);
    const secret = sharedSecret(scalarFrom(ours.random64), transcript.responderShare);
    const exchange = { ...transcript, sid: ours.sid };
    const key = sessionKey({ ...exchange, secret: secret ?? new Uint8Array(0) });
    const tags = tagsOf({ ...exchange, sessionKey: key });
    expect([finished.tag, responder.tag]).toEqual([tags.initiator, tags.responder]);
  });

  test("a run is fixed by its input, so that it can be repeated", () => {
    const [ours, theirs] = [input(), input()];
    const [one, other] = [run(ours, theirs), run(ours, theirs)];
    expect(one.finished.tag).toEqual(other.finished.tag);
    expect(one.finished.accepts(other.responder.tag)).toBe(true);
  });
});

describe("an echo", () => {
  const echo = {
    code: "bad_request" as const,
    message: "the other end sent this machine's own share back",
    hint: "compare the fingerprints, then pair again",
  };

  test("finish() refuses this side's own share, with its own document or the right one", () => {
    const initiator = settle(beginInitiator(input()));
    const finish = (document: Uint8Array) =>
      refusalOf(() => settle(initiator.finish(initiator.share, document)));
    expect(finish(initiator.document)).toEqual(echo);
    expect(finish(documentOf("responder", [1]))).toEqual(echo);
  });

  test("finish() refuses this side's own document with another share", () => {
    const initiator = settle(beginInitiator(input()));
    const responder = settle(respond(input(), initiator.share, initiator.document));
    const finish = () => settle(initiator.finish(responder.share, initiator.document));
    expect(refusalOf(finish)?.message).toBe("the pairing document is not valid");
  });

  test("respond() refuses the share that it would send itself", () => {
    const random64 = bytes(64);
    const initiator = settle(beginInitiator(input({ random64 })));
    const answer = () => settle(respond(input({ random64 }), initiator.share, initiator.document));
    expect(refusalOf(answer)).toEqual(echo);
  });

  test("no side's own tag is the one it waits for, also with equal share and document", () => {
    const { responder, finished } = run(input(), input());
    expect(finished.accepts(finished.tag)).toBe(false);
    expect(responder.accepts(responder.tag)).toBe(false);
    const same = bytes(32);
    const tags = tagsOf({
      ...{ initiatorShare: same, initiatorDocument: same },
      ...{ responderShare: same, responderDocument: same },
      ...{ sid: bytes(32), sessionKey: bytes(64) },
    });
    expect(tags.initiator).not.toEqual(tags.responder);
  });
});

describe("what is refused before a tag exists", () => {
  const update = "update peernet on both machines";

  test("a machine does not pair with itself", () => {
    const itself = { initiator: fingerprints.initiator, responder: fingerprints.initiator };
    const initiator = settle(beginInitiator(input()));
    const refused = {
      code: "bad_request" as const,
      message: "a machine cannot pair with itself",
      hint: "run peernet pair --open on the other machine",
    };
    const begin = () => settle(beginInitiator(input({ fingerprints: itself })));
    expect(refusalOf(begin)).toEqual(refused);
    const answer = () =>
      settle(respond(input({ fingerprints: itself }), initiator.share, initiator.document));
    expect(refusalOf(answer)).toEqual(refused);
  });

  test.each([
    ["the neutral element", new Uint8Array(32)],
    ["no element", Uint8Array.fromHex(vectors.points["Invalid Y1"])],
    ["a short one", new Uint8Array(31)],
    ["none", new Uint8Array(0)],
  ])("a share that is %s is refused by both sides", (_, bad) => {
    const refused = {
      code: "bad_request" as const,
      message: "the share is not valid",
      hint: update,
    };
    const initiator = settle(beginInitiator(input()));
    const responderDocument = documentOf("responder", [1]);
    const answer = () => settle(respond(input(), bad, initiator.document));
    expect(refusalOf(answer)).toEqual(refused);
    expect(refusalOf(() => settle(initiator.finish(bad, responderDocument)))).toEqual(refused);
  });

  test("no common version is refused by both sides", () => {
    const initiator = settle(beginInitiator(input({ protocols: [2, 3] })));
    const answer = () => settle(respond(input(), initiator.share, initiator.document));
    expect(refusalOf(answer)?.code).toBe("version_unsupported");
    const other = settle(beginInitiator(input())).share;
    const finish = () => settle(initiator.finish(other, documentOf("responder", [1, 4])));
    expect(refusalOf(finish)?.code).toBe("version_unsupported");
  });

  test("the highest common version is chosen, on both sides the same", () => {
    const pair = run(input({ protocols: [1, 2, 4, 9] }), input({ protocols: [2, 3, 4, 10] }));
    expect([pair.finished.protocol, pair.responder.protocol]).toEqual([4, 4]);
    expect(accepts(pair)).toEqual([true, true]);
  });

  test.each([0, 31, 33])("a run is not begun with an exporter of %i bytes", (length) => {
    const begin = () => beginInitiator(input({ sid: new Uint8Array(length) }));
    expect(refusalOf(begin)?.code).toBe("internal");
  });
});
