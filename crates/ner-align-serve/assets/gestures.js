// Keys, pointer and selections in the text: what they ask for.

import { snap, wordAfter, wordBefore } from "./offsets.js";

/**
 * Listens to the text. `actions`: `edit(id)`, `choose(start, end, takeFocus)`, `setType(id, label index)`,
 * `move(id, edge, step, way)`, `remove(id)`, `say(line)`, `hasText()`.
 */
export class Gestures {
  constructor(view, actions) {
    this.view = view;
    this.actions = actions;
    // The words that the keyboard selects, or null.
    this.picked = null;
    this.timer = 0;
    const { element } = view;
    element.addEventListener("keydown", (event) => this.key(event));
    element.addEventListener("blur", () => this.leave(false));
    element.addEventListener("click", (event) => {
      const mark = event.target.closest(".entity");
      if (mark && getSelection().isCollapsed) actions.edit(Number(mark.dataset.id));
    });
    document.addEventListener("pointerup", (event) => {
      if (event.pointerType === "mouse" && !event.target.closest?.("#editor")) this.takeSelection(true);
    });
    // On touch screens a selection grows by its handles, without events of the pointer.
    document.addEventListener("pointerdown", (event) => {
      this.touch = event.pointerType === "touch";
    });
    document.addEventListener("selectionchange", () => {
      clearTimeout(this.timer);
      if (this.touch) this.timer = setTimeout(() => this.takeSelection(false), 400);
    });
  }

  /** Offers what the mouse or the finger selected as a new entity. */
  takeSelection(takeFocus) {
    const selection = getSelection();
    if (selection.isCollapsed || selection.rangeCount === 0 || !this.actions.hasText()) return;
    const range = selection.getRangeAt(0);
    const start = this.view.unitAt(range.startContainer, range.startOffset);
    const end = this.view.unitAt(range.endContainer, range.endOffset);
    if (start === null || end === null) return;
    const words = snap(this.view.document.text, start, end);
    if (words) this.actions.choose(...words, takeFocus);
  }

  key(event) {
    if (!this.actions.hasText()) return;
    const taken = this.picked ? this.pickKey(event) : this.entityKey(event);
    if (!taken) return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** A key while the focus goes from entity to entity. */
  entityKey(event) {
    const { key, shiftKey, altKey } = event;
    if (event.ctrlKey || event.metaKey) return false;
    const id = this.view.focused() ? this.view.focusId : null;
    const way = this.wayOf(key);
    if (way !== 0 && shiftKey) {
      if (id === null) return false;
      this.actions.move(id, altKey ? "start" : "end", "word", way);
    } else if (altKey) return false;
    else if (way !== 0) this.view.go(way);
    else if (key === "Home") this.view.go(-Infinity);
    else if (key === "End") this.view.go(Infinity);
    else if (key === "a" || key === "A") this.startPicking();
    else if (id === null) return false;
    else if (key === "Enter" || key === " ") this.actions.edit(id);
    else if (key === "Delete" || key === "Backspace") this.actions.remove(id);
    else if (/^[1-9]$/.test(key)) this.actions.setType(id, Number(key) - 1);
    else return false;
    return true;
  }

  /** 1 towards the end of the text, -1 towards its start, 0 for other keys. */
  wayOf(key) {
    if (key !== "ArrowLeft" && key !== "ArrowRight") return 0;
    const line = document.activeElement.closest?.(".line");
    const forwards = line && getComputedStyle(line).direction === "rtl" ? "ArrowLeft" : "ArrowRight";
    return key === forwards ? 1 : -1;
  }

  /** Begins to select words with the keyboard, after the entity that has the focus. */
  startPicking() {
    const { document: annotated, focusId } = this.view;
    const focused = focusId === null ? null : annotated.get(focusId);
    const from = this.view.focused() && focused ? focused.end : 0;
    const word = wordAfter(annotated.text, from) ?? wordAfter(annotated.text, 0);
    if (!word) return this.actions.say("The text has no words.");
    this.view.element.focus();
    this.pick(word, "Arrow keys move, Shift grows, Enter takes, Escape leaves.");
    return undefined;
  }

  pick([start, end], hint) {
    this.picked = { start, end };
    const from = this.view.placeOf(start);
    getSelection().setBaseAndExtent(...from, ...this.view.placeOf(end));
    from[0].parentElement?.scrollIntoView({ block: "nearest" });
    const words = this.view.document.text.slice(start, end);
    this.actions.say(hint ? `Selected: ${words}. ${hint}` : `Selected: ${words}`);
  }

  pickKey({ key, shiftKey, ctrlKey, metaKey }) {
    if (ctrlKey || metaKey) return false;
    const { text } = this.view.document;
    const { start, end } = this.picked;
    const way = this.wayOf(key);
    if (key === "Escape") this.leave(true);
    else if (key === "Enter" || key === " ") this.takePicked();
    else if (way > 0 && shiftKey) this.pickIf([start, wordAfter(text, end)?.[1] ?? end]);
    else if (way < 0 && shiftKey) this.pickIf([start, this.endBefore(text, start, end)]);
    else if (way > 0) this.pickIf(wordAfter(text, end));
    else if (way < 0) this.pickIf(wordBefore(text, start));
    else if (key === "ArrowDown") this.pickLine(1);
    else if (key === "ArrowUp") this.pickLine(-1);
    else if (key === "Home") this.pickIf(wordAfter(text, 0));
    else if (key === "End") this.pickIf(wordBefore(text, text.length));
    else return false;
    return true;
  }

  endBefore(text, start, end) {
    const last = wordBefore(text, end);
    const before = last && wordBefore(text, last[0]);
    return before && before[1] > start ? before[1] : end;
  }

  pickIf(words) {
    if (words) this.pick(words);
  }

  /** The first word of the next or previous line that has one. */
  pickLine(way) {
    const { lines, document: annotated } = this.view;
    let line = this.view.lineAt(this.picked.start) + way;
    for (; line >= 0 && line < lines.length; line += way) {
      const word = wordAfter(annotated.text, lines[line][0]);
      if (word && word[0] < lines[line][1]) return this.pick(word);
    }
    return undefined;
  }

  takePicked() {
    const { start, end } = this.picked;
    this.picked = null;
    this.actions.choose(start, end, true);
  }

  leave(back) {
    if (!this.picked) return;
    this.picked = null;
    getSelection().removeAllRanges();
    if (back) this.view.focus(this.view.focusId);
  }
}
