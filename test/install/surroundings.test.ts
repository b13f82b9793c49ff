/** The installer amid settings of the user, of the shell, and of other users. */

import { describe, expect } from "bun:test";
import { chownSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hasProgram, skipUnless } from "../support/skip.ts";
import { basic, pathOf, person } from "./person.ts";
import { releases } from "./release.ts";

const test = skipUnless(hasProgram("curl") && hasProgram("ssh-keygen"), "it needs curl");
const testWget = skipUnless(hasProgram("wget"), "wget is not installed");
const testRoot = skipUnless(process.geteuid?.() === 0, "it needs root to give a file away");

describe("install.sh installs", () => {
  for (const setting of ["include", "remote-name", "remote-header-name", "output = /dev/null"]) {
    test(`though ~/.curlrc says ${setting}`, async () => {
      using served = releases();
      served.add("0.1.0");
      using ada = person();
      writeFileSync(join(ada.home, ".curlrc"), `${setting}\n`);
      expect(await ada.install(served.installer())).toMatchObject({ code: 0, err: "" });
    });
  }

  testWget("though ~/.wgetrc says save_headers", async () => {
    using served = releases();
    served.add("0.1.0");
    using ada = person();
    using programs = pathOf([...basic, "ssh-keygen", "wget"]);
    writeFileSync(join(ada.home, ".wgetrc"), "save_headers = on\n");
    const environment = { PATH: programs.path };
    const ran = await ada.install(served.installer(), [], { environment });
    expect(ran).toMatchObject({ code: 0, err: "" });
  });

  for (const options of [["-o", "noclobber"], ["-o", "noclobber", "-o", "posix"], ["-eu"]]) {
    test(`in bash ${options.join(" ")}`, async () => {
      using served = releases();
      served.add("0.1.0");
      using ada = person();
      const ran = await ada.install(served.installer(), [], { shell: ["bash", ...options] });
      expect(ran).toMatchObject({ code: 0, err: "" });
    });
  }

  test("the manual page where man looks for it, and never over another", async () => {
    using served = releases();
    served.add("0.1.0", { manual: "one" });
    using ada = person();
    const page = ".local/share/man/man1/peernet.1";
    expect((await ada.install(served.installer())).out).toContain("  manual      man peernet\n");
    expect(ada.read(page)).toBe("one");
    const receipt = ada.read(".local/bin/.peernet-receipt") ?? "";
    expect(receipt).toContain(`\nmanual ${join(ada.home, page)}\n`);
    served.add("0.2.0", { manual: "two" });
    expect((await ada.install(served.installer())).code).toBe(0);
    expect(ada.read(page)).toBe("two");
    expect(ada.read(".local/bin/.peernet-receipt")).toBe(receipt);
    using eve = person();
    mkdirSync(join(eve.home, ".local/share/man/man1"), { recursive: true });
    writeFileSync(join(eve.home, page), "mine");
    expect((await eve.install(served.installer())).out).not.toContain("manual");
    expect(eve.read(page)).toBe("mine");
  });

  testRoot("over what another user put there, and runs that never", async () => {
    using served = releases();
    served.add("0.1.0");
    for (const given of ["file", "folder"]) {
      using ada = person();
      const ran = join(ada.home, "ran");
      mkdirSync(ada.folder, { recursive: true });
      writeFileSync(ada.executable, `#!/bin/sh\n: >${ran}\n`, { mode: 0o755 });
      chownSync(given === "file" ? ada.executable : ada.folder, 12_345, 12_345);
      expect(await ada.install(served.installer())).toMatchObject({ code: 0, err: "" });
      expect({ given, ran: existsSync(ran) }).toEqual({ given, ran: false });
    }
  });
});

test("install.sh blames no signature where what was fetched is none", async () => {
  using served = releases();
  served.add("0.1.0");
  served.replace("/latest/download/SHA256SUMS.sig", "<html>log in to this network</html>\n");
  using ada = person();
  const { code, err } = await ada.install(served.installer());
  expect(code).toBe(1);
  expect(err).toBe(
    `peernet: error: what was fetched from ${served.url}/latest/download/SHA256SUMS.sig is no ` +
      "signature\npeernet: hint: look whether a proxy or a login page answers in its stead, then " +
      "run this again\n",
  );
});
