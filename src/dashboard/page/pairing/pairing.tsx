/** Pairing from the page: show a code here, or type the code that another machine shows. */

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { dialog } from "../state/selection.ts";
import { Join } from "./joining.tsx";
import { ShowCode } from "./opening.tsx";

type Way = "show" | "type";

/** The dialog. */
export function PairDialog() {
  const frame = useRef<HTMLDialogElement>(null);
  const way = useSignal<Way | null>(null);
  const isOpen = dialog.value !== null;
  const isCode = dialog.value === "code";
  useEffect(() => {
    way.value = isCode ? "show" : null;
    if (isOpen) frame.current?.showModal();
    else frame.current?.close();
  }, [isOpen, isCode, way]);
  const close = (): void => frame.current?.close();
  return (
    <dialog
      ref={frame}
      class="pair"
      aria-labelledby="pair-title"
      onClose={() => {
        dialog.value = null;
      }}
    >
      <header>
        <h2 id="pair-title">Pair a machine</h2>
        <button type="button" class="close" aria-label="Close" onClick={close}>
          ×
        </button>
      </header>
      {isOpen && way.value === null && (
        <Ways
          choose={(chosen) => {
            way.value = chosen;
          }}
        />
      )}
      {isOpen && way.value === "show" && <ShowCode />}
      {isOpen && way.value === "type" && <Join />}
    </dialog>
  );
}

const Ways = ({ choose }: { readonly choose: (way: Way) => void }) => (
  <div class="ways">
    <button type="button" class="way" onClick={() => choose("show")}>
      <b>Show a code here</b>
      <small>You will type it on the other machine, where you run: peernet pair</small>
    </button>
    <button type="button" class="way" onClick={() => choose("type")}>
      <b>Type a code</b>
      <small>The other machine shows it already</small>
    </button>
  </div>
);
