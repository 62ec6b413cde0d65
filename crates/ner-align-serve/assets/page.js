// Puts the page together: input, text, legend, corrections, JSON, training file.

import { Collection, told } from "./collection.js";
import { Palette } from "./colours.js";
import { AnnotatedText } from "./document.js";
import { Editor, movedEdge } from "./editor.js";
import { Gestures } from "./gestures.js";
import { Input } from "./input.js";
import { Legend } from "./legend.js";
import { setUpHelp, setUpTheme } from "./settings.js";
import { TextView } from "./view.js";

const byId = (id) => document.getElementById(id);

/** The document that is shown, or null. */
let current = null;
let labelsOf = new Map();
let timer = 0;

const palette = new Palette([]);
const view = new TextView(byId("text"), byId("tip"), palette);
const legend = new Legend(palette, () => draw());
const collection = new Collection((one) => show(one));
const editor = new Editor(palette, {
  setType: (target, label) => (target.entity ? setType(target.id, label) : add(target.start, target.end, label)),
  move,
  remove,
  closed(target, back) {
    getSelection().removeAllRanges();
    if (back) view.focus(target.id ?? view.focusId);
  },
});
const gestures = new Gestures(view, {
  hasText: () => current !== null,
  edit,
  choose,
  move,
  remove,
  say,
  setType(id, index) {
    const label = palette.labels()[index];
    if (label !== undefined) setType(id, label);
  },
});

new Input(
  (answer, name) => {
    palette.learn(labelsOf.get(answer.model) ?? []);
    show(new AnnotatedText(answer, answer.model, name));
    byId("results").scrollIntoView({ block: "nearest" });
  },
  (models) => {
    labelsOf = new Map(models.map(({ name, labels }) => [name, labels]));
    palette.learn((models.find((one) => one.default) ?? models[0])?.labels ?? []);
  },
  say,
);
setUpTheme();
setUpHelp();

/** Tells a screen reader. */
function say(line) {
  byId("status").textContent = line;
}

/** Shows a document. */
function show(one) {
  editor.close(false);
  current = one;
  palette.learn(one.entities.map(({ label }) => label));
  legend.open(one);
  view.open(one);
  byId("results").hidden = false;
  draw();
  const types = legend.counts().map(([label, number]) => `${number} ${label}`);
  say(types.length > 0 ? `Entities found: ${types.join(", ")}.` : "No entity found.");
}

/** Draws whatever changed. */
function draw() {
  const shown = current.kept().filter(({ label }) => !legend.hides(label));
  view.draw(shown);
  legend.draw();
  byId("undo").disabled = !current.canUndo;
  byId("redo").disabled = !current.canRedo;
  const shares = `${shown.length} of ${current.entities.length} shown`;
  const blank = current.blankPages.length > 0 ? [`no text on page ${current.blankPages.join(", ")}`] : [];
  byId("summary").textContent = [shares, ...blank, ...told(current.corrections())].join(" · ");
  byId("nothing").hidden = shown.length > 0;
  byId("nothing").textContent = current.entities.length === 0
    ? "The model found no entity here. Select words to add one."
    : "The types and the threshold above hide every entity.";
  collection.update(current);
  clearTimeout(timer);
  timer = setTimeout(() => drawJson(shown), current.text.length > 20_000 ? 250 : 0);
}

/** The entities shown, one a line. */
function drawJson(shown) {
  const line = (one) => {
    const fields = Object.entries(current.record(one)).map(([key, value]) => `"${key}": ${JSON.stringify(value)}`);
    return `    {${fields.join(", ")}}`;
  };
  const entities = shown.length === 0 ? "[]" : `[\n${shown.map(line).join(",\n")}\n  ]`;
  byId("json").textContent =
    `{\n  "model": ${JSON.stringify(current.model)},\n  "text": ${JSON.stringify(current.text)},\n  "entities": ${entities}\n}`;
}

/** Draws after a correction and tells of it. */
function corrected(line) {
  collection.corrected();
  draw();
  if (editor.isOpen && editor.target.entity) {
    const entity = current.get(editor.target.id);
    if (entity) {
      editor.target.entity = entity;
      editor.show(current.textOf(entity));
    } else editor.close(false);
  }
  say(line);
}

function edit(id) {
  const entity = current.get(id);
  view.focusId = id;
  view.hideTip();
  const rectangle = view.mark(id).getBoundingClientRect();
  editor.open({ id, entity }, current.textOf(entity), rectangle, true);
}

/** Asks for the type of a selection. */
function choose(start, end, takeFocus) {
  const range = document.createRange();
  range.setStart(...view.placeOf(start));
  range.setEnd(...view.placeOf(end));
  getSelection().setBaseAndExtent(range.startContainer, range.startOffset, range.endContainer, range.endOffset);
  editor.open({ start, end }, current.text.slice(start, end), range.getBoundingClientRect(), takeFocus);
}

function add(start, end, label) {
  palette.learn([label]);
  legend.reveal(label);
  const id = current.add(start, end, label);
  view.focusId = id;
  editor.close(false);
  corrected(`Added ${label}: ${current.text.slice(start, end)}`);
  view.focus(id);
}

function setType(id, label) {
  palette.learn([label]);
  legend.reveal(label);
  if (current.change(id, { label })) corrected(`Type: ${label}`);
  else say("Nothing changed: the entity is of this type already, or another one is.");
}

function move(id, edge, step, way) {
  const to = movedEdge(current.text, current.get(id), edge, step, way);
  if (current.change(id, { [edge]: to })) corrected(`Now: ${current.textOf(current.get(id))}`);
  else say("This edge goes no further.");
}

function remove(id) {
  const entity = current.get(id);
  const at = view.shown.findIndex((one) => one.id === id);
  view.focusId = (view.shown[at + 1] ?? view.shown[at - 1])?.id ?? null;
  const hadFocus = editor.isOpen || view.focused() !== null;
  current.remove(id);
  editor.close(false);
  corrected(`Removed: ${current.textOf(entity)}`);
  if (hadFocus) view.focus(view.focusId);
}

function undo(back) {
  if (!current || !(back ? current.canUndo : current.canRedo)) return;
  if (back) current.undo();
  else current.redo();
  corrected(back ? "Undone." : "Done again.");
}

byId("undo").addEventListener("click", () => undo(true));
byId("redo").addEventListener("click", () => undo(false));
byId("add").addEventListener("click", () => gestures.startPicking());
byId("copy").addEventListener("click", async () => {
  const text = byId("json").textContent;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without TLS browsers allow the old way only.
    getSelection().selectAllChildren(byId("json"));
    document.execCommand("copy");
  }
  say("Copied.");
  byId("copy").textContent = "Copied";
  setTimeout(() => { byId("copy").textContent = "Copy"; }, 1500);
});
document.addEventListener("keydown", (event) => {
  if (event.target.matches?.("input:not([type=range]), textarea") || !(event.ctrlKey || event.metaKey)) return;
  const key = event.key.toLowerCase();
  if (key !== "z" && key !== "y") return;
  event.preventDefault();
  undo(key === "z" && !event.shiftKey);
});
