/** Names of a policy, and the keys that they count for. */

import { describe, expect, test } from "bun:test";
import { PolicyDocument } from "../../../src/contract/policy/document.ts";
import {
  bindingOf,
  looseNames,
  namesFor,
  peerNames,
  rulesNaming,
} from "../../../src/core/policy/binding.ts";

const document = PolicyDocument.parse({
  version: 1,
  repositories: { hydrate: { path: "/h" } },
  allow: {
    read: [{ name: "a", peer: ["laptop", "gone"], repository: ["hydrate"], ref: ["main"] }],
    outbound: [{ name: "b", peer: ["*", "mini"] }],
  },
  refuse: [{ name: "c", peer: ["laptop"] }],
});
const laptop = { name: "laptop", fingerprint: "sha256:one" };
const mini = { name: "mini", fingerprint: "sha256:two" };

describe("bindingOf()", () => {
  test("binds each name to the key that bears it, and leaves a name of nobody free", () => {
    expect(peerNames(document)).toEqual(["gone", "laptop", "mini"]);
    const binding = bindingOf(document, [laptop, mini]);
    expect(binding).toEqual({ laptop: "sha256:one", mini: "sha256:two" });
    expect(namesFor(binding, "sha256:one")).toEqual(["laptop"]);
    expect(namesFor(binding, "sha256:three")).toEqual([]);
  });
});

describe("looseNames()", () => {
  test("tells a name of nobody, of another key, and of a machine that was not checked", () => {
    const other = { name: "laptop", fingerprint: "sha256:another" };
    const binding = bindingOf(document, [laptop]);
    expect(looseNames(document, binding, [other, mini])).toEqual([
      { name: "gone", why: "nobody" },
      { name: "laptop", why: "other" },
      { name: "mini", why: "new" },
    ]);
  });
});

describe("rulesNaming()", () => {
  test("names every rule that names a machine", () => {
    expect(rulesNaming(document, "laptop")).toEqual(["a", "c"]);
    expect(rulesNaming(document, "other")).toEqual([]);
  });
});
