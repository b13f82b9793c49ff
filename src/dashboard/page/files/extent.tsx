/** The last line of a list or a file: the share that is shown, and the way to the next page. */

import type { Signal } from "@preact/signals";
import { extentText } from "./joined.ts";
import { type Pane, readMore } from "./reading.ts";

/** The line below a list or a file. */
export function Extent({ pane }: { readonly pane: Signal<Pane> }) {
  const { shown, isBusy } = pane.value;
  if (shown === null) return null;
  return (
    <p class="extent">
      <span role="status">{extentText(shown.answer)}</span>
      {shown.answer.cursor !== null && (
        <button type="button" class="quiet" disabled={isBusy} onClick={() => readMore(pane)}>
          {isBusy ? "Reading…" : "More"}
        </button>
      )}
    </p>
  );
}
