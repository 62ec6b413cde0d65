// A text and its entities, with every correction. Nothing here touches the page.

import { CodePoints } from "./offsets.js";

let lastId = 0;

/**
 * An entity: `start` and `end` in UTF-16 units, `label`, `score` (null where a person decided), and
 * `found`, what the model had said, or null if it was added.
 */
function entity(start, end, label, score, found) {
  lastId += 1;
  return { id: lastId, start, end, label, score, found };
}

/** Entities by position; the longer one first. */
const byPosition = (a, b) => a.start - b.start || b.end - a.end || a.id - b.id;

/** A text with entities that can be corrected. */
export class AnnotatedText {
  /** From one document of an answer: `{"text", "entities", "pages"}`, offsets in code points. */
  constructor(answer, model, name) {
    this.text = answer.text;
    this.model = model;
    this.name = name;
    this.points = new CodePoints(this.text);
    this.threshold = 0;
    const units = (point) => this.points.toUnits(point);
    this.entities = (answer.entities ?? []).map(({ start, end, label, score }) => {
      const found = { start: units(start), end: units(end), label };
      return entity(found.start, found.end, label, score ?? null, found);
    }).sort(byPosition);
    this.found = this.entities;
    const pages = answer.pages ?? [];
    const isBlank = (page) => page.start === page.end;
    this.pages = pages.filter((page) => !isBlank(page)).map((page) => ({
      number: page.number,
      start: units(page.start),
    }));
    this.blankPages = pages.filter(isBlank).map((page) => page.number);
    this.undone = [];
    this.done = [];
  }

  get(id) {
    return this.entities.find((one) => one.id === id);
  }

  get canUndo() {
    return this.done.length > 0;
  }

  get canRedo() {
    return this.undone.length > 0;
  }

  /** True if a person changed anything. */
  get isCorrected() {
    const { added, removed, changed } = this.corrections();
    return added + removed + changed > 0;
  }

  replace(entities) {
    this.done.push(this.entities);
    this.undone = [];
    this.entities = entities.sort(byPosition);
  }

  undo() {
    if (!this.canUndo) return;
    this.undone.push(this.entities);
    this.entities = this.done.pop();
  }

  redo() {
    if (!this.canRedo) return;
    this.done.push(this.entities);
    this.entities = this.undone.pop();
  }

  /** Adds an entity; the id of it, or of the one that is there already. */
  add(start, end, label) {
    const same = this.twin(start, end, label);
    if (same && this.passes(same)) return same.id;
    const added = entity(start, end, label, null, null);
    this.replace([...this.entities.filter((one) => one !== same), added]);
    return added.id;
  }

  remove(id) {
    this.replace(this.entities.filter((one) => one.id !== id));
  }

  /**
   * Changes `start`, `end` or `label` of an entity. False if nothing is left of it, if it leaves
   * the text, or if another one is the same then.
   */
  change(id, values) {
    const before = this.get(id);
    const after = { ...before, ...values, score: null };
    if (after.start >= after.end || after.start < 0 || after.end > this.text.length) return false;
    if (before.start === after.start && before.end === after.end && before.label === after.label) return false;
    if (this.twin(after.start, after.end, after.label)) return false;
    const found = before.found;
    const restored = found && found.start === after.start && found.end === after.end && found.label === after.label;
    // What the model said gets its score back.
    if (restored) after.score = this.found.find((one) => one.id === id)?.score ?? null;
    this.replace(this.entities.map((one) => (one.id === id ? after : one)));
    return true;
  }

  twin(start, end, label) {
    return this.entities.find((one) => one.start === start && one.end === end && one.label === label);
  }

  /** True unless the model's score is below the threshold. */
  passes(one) {
    return one.score === null || one.score >= this.threshold;
  }

  /** The entities that pass the threshold. */
  kept() {
    return this.entities.filter((one) => this.passes(one));
  }

  textOf(one) {
    return this.text.slice(one.start, one.end);
  }

  /** How many entities a person added, removed and changed. */
  corrections() {
    const here = new Map(this.entities.map((one) => [one.id, one]));
    const changed = this.entities.filter(({ found, start, end, label }) =>
      found && (found.start !== start || found.end !== end || found.label !== label));
    return {
      added: this.entities.filter((one) => !one.found).length,
      removed: this.found.filter((one) => !here.has(one.id)).length,
      changed: changed.length,
    };
  }

  /** An entity as the API has it, in code points. */
  record(one) {
    const record = {
      start: this.points.fromUnits(one.start),
      end: this.points.fromUnits(one.end),
      label: one.label,
    };
    if (one.score !== null) record.score = one.score;
    record.text = this.textOf(one);
    return record;
  }

  /** A line of a training file: all entities that pass the threshold, whatever the page hides. */
  trainingLine() {
    const spans = this.kept().map((one) => {
      const { start, end, label } = this.record(one);
      return { start, end, label };
    });
    const meta = { model: this.model, threshold: this.threshold, corrected: this.corrections() };
    if (this.name) meta.file = this.name;
    return JSON.stringify({ text: this.text, spans, meta });
  }
}
