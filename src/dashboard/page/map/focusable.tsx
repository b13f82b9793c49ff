/** Parts of the map within reach of the pointer, a finger and keys, and the text of their names. */

import type { ComponentChildren } from "preact";
import { hovered, isSame, looked, opened, type Part } from "../state/selection.ts";
import type { Label } from "./label.ts";

/** One part within reach of the pointer, a finger and keys. */
export const Reached = ({
  part,
  name,
  kind,
  children,
}: {
  readonly part: Part;
  readonly name: string;
  readonly kind: string;
  readonly children: ComponentChildren;
}) => {
  const isLooked = isSame(part, looked.value);
  const open = (): void => {
    opened.value = part;
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: SVG has no button
    <g
      data-part={part.kind}
      class={`part ${kind}${isLooked ? " looked" : ""}`}
      role="button"
      tabIndex={part.kind === "machine" || isSame(part, opened.value) ? 0 : -1}
      aria-label={name}
      onPointerEnter={() => {
        hovered.value = part;
      }}
      onFocus={() => {
        hovered.value = part;
      }}
      onBlur={() => {
        hovered.value = null;
      }}
      onClick={open}
      onKeyDown={(event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        open();
        document.getElementById("panel")?.focus();
      }}
    >
      {children}
    </g>
  );
};

/** A label: its text, and a fainter addition. */
export const Text = ({ label, kind }: { readonly label: Label | null; readonly kind: string }) =>
  label === null ? null : (
    <text class={kind} x={label.x} y={label.y} font-size={label.size} text-anchor={label.anchor}>
      {label.text}
      {label.rest !== "" && <tspan class="rest">{`  ${label.rest}`}</tspan>}
    </text>
  );
