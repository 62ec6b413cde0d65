// How entities lie in a text: lines, and in each line a tree of pieces.

/** The lines of a text as `[start, end]` in units; the line feed belongs to its line. */
export function lines(text) {
  const found = [];
  let start = 0;
  while (start < text.length) {
    const feed = text.indexOf("\n", start);
    const end = feed < 0 ? text.length : feed + 1;
    found.push([start, end]);
    start = end;
  }
  return found;
}

/**
 * The pieces of entities in each line, as trees: `{entity, start, end, first, last, inner}`.
 *
 * `entities` are sorted by position, the longer one first. An entity inside another is a piece inside
 * its piece. One that crosses an edge, of a line or of another entity, is cut there: `first` and `last`
 * say which pieces hold its ends.
 */
export function layOut(entities, lines) {
  const queue = entities.map((entity) => piece(entity, entity.start));
  let next = 0;

  function fill(end) {
    const pieces = [];
    while (next < queue.length && queue[next].start < end) {
      const one = queue[next];
      next += 1;
      if (one.end > end) {
        one.end = end;
        one.last = false;
        waitFor(piece(one.entity, end));
      }
      one.inner = fill(one.end);
      pieces.push(one);
    }
    return pieces;
  }

  // Puts the rest of a cut entity where it belongs in the queue.
  function waitFor(rest) {
    let at = next;
    while (at < queue.length && (queue[at].start < rest.start
      || (queue[at].start === rest.start && queue[at].end > rest.end))) at += 1;
    queue.splice(at, 0, rest);
  }

  return lines.map(([, end]) => fill(end));
}

function piece(entity, start) {
  return { entity, start, end: entity.end, first: start === entity.start, last: true, inner: [] };
}

/** What a line shows, as a string: equal strings are drawn equally. */
export function signature(pieces) {
  return pieces.map(({ entity, start, end, inner }) =>
    `${entity.id} ${start} ${end} ${entity.label} ${entity.score} (${signature(inner)})`).join(",");
}
