import { expect, test } from "bun:test";
import { PeernetError } from "../../../src/contract/errors.ts";
import {
  namesPort,
  proposed,
  type Settings,
  sessionsOf,
  withExcluded,
  withSettings,
} from "../../../src/setup/plan/settings.ts";

const settings: Settings = {
  name: "mini",
  listen: ["tailnet"],
  port: null,
  activate: "repositories",
  folders: [],
};

test("proposed() is what is said, and setup's own defaults where nothing is", () => {
  expect(proposed(null, "tailnet")).toMatchObject({
    listen: ["tailnet"],
    activate: "repositories",
  });
  expect(proposed(null, "127.0.0.1")).toMatchObject({ listen: ["127.0.0.1"] });
  const said =
    '[machine]\nname = "a"\n[listen]\naddresses = ["lan"]\n[sessions]\nactivate = "none"\n';
  expect(proposed(said, "tailnet")).toEqual({
    name: "a",
    listen: ["lan"],
    port: null,
    activate: "none",
    folders: [],
  });
});

test("withSettings() changes what differs and no other byte", () => {
  const text =
    '# mine\n[listen]\nport = 0 # any\naddresses = ["lan"] # all\n\n[machine]\nname = "mini"\n' +
    '[sessions]\nactivate = "repositories"\nfolders = ["/kept"]\n';
  expect(withSettings(text, settings)).toBe(text.replace('["lan"]', '["tailnet"]'));
  expect(withSettings(text, { ...settings, listen: ["lan"] })).toBe(text);
  const some = { ...settings, activate: "folders", folders: ["~/src"] } as const;
  expect(withSettings(text, { ...some, listen: ["lan"] })).toBe(
    text.replace('"repositories"', '"folders"').replace("/kept", "~/src"),
  );
});

test("withSettings() writes a port that was chosen, and keeps the one there is", () => {
  const text = '[listen]\naddresses = ["lan"] # all\n';
  const after = withSettings(text, { ...settings, listen: ["lan"], port: 7338 });
  expect(after).toContain('[listen]\naddresses = ["lan"] # all\nport = 7338\n');
  expect(namesPort(after)).toBe(true);
  expect(namesPort(text)).toBe(false);
  expect(withSettings(after, { ...settings, listen: ["lan"] })).toBe(after);
});

test("withSettings() refuses answers that are no settings", () => {
  for (const [changed, why] of [
    [{ name: "Mini" }, "machine.name"],
    [{ listen: ["0.0.0.0/0"] }, "listen.addresses.0"],
    [{ activate: "folders", folders: ["src"] }, "sessions.folders.0"],
  ] as const) {
    expect(() => withSettings(null, { ...settings, ...changed })).toThrow(why);
  }
});

test("withExcluded() adds a folder once", () => {
  const once = withExcluded('[sessions]\nexclude = ["/a"] # not there\n', "/b c");
  expect(once).toBe('[sessions]\nexclude = ["/a", "/b c"] # not there\n');
  expect(withExcluded(once, "/b c")).toBe(once);
  expect(withExcluded(null, "/a")).toBe('[sessions]\nexclude = ["/a"]\n');
});

test("sessionsOf() takes the words and folders, and nothing else", () => {
  expect(sessionsOf("repositories")).toEqual({ activate: "repositories", folders: [] });
  expect(sessionsOf("none")).toEqual({ activate: "none", folders: [] });
  expect(sessionsOf("~/src,/work")).toEqual({ activate: "folders", folders: ["~/src", "/work"] });
  for (const word of ["all", "", ",", "src", "~me/src"]) {
    expect(() => sessionsOf(word)).toThrow(
      new PeernetError("bad_request", {
        message: "--sessions takes repositories, none, or absolute folders",
      }),
    );
  }
});
