/**
 * The allow-list printer: the characters of foreign text that may reach a terminal or a model.
 * Letters, marks, numbers, punctuation, symbols and plain spaces pass. Control, bidi, zero-width,
 * tag, variation-selector, private and unassigned characters do not. Pure; loads nothing.
 */

const refused =
  /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]|[\p{Default_Ignorable_Code_Point}\p{Bidi_Control}]/gu;
/** More marks on one letter than any script needs only smear over the neighbouring lines. */
const piledMarks = /(\p{M}{4})\p{M}+/gu;
const white = /[\p{Zs}\t\n\r\u2028\u2029]+/gu;

/**
 * Most text is only this: the allow-list keeps all of it, and no table of Unicode, which takes half
 * a millisecond to build, is needed to see that.
 */
const plain = /^[ -~·–…]*$/;
const spaces = / {2,}/g;

/** Foreign text as one line of allowed characters; each other character becomes `�`. */
export const printable = (text: string): string =>
  plain.test(text)
    ? text.replace(spaces, " ")
    : text.toWellFormed().replace(white, " ").replace(refused, "\ufffd").replace(piledMarks, "$1");

/** A line of a file for display: of allowed characters only, its spaces kept. */
export const fileLine = (line: string): string =>
  line.replaceAll("\t", "    ").replace(/[^ ]+/g, (word) => printable(word));

/**
 * JSON text of a value in which every character outside the allow-list is escaped, and none is
 * lost.
 */
export const printableJson = (value: unknown): string => {
  const json = JSON.stringify(value);
  return plain.test(json) ? json : escaped(json);
};

const escaped = (json: string): string =>
  json.replace(refused, (character) =>
    Array.from({ length: character.length }, (_, at) => {
      const unit = character.charCodeAt(at).toString(16).padStart(4, "0");
      return `\\u${unit}`;
    }).join(""),
  );
