/** The completions of each shell, by the Tab key on a terminal, of the executable itself. */

import { afterAll, beforeAll, describe, expect } from "bun:test";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { pairTwo, type Session, session } from "../scenario/pairing.ts";
import { executable, type Home, home, isBuilt, notBuilt } from "../support/executable.ts";
import { hasProgram, skipUnless } from "../support/skip.ts";
import { until } from "../support/until.ts";

let laptop: Home;
let mini: Home;
let work: Session;
beforeAll(async () => {
  laptop = home("laptop");
  mini = home("mini");
  work = session();
  if (!isBuilt) return;
  symlinkSync(executable, join(laptop.folder, "peernet"));
  await mini.run(["start"]);
  await laptop.run(["start"]);
  await mini.run(["activate", "hydrate", "--pid", work.pid]);
  await pairTwo(mini, laptop);
  await until("mini's handle is known", async () => {
    const { out } = await laptop.run(["status"]);
    return out.includes("hydrate");
  });
});
afterAll(async () => {
  work[Symbol.dispose]();
  await laptop[Symbol.asyncDispose]();
  await mini[Symbol.asyncDispose]();
});

/** The environment of a shell: the path of the executable, and no setting of a person's own. */
const environment = (folder: string) => ({
  ...laptop.environment,
  PATH: `${laptop.folder}:/usr/bin:/bin`,
  ZDOTDIR: folder,
  XDG_CONFIG_HOME: folder,
  XDG_DATA_HOME: folder,
  TERM: "dumb",
});

interface Shell {
  readonly command: readonly string[];
  /** The command that loads the completions. */
  readonly setup: string;
}

const onTerminal: readonly Shell[] = [
  {
    command: ["bash", "--norc", "--noprofile", "-i"],
    setup: 'eval "$(peernet completions bash)"',
  },
  {
    command: ["zsh", "-f", "-i"],
    setup:
      "setopt NO_AUTO_REMOVE_SLASH; autoload -Uz compinit; compinit -u -D; " +
      'eval "$(peernet completions zsh)"',
  },
];

/** A shell's line on a terminal after typed text and a Tab. */
async function afterTab({ command, setup }: Shell, line: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  const child = Bun.spawn([...command], {
    cwd: laptop.folder,
    env: environment(laptop.folder),
    terminal: { cols: 200, rows: 40, data: (_, bytes) => void chunks.push(bytes.slice()) },
  });
  const shown = (): string => Buffer.concat(chunks).toString("utf8");
  try {
    child.terminal?.write(`${setup}; PS1='re''ady> '\n`);
    await until(`${command[0]} is ready`, () => shown().includes("ready> "));
    child.terminal?.write(line);
    await until(
      `${command[0]} shows the line`,
      () => shown().split("ready> ").at(-1)?.includes(line) === true,
    );
    // Keys typed ahead of a completion would cut it short.
    const before = shown().length;
    child.terminal?.write("\t");
    await until(`${command[0]} completed it`, () => shown().length > before);
    // Ctrl-A goes to the beginning of the line, which is then shown and not run.
    child.terminal?.write("\x01echo 'GO'T: \n");
    await until(`${command[0]} ran the line`, () => /^GOT: .*\r/m.test(shown()));
    return /^GOT: (.*?)\s*$/m.exec(shown())?.[1] ?? "";
  } finally {
    child.kill("SIGKILL");
    await child.exited;
  }
}

for (const shell of onTerminal) {
  const [name = ""] = shell.command;
  const test = skipUnless(isBuilt && hasProgram(name), `${notBuilt}, or no ${name}`);
  describe(`the Tab key in ${name}`, () => {
    for (const [line, completed] of [
      ["peernet doc", "peernet doctor"],
      ["peernet peers sh", "peernet peers show"],
      ["peernet ask --tim", "peernet ask --timeout"],
      ["peernet unpair m", "peernet unpair mini"],
      ["peernet ask mini/h", "peernet ask mini/hydrate"],
      ["peernet preview --as m", "peernet preview --as mini"],
      ["peernet activate --cwd /et", "peernet activate --cwd /etc/"],
    ] as const) {
      test(`makes ${completed} of ${line}`, async () => {
        expect(await afterTab(shell, line)).toBe(completed);
      });
    }
  });
}

describe("the completions of fish", () => {
  const test = skipUnless(isBuilt && hasProgram("fish"), `${notBuilt}, or no fish`);
  for (const [line, completed] of [
    ["peernet doc", ["doctor\tshows observations, with one fix"]],
    [
      "peernet peers ",
      [
        "show\tshows one",
        "rename\tchanges this",
        "grant\tadds rights",
        "revoke\tremoves rights",
        "pause\tsuspends",
        "resume\trestores",
      ],
    ],
    ["peernet unpair ", ["mini\tpaired, up"]],
    ["peernet ask mini/h", ["mini/hydrate\tlive on mini"]],
    ["peernet activate --cwd /et", ["/etc/"]],
    ["peernet ask --timeout ", []],
  ] as const) {
    test(`of ${line} are ${completed.map((each) => each.split("\t")[0])}`, () => {
      const script = `peernet completions fish | source; complete -C ${JSON.stringify(line)}`;
      const { stdout, stderr } = Bun.spawnSync(["fish", "--no-config", "-c", script], {
        env: environment(laptop.folder),
      });
      const lines = stdout
        .toString()
        .split("\n")
        .filter((each) => each !== "");
      expect([lines.length, stderr.toString()]).toEqual([completed.length, ""]);
      for (const start of completed) {
        expect(lines.some((each) => each.startsWith(start))).toBe(true);
      }
    });
  }
});

describe("the scripts", () => {
  for (const [name, check] of [
    ["bash", ["bash", "-n"]],
    ["zsh", ["zsh", "-n"]],
    ["fish", ["fish", "--no-execute"]],
  ] as const) {
    const test = skipUnless(isBuilt && hasProgram(name), `${notBuilt}, or no ${name}`);
    test(`of ${name} parse, and say nothing where there is no daemon`, async () => {
      await using alone = home("alone");
      const { out } = await alone.run(["completions", name]);
      const file = join(alone.folder, "script");
      await Bun.write(file, out);
      const { exitCode, stdout, stderr } = Bun.spawnSync([...check, file]);
      expect([exitCode, stdout.toString(), stderr.toString()]).toEqual([0, "", ""]);
      expect(await alone.run(["completions", "words", "--", "unpair", ""])).toEqual({
        code: 0,
        out: "",
        err: "",
      });
    });
  }
});
