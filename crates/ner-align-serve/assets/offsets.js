// Positions in a text. JavaScript counts UTF-16 units, the server and training files code points.

/** Converts positions of one text between UTF-16 units and code points. */
export class CodePoints {
  constructor(text) {
    // Where each character of two units starts, in units.
    this.wide = [];
    for (let at = 0; at < text.length; at += 1) {
      if (text.codePointAt(at) > 0xffff) {
        this.wide.push(at);
        at += 1;
      }
    }
    this.length = text.length - this.wide.length;
  }

  /** Units before the code point `point`. */
  toUnits(point) {
    // The wide character `i` is the code point `wide[i] - i`.
    return point + countBelow(this.wide, (at, i) => at - i < point);
  }

  /** Code points before the unit `unit`. */
  fromUnits(unit) {
    return unit - countBelow(this.wide, (at) => at < unit);
  }
}

/** How many first elements of a list pass. */
export function countBelow(list, passes) {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (passes(list[middle], middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Orders strings by code point, as the labels of a model are. */
export function byCodePoint(a, b) {
  const left = Array.from(a);
  const right = Array.from(b);
  for (let i = 0; i < left.length && i < right.length; i += 1) {
    const difference = left[i].codePointAt(0) - right[i].codePointAt(0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });
// Long enough for any emoji with its joiners.
const REACH = 64;

/** The end of the grapheme that starts at `at`. */
export function graphemeEnd(text, at) {
  if (at >= text.length) return text.length;
  const [first] = graphemes.segment(text.slice(at, at + REACH));
  return at + first.segment.length;
}

/** The start of the grapheme that ends at `at`. */
export function graphemeStart(text, at) {
  if (at <= 0) return 0;
  let from = Math.max(0, at - REACH);
  if (from > 0 && isLowSurrogate(text, from)) from += 1;
  let start = from;
  for (const { index } of graphemes.segment(text.slice(from, at))) start = from + index;
  return start;
}

function isLowSurrogate(text, at) {
  const unit = text.charCodeAt(at);
  return unit >= 0xdc00 && unit <= 0xdfff;
}

// Scripts without spaces: each letter with its marks is a word, as the library has it.
const ALONE = "[\\p{sc=Han}\\p{sc=Hiragana}\\p{sc=Katakana}\\p{sc=Thai}\\p{sc=Lao}\\p{sc=Khmer}\\p{sc=Myanmar}]\\p{M}*";
const LETTERS = "[\\p{L}\\p{N}\\p{M}\\u200c\\u200d]";
const WORD = new RegExp(`${ALONE}|(?:(?!${ALONE})${LETTERS})+|\\P{White_Space}\\p{M}*`, "gu");
const WORD_REACH = 256;
// Where a text has no white space for longer than this, words may be cut.
const LONGEST_REACH = 1 << 16;

/** The words of `text` from `from` to `to`, as `[start, end]` in units. */
function* words(text, from, to) {
  let last = from;
  for (const match of text.slice(from, to).matchAll(WORD)) {
    const start = from + match.index;
    // An emoji of several code points is one word.
    if (start < last) continue;
    last = Math.max(start + match[0].length, graphemeEnd(text, start));
    yield [start, last];
  }
}

/** The first word that ends after `at`, or nothing. */
export function wordAfter(text, at) {
  for (let from = wordStart(text, at); from < text.length;) {
    const to = wordEnd(text, Math.max(from, at) + WORD_REACH);
    for (const word of words(text, from, to)) {
      if (word[1] > at) return word;
    }
    from = to;
  }
  return null;
}

/** The last word that starts before `at`, or nothing. */
export function wordBefore(text, at) {
  for (let to = at; to > 0;) {
    const from = wordStart(text, Math.max(0, to - WORD_REACH));
    let last = null;
    for (const word of words(text, from, wordEnd(text, to))) {
      if (word[0] < at) last = word;
    }
    if (last) return last;
    to = from;
  }
  return null;
}

/** The nearest place not after `at` where a word starts: before white space or at the start. */
function wordStart(text, at) {
  for (let reach = WORD_REACH; ; reach *= 2) {
    const from = Math.max(0, at - reach);
    const space = text.slice(from, at).search(/\s\S*$/u);
    if (space >= 0) return from + space;
    if (from === 0) return 0;
    if (reach >= LONGEST_REACH) return isLowSurrogate(text, from) ? from + 1 : from;
  }
}

/** The nearest place not before `at` where a word ends: at white space or at the end. */
function wordEnd(text, at) {
  if (at >= text.length) return text.length;
  const to = Math.min(text.length, at + LONGEST_REACH);
  const space = text.slice(at, to).search(/\s/u);
  if (space >= 0) return at + space;
  return to < text.length && isLowSurrogate(text, to) ? to + 1 : to;
}

/** Grows a selection to whole words, without white space at its ends; nothing if no word is left. */
export function snap(text, start, end) {
  const first = wordAfter(text, start);
  const last = wordBefore(text, end);
  if (!first || !last || last[1] <= first[0] || first[0] >= end) return null;
  return [first[0], last[1]];
}
