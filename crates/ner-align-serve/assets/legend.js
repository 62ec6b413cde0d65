// The types of a document with their counts, as switches; and the threshold.

import { byCodePoint } from "./offsets.js";

const byId = (id) => document.getElementById(id);

/** The legend. `changed()` is called when what is shown changes. */
export class Legend {
  constructor(palette, changed) {
    this.palette = palette;
    this.hidden = new Set();
    this.document = null;
    this.frame = 0;
    byId("threshold").addEventListener("input", () => {
      if (!this.document) return;
      this.document.threshold = Number(byId("threshold").value);
      this.drawThreshold();
      // A slider tells of more steps than a screen shows.
      cancelAnimationFrame(this.frame);
      this.frame = requestAnimationFrame(changed);
    });
    byId("legend").addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      const { type } = button.dataset;
      if (!this.hidden.delete(type)) this.hidden.add(type);
      changed();
    });
  }

  /** Shows the types of another document. */
  open(document) {
    this.document = document;
    this.hidden.clear();
    byId("threshold").value = document.threshold;
    this.drawThreshold();
  }

  drawThreshold() {
    byId("threshold-value").textContent = this.document.threshold.toFixed(2);
  }

  hides(label) {
    return this.hidden.has(label);
  }

  /** Shows a type again. */
  reveal(label) {
    this.hidden.delete(label);
  }

  /** Types and how many entities pass the threshold, in the order of the types. */
  counts() {
    const counts = new Map();
    for (const { label } of this.document.entities) counts.set(label, 0);
    for (const { label } of this.document.kept()) counts.set(label, counts.get(label) + 1);
    return [...counts].sort(([a], [b]) => byCodePoint(a, b));
  }

  draw() {
    const focused = document.activeElement?.closest?.("#legend button")?.dataset.type;
    const counts = this.counts();
    byId("legend").replaceChildren(...counts.map(([label, number]) => this.button(label, number)));
    if (focused !== undefined) {
      [...byId("legend").children].find((button) => button.dataset.type === focused)?.focus();
    }
  }

  button(label, number) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "type";
    button.dataset.type = label;
    button.setAttribute("aria-pressed", String(!this.hides(label)));
    const counter = document.createElement("span");
    counter.className = "count";
    counter.textContent = String(number);
    button.append(label, " ", counter);
    this.palette.paint(button, label);
    return button;
  }
}
