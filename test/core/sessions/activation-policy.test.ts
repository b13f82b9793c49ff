import { describe, expect, test } from "bun:test";
import {
  type Place,
  type Policy,
  refusalBy,
} from "../../../src/core/sessions/activation-policy.ts";

const policy = (more: Partial<Policy> = {}): Policy => ({
  activate: "repositories",
  folders: [],
  exclude: [],
  headless: false,
  ...more,
});
const place = (more: Partial<Place> = {}): Place => ({
  root: "/home/ada/src/hydrate",
  cwd: "/home/ada/src/hydrate/test",
  headless: false,
  ...more,
});
const homes = ["/home/ada"];
const refusal = (of: Partial<Policy>, at: Partial<Place> = {}) =>
  refusalBy(policy(of), place(at), homes);

describe("refusalBy()", () => {
  test("refusalBy() lets nobody in where nothing is said", () => {
    expect(refusal({ activate: "none", folders: ["/"], headless: true })).toBe("off");
  });

  test("refusalBy() lets in every session in a work tree, and none outside of one", () => {
    expect(refusal({})).toBeNull();
    expect(refusal({}, { root: null })).toBe("no_repository");
    expect(refusal({ activate: "folders", folders: ["/"] }, { root: null })).toBe("no_repository");
  });

  test("refusalBy() lets in a session without a person only where that is said", () => {
    expect(refusal({}, { headless: true })).toBe("headless");
    expect(refusal({ headless: true }, { headless: true })).toBeNull();
    expect(refusal({ headless: true })).toBeNull();
  });

  const named: readonly (readonly [folder: string, isNamed: boolean])[] = [
    ["/home/ada/src/hydrate", true],
    ["/home/ada/src/hydrate/", true],
    ["/home//ada/./src", true],
    ["/", true],
    ["~", true],
    ["~/", true],
    ["~/src", true],
    ["~/src/hydrate/test", true],
    ["/home/ada/src/hyd", false],
    ["/home/ada/src/hydrate2", false],
    ["/home/ada/src/hydrate/test/deep", false],
    ["/home/ada/src/Hydrate", false],
    ["~/other", false],
    ["/~/src", false],
    ["/home/bob", false],
  ];
  for (const [folder, isNamed] of named) {
    test(`refusalBy() takes ${folder} ${isNamed ? "for a folder of it" : "for another"}`, () => {
      expect(refusal({ activate: "folders", folders: [folder] })).toBe(isNamed ? null : "folder");
    });
  }

  test("refusalBy() lets in nobody where no folder is named", () => {
    expect(refusal({ activate: "folders" })).toBe("folder");
  });

  test("refusalBy() keeps out who is excluded, whatever else is said", () => {
    const said = { activate: "folders", folders: ["/"], headless: true } as const;
    for (const folder of ["~/src", "/home/ada/src/hydrate/test", "/", "/HOME/ada"]) {
      expect(refusal({ ...said, exclude: ["/opt", folder] })).toBe("folder");
    }
    expect(refusal({ ...said, exclude: ["/opt", "~/src/hydrate/test/deep"] })).toBeNull();
  });

  test("refusalBy() takes ~ for the home and for what it links to", () => {
    const linked = ["/home/ada", "/data/ada"];
    const at = place({ root: "/data/ada/src/a", cwd: "/data/ada/src/a" });
    expect(refusalBy(policy({ activate: "folders", folders: ["~/src"] }), at, linked)).toBeNull();
    expect(refusalBy(policy({ exclude: ["~/src"] }), at, linked)).toBe("folder");
    expect(refusalBy(policy({ exclude: ["~/src"] }), at, homes)).toBeNull();
  });

  test("refusalBy() keeps everyone out where nobody knows what an excluded ~ is", () => {
    const excluded = policy({ exclude: ["~/src"] });
    expect(refusalBy(excluded, place({ root: "/opt/a", cwd: "/opt/a" }), [])).toBe("folder");
    expect(refusalBy(policy({ activate: "folders", folders: ["~"] }), place(), [])).toBe("folder");
  });

  test("refusalBy() excludes a folder under each way to write its name", () => {
    const at = { root: "/src/Cafe\u0301", cwd: "/src/Cafe\u0301" };
    expect(refusal({ exclude: ["/src/caf\u00e9"] }, at)).toBe("folder");
  });
});
