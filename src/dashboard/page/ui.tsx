/** Small parts that all views share. */

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { printable } from "../../contract/text/printable.ts";
import { after, copied } from "./state/browser.ts";
import type { Failure } from "./state/server.ts";

/** Text from elsewhere, reduced to one line of allowed characters with its own direction. */
export const Foreign = ({ text }: { readonly text: string }) => (
  <bdi class="foreign">{printable(text)}</bdi>
);

/** Text to run or paste, with a button that copies it. */
export function Copyable({ text, label }: { readonly text: string; readonly label: string }) {
  const [said, say] = useState("Copy");
  const copy = async (): Promise<void> => {
    say((await copied(text)) ? "Copied" : "Press Ctrl-C");
    after(1_600, () => say("Copy"));
  };
  return (
    <div class="copyable">
      <pre>{text}</pre>
      <button type="button" onClick={copy} aria-label={`Copy ${label}`}>
        {said}
      </button>
    </div>
  );
}

/** A failure's reason, and its one remedy. */
export const Failed = ({ error }: { readonly error: Failure }) => (
  <p class="failed" role="alert">
    <Foreign text={error.message} />
    <small>
      <Foreign text={error.hint} />
    </small>
  </p>
);

/** A term and its value; empty without a value. */
export const Fact = ({
  name,
  children,
}: {
  readonly name: string;
  readonly children: ComponentChildren;
}) =>
  children ? (
    <div class="fact">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  ) : null;

/** A state or a link as a coloured mark with its word. */
export const Mark = ({ kind, text }: { readonly kind: string; readonly text: string }) => (
  <span class={`mark ${kind}`}>{text}</span>
);
