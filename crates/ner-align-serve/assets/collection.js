// The corrected documents that go into one training file.

import { shortened } from "./view.js";

const byId = (id) => document.getElementById(id);

/** The documents of the training file. `open(document)` shows one again. */
export class Collection {
  constructor(open) {
    this.open = open;
    this.documents = [];
    this.current = null;
    // True once something would be lost with the page.
    this.unsaved = false;
    byId("keep").addEventListener("click", () => {
      this.toggle(this.current);
      byId("keep").focus();
    });
    byId("download").addEventListener("click", () => this.download());
    addEventListener("beforeunload", (event) => {
      if (this.unsaved) event.preventDefault();
    });
  }

  /** Tells which document is shown; one that was corrected is kept. */
  update(current) {
    this.current = current;
    if (current.isCorrected && !current.isLeftOut && !this.documents.includes(current)) this.documents.push(current);
    this.draw();
  }

  /** Notes a correction. */
  corrected() {
    this.unsaved = true;
  }

  toggle(one) {
    one.isLeftOut = this.documents.includes(one);
    if (one.isLeftOut) this.documents = this.documents.filter((other) => other !== one);
    else this.documents.push(one);
    this.draw();
  }

  draw() {
    const { current, documents } = this;
    byId("collection").hidden = !current;
    byId("keep").textContent = documents.includes(current) ? "Leave this document out" : "Keep this document";
    const download = this.chosen();
    const spans = download.reduce((sum, one) => sum + one.kept().length, 0);
    byId("collection-summary").textContent =
      `${count(download.length, "document")}, ${count(spans, "span")}: all types, scores from the threshold up`;
    byId("kept").replaceChildren(...documents.map((one) => this.row(one)));
  }

  row(one) {
    const item = document.createElement("li");
    const open = document.createElement("button");
    open.type = "button";
    open.className = "quiet excerpt";
    open.dir = "auto";
    open.textContent = one.name ?? shortened(one.text.trim(), 80);
    if (one === this.current) open.setAttribute("aria-current", "true");
    open.addEventListener("click", () => this.open(one));
    const about = document.createElement("span");
    about.className = "hint";
    about.textContent = [count(one.kept().length, "span"), ...told(one.corrections())].join(" · ");
    const remove = document.createElement("button");
    remove.type = "button";
    remove.className = "quiet";
    remove.textContent = "✕";
    remove.setAttribute("aria-label", `Leave out: ${open.textContent}`);
    remove.addEventListener("click", () => {
      this.toggle(one);
      byId("keep").focus();
    });
    item.append(open, about, remove);
    return item;
  }

  /** What a download holds: the kept documents, or the one that is shown. */
  chosen() {
    return this.documents.length > 0 ? this.documents : [this.current].filter(Boolean);
  }

  download() {
    const lines = this.chosen().map((one) => `${one.trainingLine()}\n`);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob(lines, { type: "application/jsonl" }));
    link.download = "corrected.jsonl";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    this.unsaved = false;
  }
}

/** The corrections in words. */
export function told(corrections) {
  return Object.entries(corrections).filter(([, number]) => number > 0).map(([what, number]) => `${number} ${what}`);
}

/** `1 document`, `2 documents`. */
export function count(number, noun) {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
