/** The viewer of a peer's repository: a folder or a search in a list, an open file beside it. */

import { type Signal, useSignal } from "@preact/signals";
import { patternCharactersMax } from "../../../contract/reads/limits.ts";
import { commitText } from "../../../contract/reads/words.ts";
import { isName } from "../panel/typed.tsx";
import { connection } from "../state/state.ts";
import { Failed, Foreign } from "../ui.tsx";
import { Extent } from "./extent.tsx";
import { Shown } from "./file.tsx";
import { foldersTo, searchCaps } from "./joined.ts";
import { Entries, Matches } from "./lines.tsx";
import {
  closeFile,
  closeFiles,
  file,
  folder,
  list,
  openFolder,
  openPlace,
  type Place,
  place,
  proposals,
  search,
} from "./reading.ts";

/** The viewer. */
export function Files() {
  const at = place.value;
  if (at === null) return null;
  return (
    <main
      class={file.value.operation === null ? "split files" : "split files opened"}
      id="main"
      onKeyDown={({ key }) => {
        if (key === "Escape") closeFile();
      }}
    >
      <h1 class="hidden">Files</h1>
      <div class="list">
        <div class="list-top">
          <h2>
            <small>Files of</small> {at.machine}
            {at.handle !== null && `/${at.handle}`}
          </h2>
          <button type="button" class="quiet" onClick={closeFiles}>
            Back
          </button>
        </div>
        <Target key={`${at.machine}/${at.handle}`} at={at} />
        {list.value.operation !== null && <Listed />}
      </div>
      <Shown />
    </main>
  );
}

/** The fields of the repository and of its commit. */
function Target({ at }: { readonly at: Place }) {
  const repository = useSignal("");
  const ref = useSignal("");
  const isNamed = at.handle !== null || isName(repository.value.trim());
  return (
    <form
      class="typed"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isNamed) return;
        const name = at.handle === null ? repository.value.trim() : null;
        openPlace({ ...at, repository: name, at: ref.value.trim() || null });
      }}
    >
      {at.handle === null && (
        <>
          <Field label="Repository" text={repository} max={31} list="repositories" />
          <datalist id="repositories">
            {proposals.value.map((name) => (
              <option key={name} value={name} />
            ))}
          </datalist>
        </>
      )}
      <Field label="Ref, optional" text={ref} max={256} />
      <button type="submit" disabled={!isNamed || connection.value !== "live"}>
        Open
      </button>
    </form>
  );
}

interface FieldParts {
  readonly label: string;
  readonly text: Signal<string>;
  readonly max: number;
  /** The element that holds proposals. */
  readonly list?: string;
}

const Field = ({ label, text, max, list: id }: FieldParts) => (
  <label>
    {label}
    <input
      list={id}
      value={text.value}
      maxLength={max}
      autocomplete="off"
      spellcheck={false}
      onInput={(event) => {
        text.value = event.currentTarget.value;
      }}
    />
  </label>
);

function Listed() {
  const { shown, error, isBusy } = list.value;
  return (
    <>
      <div class="listed" aria-live="polite" aria-busy={isBusy}>
        {shown !== null && (
          <p class="commit">
            <b>
              <Foreign text={shown.repository} />
            </b>{" "}
            <Foreign text={commitText(shown)} />
          </p>
        )}
        {error !== null && <Failed error={error} />}
        {isBusy && shown === null && <p class="why">Reading…</p>}
      </div>
      {shown !== null && <Search />}
      <Folders />
      {shown !== null && (
        <>
          {shown.answer.op === "grep" ? <Matches answer={shown.answer} /> : null}
          {shown.answer.op === "glob" ? <Entries answer={shown.answer} /> : null}
          <Extent pane={list} />
          {shown.answer.op === "grep" && <p class="why end">{searchCaps}</p>}
        </>
      )}
    </>
  );
}

function Search() {
  const text = useSignal("");
  const label = folder.value === "" ? "Find this text" : "Find this text in this folder";
  return (
    <form
      class="typed"
      onSubmit={(event) => {
        event.preventDefault();
        if (text.value !== "") void search(text.value);
      }}
    >
      <Field label={label} text={text} max={patternCharactersMax} />
      <button type="submit" disabled={text.value === "" || connection.value !== "live"}>
        Find
      </button>
    </form>
  );
}

/** The folder that is listed or searched, with those above it; each leads back to its list. */
const Folders = () => (
  <nav class="folders" aria-label="Folder">
    {[{ name: "", path: "" }, ...foldersTo(folder.value)].map(({ name, path }) => (
      <button
        key={path}
        type="button"
        class="link"
        aria-current={path === folder.value ? "location" : undefined}
        onClick={() => openFolder(path)}
      >
        <Foreign text={path === "" ? "all files" : `${name}/`} />
      </button>
    ))}
  </nav>
);
