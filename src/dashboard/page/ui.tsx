/** Small parts that all views share. */

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { fileLine, printable } from "../../contract/text/printable.ts";
import { after, copied } from "./state/browser.ts";
import type { Failure } from "./state/server.ts";

/** Text from elsewhere, reduced to one line of allowed characters with its own direction. */
export const Foreign = ({ text }: { readonly text: string }) => (
  <bdi class="foreign">{printable(text)}</bdi>
);

/** A line of a file from elsewhere: of allowed characters, its spaces kept. */
export const FileLine = ({ text }: { readonly text: string }) => (
  <bdi class="foreign">{fileLine(text)}</bdi>
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

const steps: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1 };

/** In a list of buttons, arrows move to the next one, Home and End to the first and last. */
export function steppedThrough(event: KeyboardEvent): void {
  const { currentTarget, target, key } = event;
  if (!(currentTarget instanceof Element) || !(target instanceof Element)) return;
  const lines = [...currentTarget.querySelectorAll<HTMLElement>("button")];
  const step = steps[key];
  const next =
    key === "Home"
      ? 0
      : key === "End"
        ? lines.length - 1
        : step === undefined
          ? null
          : lines.findIndex((line) => line.isSameNode(target)) + step;
  if (next === null) return;
  event.preventDefault();
  lines[Math.max(0, Math.min(lines.length - 1, next))]?.focus();
}
