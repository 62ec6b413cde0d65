// A server that answers as `ner-align serve` does, with a list of names for a model: enough to try the
// page without one. By itself: node tests/page/mock.mjs [PORT]

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";

const ASSETS = new URL("../../crates/ner-align-serve/assets/", import.meta.url);
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
  + "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const TYPES = { html: "text/html", css: "text/css", js: "text/javascript" };

export const HOSTILE = '<img src=x onerror="globalThis.harmed = true">';
/** Name, type, score. */
const NAMES = [
  ["Ada Lovelace", "PER", 0.998], ["Charles Babbage", "PER", 0.973], ["Ada", "PER", 0.61], ["London", "LOC", 0.991],
  ["Science Museum", "ORG", 0.842], ["South Kensington", "LOC", 0.914], ["IBM", "ORG", 0.987],
  ["University of Cambridge", "ORG", 0.93], ["Cambridge", "LOC", 0.42], ["রবীন্দ্রনাথ ঠাকুর", "PER", 0.95], ["কলকাতা", "LOC", 0.9],
  ["José", "PER", 0.88], ["القاهرة", "LOC", 0.97], ["نجيب محفوظ", "PER", 0.94], ["Hostile", HOSTILE, 0.7], ["York Times", "ORG", 0.5],
  ["New York", "LOC", 0.8],
];

/** The entities of a text in code points, nested and crossing ones among them. */
export function entitiesOf(text) {
  // The code points before each UTF-16 unit, counted once: a text may be very long.
  const points = new Uint32Array(text.length + 1);
  for (let at = 0; at < text.length; at += 1) {
    points[at + 1] = points[at] + (text.codePointAt(at) > 0xffff ? 0 : 1);
  }
  const found = [];
  for (const [name, label, score] of NAMES) {
    for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
      if (name === "Ada" && text.startsWith("Ada Lovelace", at)) continue;
      found.push({ start: at, end: at + name.length, label, score, text: name });
    }
  }
  found.sort((a, b) => a.start - b.start || b.end - a.end);
  return found.map((one) => ({ ...one, start: points[one.start], end: points[one.end] }));
}

/** What the file of an upload says, read as text: this server knows no PDF. */
const PDF_TEXT = "Ada Lovelace\nLondon\n\nCharles Babbage, University of Cambridge\n";

/** `options`: `token`, `models` (names), `delay` in ms, `below` (a path). Returns `{url, close, asked}`. */
export async function start(options = {}) {
  const { token = null, models = ["news"], delay = 0, below = "", port = 0 } = options;
  const asked = [];
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const url = new URL(request.url, "http://localhost");
    asked.push({ path: url.pathname, query: url.search, type: request.headers["content-type"], body: body.toString() });
    const send = (status, type, text) => {
      response.writeHead(status, { "content-type": type, "content-security-policy": POLICY, "x-content-type-options": "nosniff" });
      response.end(text);
    };
    const json = (value) => send(200, "application/json", JSON.stringify(value));
    const problem = (status, title, detail) =>
      send(status, "application/problem+json", JSON.stringify({ type: "about:blank", title, status, detail }));
    const path = url.pathname.slice(below.length);
    if (path === "/" || path.startsWith("/assets/")) {
      const name = path === "/" ? "index.html" : path.slice("/assets/".length);
      try {
        return send(200, `${TYPES[name.split(".").pop()]}; charset=utf-8`, await readFile(new URL(name, ASSETS)));
      } catch {
        return problem(404, "Not Found", `expected a path of this server, found ${path}`);
      }
    }
    if (token && request.headers.authorization !== `Bearer ${token}`) {
      return problem(401, "Unauthorized", "expected the header Authorization: Bearer TOKEN with the token of this server");
    }
    if (path === "/v1/models") {
      const labels = [...new Set(NAMES.map(([, label]) => label))].filter((label) => label !== HOSTILE);
      return json({ models: models.map((name, index) => ({ name, labels: [...labels, "MISC"].sort(), default: index === 0 })) });
    }
    if (path !== "/v1/entities") return problem(404, "Not Found", `expected a path of this server, found ${path}`);
    await new Promise((done) => { setTimeout(done, delay); });
    if (request.headers["content-type"].startsWith("multipart/form-data")) {
      const content = body.toString("latin1");
      if (!content.includes("%PDF-")) return problem(415, "Unsupported Media Type", "expected a document, found another file");
      const second = PDF_TEXT.indexOf("Charles");
      const size = { width: 595, height: 842 };
      return json({
        model: url.searchParams.get("model") ?? models[0],
        text: PDF_TEXT,
        entities: entitiesOf(PDF_TEXT).map((one) => ({ ...one, page: one.start < second ? 1 : 2, boxes: [] })),
        pages: [[0, second], [second, PDF_TEXT.length], [PDF_TEXT.length, PDF_TEXT.length]].map(([start, end], at) => ({
          number: at + 1, start, end, ...size,
        })),
      });
    }
    const { text, model } = JSON.parse(body);
    if (text.length > 300_000) return problem(422, "Unprocessable Content", `text: expected at most 300000 code points, found ${text.length}`);
    return json({ model: model ?? models[0], text, entities: entitiesOf(text) });
  });
  await new Promise((done) => { server.listen(port, "127.0.0.1", done); });
  const url = `http://127.0.0.1:${server.address().port}${below}/`;
  return { url, asked, close: () => { server.closeAllConnections(); server.close(); } };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { url } = await start({ port: Number(process.argv[2] ?? 8000), models: ["news", "legal"] });
  console.log(url);
}
