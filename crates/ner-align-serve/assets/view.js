// Draws a text with its entities, and moves the focus among them.

import { countBelow } from "./offsets.js";
import { layOut, lines, signature } from "./layout.js";

/** Score as people read it. */
export function percent(score) {
  return `${(score * 100).toFixed(1)} %`;
}

/** What is known of an entity beside its text, in a few words. */
export function about(entity) {
  if (entity.score !== null) return `${entity.label}, score ${percent(entity.score)}`;
  return `${entity.label}, ${entity.found ? "corrected" : "added"}`;
}

/** At most so many code points of a text. */
export function shortened(text, most) {
  const points = Array.from(text.slice(0, 2 * most + 2));
  return points.length > most ? `${points.slice(0, most - 1).join("")}…` : text;
}

/** The text on the page. */
export class TextView {
  constructor(element, tip, palette) {
    this.element = element;
    this.tip = tip;
    this.palette = palette;
    this.focusId = null;
    element.addEventListener("focusin", (event) => this.attend(event.target));
    element.addEventListener("focusout", () => this.hideTip());
    element.addEventListener("pointerover", (event) => this.showTip(event.target.closest(".entity")));
    element.addEventListener("pointerout", () => this.showTip(this.focused()));
    addEventListener("scroll", () => this.hideTip(), { passive: true, capture: true });
  }

  /** Shows another document. */
  open(document) {
    this.document = document;
    this.focusId = null;
    this.lines = lines(document.text);
    this.drawn = this.lines.map(() => null);
    this.blocks = this.lines.map(([start]) => {
      const block = globalThis.document.createElement("div");
      block.className = "line";
      block.dir = "auto";
      block.dataset.start = start;
      return block;
    });
    for (const page of document.pages) {
      const line = this.lineAt(page.start);
      const several = document.pages.length + document.blankPages.length > 1;
      if (line >= 0 && several) this.blocks[line].dataset.page = `Page ${page.number}`;
    }
    this.element.replaceChildren(...this.blocks);
  }

  lineAt(unit) {
    return countBelow(this.lines, ([start]) => start <= unit) - 1;
  }

  /** Draws the lines that changed. */
  draw(shown) {
    this.shown = shown;
    const hadFocus = this.focused() !== null;
    layOut(shown, this.lines).forEach((pieces, line) => {
      const sign = signature(pieces);
      if (sign === this.drawn[line]) return;
      this.drawn[line] = sign;
      const [start, end] = this.lines[line];
      this.blocks[line].replaceChildren(...this.nodes(pieces, start, end));
    });
    if (!shown.some(({ id }) => id === this.focusId)) this.focusId = shown[0]?.id ?? null;
    for (const stop of this.element.querySelectorAll('.entity[tabindex="0"]')) stop.tabIndex = -1;
    const stop = this.mark(this.focusId);
    if (stop) stop.tabIndex = 0;
    if (hadFocus) this.focus(this.focusId);
  }

  nodes(pieces, start, end) {
    const nodes = [];
    let at = start;
    const plain = (to) => {
      if (to > at) nodes.push(globalThis.document.createTextNode(this.document.text.slice(at, to)));
    };
    for (const piece of pieces) {
      plain(piece.start);
      nodes.push(this.markOf(piece));
      at = piece.end;
    }
    plain(end);
    return nodes;
  }

  markOf(piece) {
    const { entity, start, end, first, last, inner } = piece;
    const mark = globalThis.document.createElement("mark");
    mark.className = "entity";
    mark.classList.toggle("from-before", !first);
    mark.classList.toggle("goes-on", !last);
    mark.classList.toggle("by-hand", entity.score === null);
    mark.classList.toggle("nests", inner.length > 0);
    mark.dataset.id = entity.id;
    // CSS draws it after the last piece: as a node it would be part of a selection.
    mark.dataset.label = shortened(entity.label, 28);
    if (first) {
      mark.tabIndex = -1;
      mark.setAttribute("role", "button");
      mark.setAttribute("aria-haspopup", "dialog");
      mark.setAttribute("aria-label", `${this.document.textOf(entity)}, ${about(entity)}`);
    }
    this.palette.paint(mark, entity.label);
    mark.append(...this.nodes(inner, start, end));
    return mark;
  }

  /** The first piece of an entity. */
  mark(id) {
    return id === null ? null : this.element.querySelector(`.entity[data-id="${id}"]:not(.from-before)`);
  }

  /** The entity's mark that has the focus, or null. */
  focused() {
    const active = globalThis.document.activeElement;
    return active?.classList.contains("entity") ? active : null;
  }

  focus(id) {
    const mark = this.mark(id);
    if (mark) mark.focus();
    else this.element.focus();
  }

  /** Moves the focus by so many entities, or to an end. */
  go(by) {
    const at = this.shown.findIndex(({ id }) => id === this.focusId);
    const to = Math.min(Math.max(at + by, 0), this.shown.length - 1);
    if (this.shown[to]) this.focus(this.shown[to].id);
  }

  attend(target) {
    if (!target.classList.contains("entity")) return;
    for (const stop of this.element.querySelectorAll('.entity[tabindex="0"]')) stop.tabIndex = -1;
    target.tabIndex = 0;
    this.focusId = Number(target.dataset.id);
    this.showTip(target);
  }

  showTip(mark) {
    const entity = mark && this.document.get(Number(mark.dataset.id));
    if (!entity) return this.hideTip();
    this.tip.textContent = about(entity);
    this.tip.hidden = false;
    placeBeside(this.tip, mark.getClientRects()[0] ?? mark.getBoundingClientRect(), true);
    return undefined;
  }

  hideTip() {
    this.tip.hidden = true;
  }

  /** The unit of the text where a place in the page is, or null outside of the text. */
  unitAt(node, offset) {
    const element = node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement;
    let block = element?.closest?.(".line");
    if (!block || !this.element.contains(block)) {
      // Between lines: browsers name the text itself and the number of a line.
      if (node !== this.element) return null;
      block = this.blocks[offset];
      return block ? Number(block.dataset.start) : this.document.text.length;
    }
    const range = globalThis.document.createRange();
    range.setStart(block, 0);
    range.setEnd(node, offset);
    return Number(block.dataset.start) + range.toString().length;
  }

  /** Where a unit of the text is in the page, as `[node, offset]`. */
  placeOf(unit) {
    const line = this.lineAt(unit);
    const block = this.blocks[Math.max(line, 0)];
    let left = unit - Number(block.dataset.start);
    const walker = globalThis.document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
    let last = [block, 0];
    while (walker.nextNode()) {
      const node = walker.currentNode;
      if (left <= node.length) return [node, left];
      left -= node.length;
      last = [node, node.length];
    }
    return last;
  }
}

/** Puts a fixed element above or below a rectangle, inside the window. */
export function placeBeside(element, rectangle, above) {
  const margin = 8;
  const { offsetWidth: width, offsetHeight: height } = element;
  const { clientWidth, clientHeight } = globalThis.document.documentElement;
  const left = Math.min(Math.max(rectangle.left, margin), Math.max(clientWidth - width - margin, margin));
  const over = rectangle.top - height - margin;
  const under = rectangle.bottom + margin;
  const fitsOver = over >= margin;
  const fitsUnder = under + height <= clientHeight - margin;
  const top = (above && fitsOver) || (!fitsUnder && fitsOver) ? over : Math.min(under, Math.max(clientHeight - height - margin, margin));
  element.style.setProperty("left", `${left}px`);
  element.style.setProperty("top", `${top}px`);
}
