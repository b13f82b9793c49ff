/** The map: measures its space, lays out the feed's state, and lets keys move over it. */

import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { LocalHandle } from "../../../contract/lease.ts";
import type { RemoteHandle } from "../../../contract/peer.ts";
import { printable } from "../../../contract/text/printable.ts";
import { stateShort } from "../../../contract/text/words.ts";
import { rightHalf } from "../names.ts";
import { firstLine } from "../sessions/rows.ts";
import { hovered, opened } from "../state/selection.ts";
import { machine, own, peers, witness } from "../state/state.ts";
import { Drawing } from "./drawing.tsx";
import type { SessionShape } from "./groups.ts";
import { type Layout, layout, type Shape } from "./layout.ts";
import { animate } from "./motion.ts";

/** The map and its moving parts. */
export function MapView() {
  const frame = useRef<HTMLDivElement>(null);
  const over = useRef<HTMLDivElement>(null);
  const size = useSignal({ width: 0, height: 0 });
  useEffect(() => {
    const measure = new ResizeObserver(([entry]) => {
      if (entry === undefined) return;
      const { width, height } = entry.contentRect;
      size.value = { width: Math.round(width), height: Math.round(height) };
    });
    if (frame.current !== null) measure.observe(frame.current);
    return () => measure.disconnect();
  }, [size]);
  // The layout depends on names alone: changing ages and states move nothing.
  const key = useComputed(() => JSON.stringify(shapeOf(size.value)));
  const shape = useMemo((): Shape => JSON.parse(key.value), [key.value]);
  const laid = useMemo(() => layout(shape), [shape]);
  const scale = size.value.width / Math.max(1, shape.width);
  const current = useRef<Layout>(laid);
  current.current = laid;
  useEffect(
    () => witness((event) => animate(event, { layer: over.current, laid: current.current })),
    [],
  );
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys and pointer reach its parts
    <div
      class="map"
      ref={frame}
      onKeyDown={keyed}
      onPointerLeave={() => {
        hovered.value = null;
      }}
    >
      {size.value.width > 0 && machine.value !== null && (
        <Drawing laid={laid} shape={shape} scale={scale} />
      )}
      <div class="over" ref={over} style={{ transform: `scale(${scale})` }} aria-hidden="true" />
    </div>
  );
}

/** The input of a layout; a large window with few peers draws everything larger. */
function shapeOf(size: { readonly width: number; readonly height: number }): Shape {
  const room = Math.min(size.width / 860, size.height / 700);
  const scale = peers.value.length <= 12 ? Math.max(1, Math.min(1.45, room)) : 1;
  return {
    width: size.width / scale,
    height: size.height / scale,
    own: own.value.map(({ value }) => shapeOfSession(value)),
    peers: peers.value.map(({ value }) => ({
      fingerprint: value.fingerprint,
      name: value.name,
      isDown: value.link === "down",
      sessions: value.handles.map(shapeOfSession),
    })),
  };
}

function shapeOfSession(session: LocalHandle | RemoteHandle): SessionShape {
  const { handle, state, summary, harness } = session;
  const hidden = "hidden" in session ? session.hidden : [];
  const words = stateShort({ state, state_for_ms: null, harness }, hidden);
  const line = summary ? `${words}, ${printable(firstLine(summary))}` : words;
  return { handle, name: rightHalf(handle), state, line };
}

const moves: Readonly<Record<string, number>> = {
  ArrowRight: 1,
  ArrowDown: 1,
  ArrowLeft: -1,
  ArrowUp: -1,
};

/** Arrows move to the next part, Home and End to the first and last; Escape clears the choice. */
function keyed(event: KeyboardEvent): void {
  if (event.key === "Escape") {
    opened.value = null;
    return;
  }
  const { currentTarget, target } = event;
  if (!(currentTarget instanceof Element) || !(target instanceof Element)) return;
  const parts = [...currentTarget.querySelectorAll<SVGElement>("[data-part]")];
  const here = parts.findIndex((part) => part.isSameNode(target));
  const step = moves[event.key];
  const last = parts.length - 1;
  const next =
    event.key === "Home" ? 0 : event.key === "End" ? last : step === undefined ? null : here + step;
  if (next === null || here < 0) return;
  event.preventDefault();
  parts[Math.max(0, Math.min(last, next))]?.focus();
}
