/** Draws lines on two logarithmic axes, as an SVG that is legible on light and on dark. */

/** One line. */
export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

interface Panel {
  readonly title: string;
  readonly series: readonly Series[];
}

const [panelWidth, panelHeight] = [300, 260];
const [left, top, right, bottom] = [52, 30, 16, 44];
/** Told apart also by those who see few colours, on white and on black. */
const colors = ["#d55e00", "#0a84c6", "#1a9a6c", "#b0569b", "#a07d00"];

/** Panels side by side, with one scale of y. */
export function plot(panels: readonly Panel[], unit: string): string {
  const all = panels.flatMap(({ series }) => series.flatMap(({ points }) => points));
  const ys = all.map(([, y]) => y).filter((y) => Number.isFinite(y) && y > 0);
  const low = Math.floor(Math.log10(Math.min(...ys)));
  const high = Math.ceil(Math.log10(Math.max(...ys)));
  const width = panels.length * panelWidth;
  const drawn = panels.map((panel, at) => {
    return `<g transform="translate(${at * panelWidth} 0)">${drawPanel(panel, { low, high })}</g>`;
  });
  const names = panels[0]?.series.map(({ name }) => name) ?? [];
  const legend = names.map((name, at) => {
    const x = left + at * 90;
    const y = panelHeight + 14;
    const line = `<line x1="${x}" x2="${x + 18}" y1="${y - 4}" y2="${y - 4}" ${stroke(at)}/>`;
    return `${line}<text x="${x + 24}" y="${y}">${name}</text>`;
  });
  const style =
    "text{font:12px system-ui,sans-serif;fill:#57606a}.grid{stroke:#8b949e;stroke-opacity:.35}" +
    "@media(prefers-color-scheme:dark){text{fill:#c9d1d9}}";
  const size = `viewBox="0 0 ${width} ${panelHeight + 26}" width="${width}"`;
  const head = `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img">`;
  const label = `<text x="8" y="16">${unit}</text>`;
  return `${head}<style>${style}</style>${label}${drawn.join("")}${legend.join("")}</svg>\n`;
}

const stroke = (at: number): string =>
  `stroke="${colors[at % colors.length]}" stroke-width="2" fill="none"`;

interface Scale {
  readonly low: number;
  readonly high: number;
}

function drawPanel({ title, series }: Panel, { low, high }: Scale): string {
  const xs = series.flatMap(({ points }) => points.map(([x]) => x));
  const first = Math.log10(Math.min(...xs));
  const last = Math.max(first + 1, Math.log10(Math.max(...xs)));
  const inside = [panelWidth - left - right, panelHeight - top - bottom] as const;
  const x = (value: number): number =>
    Math.round(left + ((Math.log10(value) - first) / (last - first)) * inside[0]);
  const y = (value: number): number =>
    Math.round(top + (1 - (Math.log10(value) - low) / (high - low)) * inside[1]);
  const grid: string[] = [];
  for (let power = low; power <= high; power += 1) {
    const at = y(10 ** power);
    grid.push(`<line class="grid" x1="${left}" x2="${panelWidth - right}" y1="${at}" y2="${at}"/>`);
    grid.push(`<text x="${left - 6}" y="${at + 4}" text-anchor="end">${10 ** power}</text>`);
  }
  const ticks = [...new Set(xs)].map((value) => {
    const label = value >= 1_000 ? `10${superscript(Math.round(Math.log10(value)))}` : `${value}`;
    const at = `x="${x(value)}" y="${panelHeight - bottom + 16}"`;
    return `<text ${at} text-anchor="middle">${label}</text>`;
  });
  const lines = series.map(({ points }, at) => {
    const path = points.map(([px, py]) => `${x(px)},${y(py)}`).join(" ");
    const dots = points.map(([px, py]) => {
      return `<circle cx="${x(px)}" cy="${y(py)}" r="3" fill="${colors[at % colors.length]}"/>`;
    });
    return `<polyline points="${path}" ${stroke(at)}/>${dots.join("")}`;
  });
  const below = `x="${left}" y="${panelHeight - bottom + 34}"`;
  return [...grid, ...ticks, ...lines, `<text ${below}>${title}</text>`].join("");
}

const superscript = (value: number): string =>
  [...String(value)].map((digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(digit)] ?? digit).join("");
