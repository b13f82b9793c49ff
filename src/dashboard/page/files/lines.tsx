/** The entries of a folder and the matches of a search, as lines that lead on. */

import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { ReadOutput } from "../../../contract/reads/local.ts";
import { FileLine, Foreign, steppedThrough } from "../ui.tsx";
import { entriesOf } from "./joined.ts";
import { chosenLine, file, folder, openFile, openFolder } from "./reading.ts";

type Answer<Op> = Extract<ReadOutput["answer"], { op: Op }>;

/** The open file's path; null without one. */
const openPath = (): string | null => {
  const { operation } = file.value;
  return operation?.op === "file" ? operation.path : null;
};

/** A folder's folders, then its files. */
export const Entries = ({ answer }: { readonly answer: Answer<"glob"> }) => (
  <List label="Files">
    {entriesOf(answer.paths, folder.value).map(({ name, path, isFolder }, at) => (
      <Line
        key={path}
        isFirst={at === 0}
        isChosen={path === openPath()}
        open={() => (isFolder ? openFolder(path) : openFile(path))}
      >
        <Foreign text={name} />
      </Line>
    ))}
  </List>
);

/** The lines that hold the text. */
export const Matches = ({ answer }: { readonly answer: Answer<"grep"> }) => (
  <List label="Matches">
    {answer.matches.map(({ path, line, text }, at) => (
      <Line
        key={`${path}:${line}`}
        isFirst={at === 0}
        isChosen={path === openPath() && line === chosenLine.value}
        open={() => openFile(path, line)}
      >
        <small>
          <Foreign text={path} />:{line}
        </small>
        <FileLine text={text.trim()} />
      </Line>
    ))}
  </List>
);

const List = ({
  label,
  children,
}: {
  readonly label: string;
  readonly children: ComponentChildren;
}) => (
  <ol class="lines" aria-label={label} onKeyDown={steppedThrough}>
    {children}
  </ol>
);

interface LineParts {
  readonly isFirst: boolean;
  readonly isChosen: boolean;
  readonly open: () => unknown;
  readonly children: ComponentChildren;
}

function Line({ isFirst, isChosen, open, children }: LineParts) {
  const own = useRef<HTMLButtonElement>(null);
  const wasChosen = useRef(false);
  useEffect(() => {
    // A closed file leads back to its line.
    if (wasChosen.current && file.peek().operation === null) own.current?.focus();
    wasChosen.current = isChosen;
  }, [isChosen]);
  return (
    <li>
      <button
        ref={own}
        type="button"
        class={isChosen ? "entry chosen" : "entry"}
        aria-pressed={isChosen}
        tabIndex={isFirst ? 0 : -1}
        onClick={() => void open()}
      >
        {children}
      </button>
    </li>
  );
}
