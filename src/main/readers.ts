/** Assembles the keeper's readers: their walls, their folder, their errands. */

import type { ErrandRunners } from "../keeper/errands.ts";
import { clocks } from "../platform/clock/clock.ts";
import { timers } from "../platform/clock/timers.ts";

type ReadWord = "read_open" | "read" | "read_close" | "read_whose";

/** The readers of a home, and the runners of their errands. */
export interface Readers {
  readonly runners: Pick<ErrandRunners, ReadWord>;
  /** Ends every reader. */
  end(): void;
}

/** Readers below a state folder; none runs yet. */
export async function readersOf(folder: string): Promise<Readers> {
  const [{ holdReaders }, { buildable }, { startReader }, { removeLeftPlaces }] = await Promise.all(
    [
      import("../keeper/reader/held.ts"),
      import("../keeper/sandbox/prove.ts"),
      import("../keeper/sandbox/start.ts"),
      import("../keeper/sandbox/place.ts"),
    ],
  );
  const { builderIn } = await import("./reader.ts");
  const { commitsOf, isSameRepository } = await import("../session/commits.ts");
  removeLeftPlaces(folder);
  const environment = process.env;
  const home = environment.HOME ?? "/";
  const builder = await builderIn(folder);
  const held = holdReaders({
    ...{ timers, clock: clocks, folder, home },
    commitsOf: (path, refs) => commitsOf(path, refs, { environment, timers, home: folder }),
    buildable: () => buildable(builder),
    start: (started) => startReader(started, builder),
  });
  const fromHome = (path: string): string =>
    path.startsWith("~/") ? `${home}${path.slice(1)}` : path;
  return {
    runners: {
      read_open: held.open,
      read: held.run,
      read_close: async ({ reading_id }) => {
        held.close(reading_id);
        return {};
      },
      read_whose: async ({ cwd, repositories }) => {
        for (const { name, path } of repositories) {
          if (await isSameRepository(cwd, fromHome(path))) return { name };
        }
        return { name: null };
      },
    },
    end: held.end,
  };
}
