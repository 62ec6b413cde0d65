// Colours of labels, the same wherever ner-align draws entities: the labels sorted by code point,
// the hue of label i is (210 + i * 137.508) mod 360. page.css makes colours of a hue.

import { byCodePoint } from "./offsets.js";

/** Gives each label a hue. */
export class Palette {
  /** `known` are the labels of the model. */
  constructor(known) {
    this.order = new Map();
    this.learn(known);
  }

  /** New labels come after those that have a hue, so that a correction recolours nothing. */
  learn(labels) {
    for (const label of [...new Set(labels)].sort(byCodePoint)) {
      if (!this.order.has(label)) this.order.set(label, this.order.size);
    }
  }

  /** All labels in the order of their hues. */
  labels() {
    return [...this.order.keys()];
  }

  /** Sets the hue of an element. */
  paint(element, label) {
    const hue = (210 + (this.order.get(label) ?? 0) * 137.508) % 360;
    element.style.setProperty("--hue", hue.toFixed(2));
  }
}
