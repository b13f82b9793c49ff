/**
 * An OpenAPI document as one plain page: every operation with its input, output and errors. Pure:
 * the same document gives the same bytes. Has no script, no form and no foreign address, and
 * escapes every text.
 */

/** The part of a JSON Schema, in the dialect of OpenAPI 3.0, that the page shows. */
export interface Schema {
  readonly type?: string;
  readonly nullable?: boolean;
  readonly enum?: readonly string[];
  readonly format?: string;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly default?: unknown;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly $ref?: string;
}

type Content = Readonly<Record<string, { readonly schema: Schema }>>;

interface Reply {
  readonly description: string;
  readonly content: Content;
}

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly requestBody: { readonly content: Content };
  readonly responses: Readonly<Record<string, Reply>>;
}

/** The part of an OpenAPI document that the page shows. */
export interface Described {
  readonly info: {
    readonly title: string;
    readonly version: string;
    readonly description: string;
  };
  readonly paths: Readonly<Record<string, { readonly post: Operation }>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** The addresses of the page's own files. */
export interface PageLinks {
  readonly documentPath: string;
  readonly stylePath: string;
}

/** The page of a document. */
export function docsPage({ info, paths, components }: Described, links: PageLinks): string {
  const operations = Object.entries(paths).map(([path, { post }]) => ({ path, ...post }));
  const shapes = Object.entries(components.schemas);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${info.title} ${info.version}</title>
<link rel="stylesheet" href="${links.stylePath}">
</head>
<body>
<a class="skip" href="#operations">Skip to the operations</a>
<header>
<h1>${info.title} <small>${info.version}</small></h1>
<p>${info.description}</p>
<p>This page describes them and runs none. Each is a POST of JSON to <code>control.sock</code>
in the state folder, <code>~/.peernet</code> unless <code>PEERNET_HOME</code> is set:</p>
<pre tabindex="0">cd ~/.peernet
curl --unix-socket control.sock \\
  --json '{}' localhost/v1/status</pre>
<p><a href="${links.documentPath}">The OpenAPI document</a> says the same to programs.</p>
</header>
<nav aria-label="Operations"><ul>
${operations.map(({ path, operationId }) => link(operationId, path.replace("/v1/", "")))}
${shapes.map(([name]) => link(name, name))}
</ul></nav>
<main id="operations">
${operations.map(operation)}
${shapes.map(shape)}
</main>
</body>
</html>
`.html;
}

/** Text that is already markup. */
interface Html {
  readonly html: string;
}

type Part = string | number | Html | readonly Html[];

const html = (texts: TemplateStringsArray, ...parts: readonly Part[]): Html => ({
  html: texts.reduce((before, text, index) => before + markup(parts[index - 1] ?? "") + text),
});

function markup(part: Part): string {
  if (typeof part === "string" || typeof part === "number") return Bun.escapeHTML(part);
  return "html" in part ? part.html : part.map(markup).join("");
}

const nothing = html``;

const link = (id: string, text: string): Html => html`<li><a href="#${id}">${text}</a></li>`;

function operation({ path, ...post }: Operation & { readonly path: string }): Html {
  const { "200": answered, ...refused } = post.responses;
  return html`<section id="${post.operationId}">
<h2><a href="#${post.operationId}"><span>POST</span> ${path}</a></h2>
<p>${post.summary}</p>
<h3>Takes</h3>
${bodies(post.requestBody.content)}
${answered === undefined ? nothing : answer(answered)}
<details><summary>Errors</summary>
<dl>
${Object.entries(refused).map(
  ([status, { description }]) => html`<dt>${status}</dt><dd>${coded(description)}</dd>`,
)}
</dl></details>
</section>`;
}

const answer = ({ description, content }: Reply): Html =>
  html`<details><summary>Answers</summary>
<p class="bounds">${description}</p>
${bodies(content)}</details>`;

const bodies = (content: Content): readonly Html[] =>
  Object.values(content).map(({ schema }) => whole(schema));

function shape([name, schema]: readonly [string, Schema]): Html {
  return html`<section id="${name}">
<h2><a href="#${name}">${name}</a></h2>
${whole(schema)}
</section>`;
}

/** A schema without a preceding name. */
function whole(schema: Schema): Html {
  if (schema.type !== "object") return html`<ul><li>${typed(schema)}</li></ul>`;
  return Object.keys(schema.properties ?? {}).length > 0
    ? inner(schema)
    : html`<p class="bounds">An empty object.</p>`;
}

/** The type of a schema in words, followed by its content. */
function typed(schema: Schema): Html {
  const { items, minItems, maxItems } = schema;
  if (schema.$ref !== undefined) {
    const name = schema.$ref.split("/")[3] ?? "";
    return html`<a href="#${name}">${name}</a>`;
  }
  if (schema.type === "array" && items !== undefined) {
    const least = minItems === undefined ? "" : `at least ${minItems} `;
    const most = maxItems === undefined ? "" : `at most ${maxItems} `;
    const many = html`<span class="bounds">of ${least}${most}</span>`;
    return html`${words(schema)} ${many}${typed(items)}`;
  }
  return html`${words(schema)}${inner(schema)}`;
}

function words(schema: Schema): Html {
  const values = schema.enum?.map((value) => JSON.stringify(value)).join(" | ");
  const type = values ?? schema.type ?? "one of";
  const bounds = boundsOf(schema).join(", ");
  return html`<span class="type">${type}${schema.nullable ? " | null" : ""}</span>${
    bounds === "" ? nothing : html` <span class="bounds">${coded(bounds)}</span>`
  }`;
}

/** The limits of a value in words; a pattern stands between backticks. */
function boundsOf({ type, format, pattern, ...schema }: Schema): readonly string[] {
  const unit = type === "string" ? " characters" : "";
  const least = schema.minimum ?? schema.minLength;
  const most = schema.maximum ?? schema.maxLength;
  // The range of a double's integers is left out: it needs no words.
  const last = most === Number.MAX_SAFE_INTEGER ? undefined : most;
  const bounds: string[] = [];
  if (least !== undefined && last !== undefined) bounds.push(`${least} to ${last}${unit}`);
  else if (least !== undefined) bounds.push(`at least ${least}${unit}`);
  else if (last !== undefined) bounds.push(`at most ${last}${unit}`);
  // The pattern of a format only spells out its grammar.
  if (format !== undefined) bounds.push(format);
  else if (pattern !== undefined) bounds.push(`\`${pattern}\``);
  if (schema.default !== undefined) bounds.push(`default ${JSON.stringify(schema.default)}`);
  return bounds;
}

function inner({ properties = {}, required = [], anyOf, oneOf }: Schema): Html {
  const choices = anyOf ?? oneOf ?? [];
  const items = [
    ...Object.entries(properties).map(([name, schema]) => {
      const optional = required.includes(name)
        ? nothing
        : html`<span class="bounds">optional</span> `;
      return html`<li><code>${name}</code> ${optional}${typed(schema)}</li>`;
    }),
    ...choices.map((choice) => html`<li>${typed(choice)}</li>`),
  ];
  return items.length === 0 ? nothing : html`<ul>${items}</ul>`;
}

/** A text in which names stand between backticks. */
const coded = (text: string): readonly Html[] =>
  text
    .split("`")
    .map((piece, index) => (index % 2 === 1 ? html`<code>${piece}</code>` : html`${piece}`));

/** The style of the page. */
export const docsStyle = `:root {
  color-scheme: light dark;
  --paper: light-dark(#fdfdfc, #15171a);
  --ink: light-dark(#1c1f23, #e4e6e9);
  --faint: light-dark(#5d646e, #9ba3ae);
  --line: light-dark(#dfe2e6, #2f343b);
  --inset: light-dark(#f2f3f4, #1e2126);
  --link: light-dark(#0b5cad, #7db8f5);
  --type: light-dark(#7a4a00, #d9b070);
}
* { box-sizing: border-box; }
html { font: 16px/1.55 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
body { margin: 0 auto; max-width: 46rem; padding: 1.5rem 1.25rem 6rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .5rem; }
h1 small { color: var(--faint); font-weight: 400; font-size: 1rem; }
h2 { font: 600 1.1rem/1.4 ui-monospace, monospace; margin: 0; overflow-wrap: anywhere; }
h2 a { color: inherit; text-decoration: none; }
h2 span { color: var(--faint); font-weight: 400; }
h3, summary { font-size: .9rem; font-weight: 600; line-height: 1.5; margin: .75rem 0 .25rem; }
summary { cursor: pointer; width: fit-content; }
p { margin: .25rem 0 .75rem; }
a { color: var(--link); }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
code, pre, .type { font: .875em/1.5 ui-monospace, monospace; }
pre { background: var(--inset); padding: .75rem 1rem; border-radius: 6px; overflow-x: auto; }
section { border-top: 1px solid var(--line); padding: 1.5rem 0; scroll-margin-top: .5rem; }
section ul { list-style: none; margin: 0; padding: 0; }
section ul, dl { font-size: .95rem; }
section li { margin: .2rem 0; overflow-wrap: anywhere; }
section ul ul { border-left: 1px solid var(--line); margin-left: .25rem; padding-left: .9rem; }
section li > code { font-weight: 600; }
.type { color: var(--type); }
.bounds { color: var(--faint); font-size: .85rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; margin: 0; }
dd { margin: 0; overflow-wrap: anywhere; }
nav ul { columns: 9rem; list-style: none; margin: 1.5rem 0; padding: 0; }
nav a { font: .875rem/1.9 ui-monospace, monospace; text-decoration: none; }
nav a:hover, h2 a:hover { text-decoration: underline; }
.skip { position: absolute; left: -99rem; }
.skip:focus { position: static; }
@media (min-width: 64rem) {
  body { display: grid; grid-template-columns: 12rem 46rem; column-gap: 3rem; max-width: 64rem; }
  header, main, .skip { grid-column: 2; }
  nav { grid-column: 1; grid-row: 1 / span 3; }
  nav ul { columns: auto; margin: 0; max-height: calc(100vh - 3rem); overflow-y: auto; }
  nav ul { position: sticky; top: 1.5rem; }
}
`;
