/** The open file: its commit, its lines with their numbers, and how many of them are shown. */

import { useEffect, useRef } from "preact/hooks";
import type { ReadOutput } from "../../../contract/reads/local.ts";
import { commitText, fileLines, kindText } from "../../../contract/reads/words.ts";
import { Failed, FileLine, Foreign } from "../ui.tsx";
import { Extent } from "./extent.tsx";
import { chosenLine, closeFile, file, openFile } from "./reading.ts";

/** The file beside the list. */
export function Shown() {
  const { operation, shown, error, isBusy } = file.value;
  const panel = useRef<HTMLElement>(null);
  const path = operation?.op === "file" ? operation.path : null;
  useEffect(() => {
    if (path !== null) panel.current?.focus();
  }, [path]);
  return (
    <aside class="panel file-panel" tabIndex={-1} ref={panel} aria-label="File" aria-busy={isBusy}>
      {path === null ? (
        <p class="why">Choose a file, or find a text.</p>
      ) : (
        <header>
          <p class="over-title">{shown === null ? "File" : <Foreign text={commitText(shown)} />}</p>
          <h2>
            <Foreign text={path} />
          </h2>
          <button type="button" class="close" aria-label="Back to the list" onClick={closeFile}>
            ×
          </button>
        </header>
      )}
      {error !== null && <Failed error={error} />}
      {path !== null && shown === null && isBusy && <p class="why">Reading…</p>}
      {shown?.answer.op === "file" && <Content answer={shown.answer} />}
    </aside>
  );
}

type FileAnswer = Extract<ReadOutput["answer"], { op: "file" }>;

function Content({ answer }: { readonly answer: FileAnswer }) {
  const kind = kindText(answer);
  const { path, first_line: first } = answer;
  return (
    <>
      {first > 1 && (
        <button type="button" class="quiet" onClick={() => openFile(path)}>
          From line 1
        </button>
      )}
      {kind !== null && <p class="why">{kind}</p>}
      <ol class="source" aria-label="Lines">
        {fileLines(answer).map((line, at) => (
          <Line key={first + at} number={first + at} text={line} />
        ))}
      </ol>
      <Extent pane={file} />
    </>
  );
}

function Line({ number, text }: { readonly number: number; readonly text: string }) {
  const own = useRef<HTMLLIElement>(null);
  const isChosen = number === chosenLine.value;
  useEffect(() => {
    if (isChosen) own.current?.scrollIntoView({ block: "center" });
  }, [isChosen]);
  return (
    <li ref={own} class={isChosen ? "chosen" : undefined}>
      <span class="number">{number}</span>
      <FileLine text={text} />
    </li>
  );
}
