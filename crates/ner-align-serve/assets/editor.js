// The panel that corrects an entity, or asks for the type of a new one.

import { graphemeEnd, graphemeStart, wordAfter, wordBefore } from "./offsets.js";
import { about, placeBeside, shortened } from "./view.js";

const byId = (id) => document.getElementById(id);

/** Where an edge goes: `edge` is start or end, `step` word or character, `way` -1 or 1. */
export function movedEdge(text, { start, end }, edge, step, way) {
  const at = edge === "start" ? start : end;
  if (step === "character") return way < 0 ? graphemeStart(text, at) : graphemeEnd(text, at);
  // A start goes to starts of words, an end to ends of words.
  if (edge === "start") {
    if (way < 0) return wordBefore(text, at)?.[0] ?? at;
    const here = wordAfter(text, at);
    if (!here) return at;
    return here[0] > at ? here[0] : (wordAfter(text, here[1])?.[0] ?? at);
  }
  if (way > 0) return wordAfter(text, at)?.[1] ?? at;
  const here = wordBefore(text, at);
  if (!here) return at;
  return here[1] < at ? here[1] : (wordBefore(text, here[0])?.[1] ?? at);
}

/** The panel. `actions`: `setType(target, label)`, `move(id, edge, step, way)`, `remove(id)`, `closed()`. */
export class Editor {
  constructor(palette, actions) {
    this.palette = palette;
    this.actions = actions;
    this.panel = byId("editor");
    this.target = null;
    this.types = byId("editor-types");
    byId("editor-close").addEventListener("click", () => this.close(true));
    byId("editor-remove").addEventListener("click", () => actions.remove(this.target.id));
    byId("new-type-use").addEventListener("click", () => this.useNewType());
    byId("new-type").addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.useNewType();
    });
    byId("editor-edges").addEventListener("click", (event) => {
      const button = event.target.closest("[data-edge]");
      if (!button) return;
      const { edge, step, way } = button.dataset;
      actions.move(this.target.id, edge, step, Number(way));
    });
    this.panel.addEventListener("keydown", (event) => this.key(event));
    document.addEventListener("pointerdown", (event) => {
      if (this.isOpen && !event.target.closest("#editor, .entity")) this.close(false);
    });
  }

  get isOpen() {
    return !this.panel.hidden;
  }

  /** Opens for an entity: `{id, entity}`, or for a selection: `{start, end}`. */
  open(target, text, rectangle, takeFocus) {
    this.target = target;
    this.show(text);
    this.panel.hidden = false;
    placeBeside(this.panel, rectangle, false);
    // On a narrow screen the panel is a sheet at the bottom, which must not hide what it is about.
    const { top, bottom } = this.panel.getBoundingClientRect();
    const hidden = rectangle.bottom + 16 - top;
    if (hidden > 0 && rectangle.top < bottom) scrollBy(0, hidden);
    if (!takeFocus) return;
    const chosen = this.types.querySelector('[aria-pressed="true"]');
    (chosen ?? this.types.querySelector("button") ?? byId("new-type")).focus();
  }

  /** Shows what the target is now. */
  show(text) {
    const { entity } = this.target;
    byId("editor-title").textContent = shortened(text, 80);
    byId("editor-about").textContent = entity ? about(entity) : "New entity: choose its type.";
    byId("editor-edges").hidden = !entity;
    const pressed = document.activeElement?.closest?.("#editor-types button")?.dataset.type;
    this.types.replaceChildren(...this.palette.labels().map((label, index) => this.typeButton(label, index)));
    if (pressed !== undefined) {
      [...this.types.children].find((button) => button.dataset.type === pressed)?.focus();
    }
  }

  typeButton(label, index) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "type";
    button.dataset.type = label;
    button.setAttribute("aria-pressed", String(this.target.entity?.label === label));
    if (index < 9) {
      button.dataset.key = index + 1;
      button.setAttribute("aria-keyshortcuts", String(index + 1));
    }
    button.append(label);
    this.palette.paint(button, label);
    button.addEventListener("click", () => this.actions.setType(this.target, label));
    return button;
  }

  useNewType() {
    const field = byId("new-type");
    const label = field.value.trim();
    if (!label) return field.focus();
    field.value = "";
    return this.actions.setType(this.target, label);
  }

  key(event) {
    if (event.key === "Escape") {
      event.preventDefault();
      this.close(true);
    } else if (event.key === "Tab") {
      this.keepFocus(event);
    } else if (event.target.id !== "new-type" && /^[1-9]$/.test(event.key) && !event.ctrlKey && !event.altKey && !event.metaKey) {
      const label = this.palette.labels()[Number(event.key) - 1];
      if (label !== undefined) this.actions.setType(this.target, label);
    } else if (event.target.id !== "new-type" && event.key === "Delete" && this.target.entity) {
      this.actions.remove(this.target.id);
    }
  }

  /** Tab goes around in the panel. */
  keepFocus(event) {
    const stops = [...this.panel.querySelectorAll("button, input")].filter((one) => one.offsetParent);
    const edge = event.shiftKey ? stops[0] : stops.at(-1);
    if (document.activeElement !== edge) return;
    event.preventDefault();
    (event.shiftKey ? stops.at(-1) : stops[0]).focus();
  }

  /** `back`: the focus returns to the text. */
  close(back) {
    if (!this.isOpen) return;
    const { target } = this;
    this.panel.hidden = true;
    this.target = null;
    this.actions.closed(target, back);
  }
}
