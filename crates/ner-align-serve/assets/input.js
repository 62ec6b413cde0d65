// The upper part of the page: text, file, model, token, and what went wrong.

import { RequestError, Server } from "./api.js";

const byId = (id) => document.getElementById(id);

const EXAMPLE = "Ada Lovelace met Charles Babbage in London in 1833. Decades later the Analytical Engine "
  + "came to the Science Museum in South Kensington, and IBM and the University of Cambridge spoke of her.";

/** Asks the server. `found(answer, name)` takes a document of an answer, `models(list)` the models. */
export class Input {
  constructor(found, models, say) {
    this.found = found;
    this.tellModels = models;
    this.say = say;
    this.server = new Server();
    this.running = null;
    // What to do again once there is a token.
    this.refused = null;
    this.lacksModels = false;
    byId("input").addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    byId("source").addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.submit();
    });
    byId("cancel").addEventListener("click", () => this.running?.abort());
    byId("choose").addEventListener("click", () => byId("file").click());
    byId("file").addEventListener("change", () => {
      this.sendFiles(byId("file").files);
      byId("file").value = "";
    });
    byId("example").addEventListener("click", () => {
      byId("source").value = EXAMPLE;
      this.submit();
    });
    this.acceptDrops();
    this.loadModels();
  }

  acceptDrops() {
    const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
    const mark = (on) => document.body.classList.toggle("dropping", on);
    addEventListener("dragover", (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      mark(true);
    });
    addEventListener("dragleave", (event) => {
      if (!event.relatedTarget) mark(false);
    });
    addEventListener("drop", (event) => {
      mark(false);
      if (!hasFiles(event)) return;
      event.preventDefault();
      this.sendFiles(event.dataTransfer.files);
    });
  }

  async loadModels() {
    this.lacksModels = false;
    try {
      const { models } = await this.server.models();
      byId("model").replaceChildren(...models.map(({ name, default: first }) => new Option(name, name, first, first)));
      byId("model-choice").hidden = models.length < 2;
      byId("model-name").textContent = models.length === 1 ? models[0].name : "";
      this.tellModels(models);
    } catch (error) {
      this.lacksModels = true;
      this.fail(error);
    }
  }

  submit() {
    const token = byId("token").value.trim();
    const again = this.refused;
    this.refused = null;
    if (token) {
      this.server.token = token;
      byId("token").value = "";
      byId("token-row").hidden = true;
      this.fail(null);
      if (this.lacksModels) this.loadModels();
      if (again) again();
      // A token alone asks for nothing else.
      if (again || byId("source").value === "") return;
    }
    // A text of the page may hold halves of characters, which are no Unicode.
    const text = byId("source").value.toWellFormed?.() ?? byId("source").value;
    if (text.trim() === "") this.fail(new RequestError("The text is empty: paste one, or choose a file.", 0));
    else this.ask((signal) => this.server.entitiesOfText(text, this.model(), signal), null);
  }

  sendFiles(files) {
    if (files.length === 0) return;
    if (files.length > 1) this.fail(new RequestError(`Expected one file at a time, found ${files.length}.`, 0));
    else this.ask((signal) => this.server.entitiesOfFile(files[0], this.model(), signal), files[0].name);
  }

  model() {
    return byId("model").value || null;
  }

  async ask(request, name) {
    this.running?.abort();
    const running = new AbortController();
    this.running = running;
    this.busy(true);
    this.fail(null);
    try {
      const answer = await request(running.signal);
      // A later request may have been sent meanwhile.
      if (this.running !== running) return;
      if (name !== null) byId("source").value = answer.text;
      this.found(answer, name);
    } catch (error) {
      if (error.name === "AbortError") {
        if (this.running === running) this.say("Cancelled.");
      } else this.fail(error, () => this.ask(request, name));
    } finally {
      if (this.running === running) {
        this.running = null;
        this.busy(false);
      }
    }
  }

  busy(is) {
    byId("input").setAttribute("aria-busy", String(is));
    byId("find").disabled = is;
    byId("find").textContent = is ? "Finding…" : "Find entities";
    byId("cancel").hidden = !is;
    if (is) this.say("Finding entities.");
  }

  /** Shows an error in one line; null shows none. `again` is what to do once there is a token. */
  fail(error, again) {
    const line = byId("error");
    line.hidden = !error;
    line.textContent = error?.message ?? "";
    if (error?.status !== 401) return;
    this.server.token = null;
    this.refused = again ?? this.refused;
    byId("token-row").hidden = false;
    byId("token").focus();
  }
}
