// The page of a real server, whatever its model: what the page shows is what the server answers.
//
//   SERVER=http://127.0.0.1:8080/ FILES=a.pdf,b.md NODE_PATH=DIR/node_modules node --test tests/page/served.test.mjs
//
// Without SERVER all of it is skipped. PICTURES names a folder for screenshots.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { after, before, test } from "node:test";
import { download, find, launch, marks, open } from "./browser.mjs";

const { SERVER: server, FILES: files = "", PICTURES: pictures } = process.env;
const TEXT = "Anna Schmidt flew from Berlin to New York with Lufthansa 🛫 and met Barack Obama.\nShe stayed in Paris.";
const options = { skip: server ? false : "no SERVER", timeout: 120_000 };

let browser;
before(async () => { if (server) browser = await launch(); });
after(() => browser?.close());

const ask = async (body, headers = { "content-type": "application/json" }) => {
  const answer = await fetch(new URL("v1/entities", server), { method: "POST", headers, body });
  assert.equal(answer.status, 200, await answer.clone().text());
  return answer.json();
};
const pairs = (entities) => entities.map((one) => [one.text, one.label]);
const picture = (page, name) => pictures && page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });

test("pasted text, a filter, a correction and the download", options, async () => {
  for (const colorScheme of ["light", "dark"]) {
    const { page, check } = await open(browser, server, { colorScheme });
    const answer = await ask(JSON.stringify({ text: TEXT }));
    assert.ok(answer.entities.length > 1, "choose a model that finds people and places");
    await find(page, TEXT);
    assert.deepEqual(await marks(page), pairs(answer.entities));
    await page.waitForFunction(() => document.querySelector("#json").textContent.includes("Paris"));
    assert.deepEqual(JSON.parse(await page.textContent("#json")), answer);
    await picture(page, `pasted-${colorScheme}`);
    await page.locator(".entity").first().focus();
    await page.keyboard.press("Delete");
    const left = await marks(page);
    assert.equal(left.length, answer.entities.length - 1);
    const [line] = await download(page);
    const points = Array.from(TEXT);
    const spans = line.spans.map(({ start, end, label }) => [points.slice(start, end).join(""), label]);
    assert.deepEqual([line.text, spans], [TEXT, left]);
    await check();
  }
});

for (const path of files.split(",").filter(Boolean)) {
  test(`${basename(path)} is uploaded`, options, async () => {
    const { page, check } = await open(browser, server);
    const form = new FormData();
    form.set("file", new Blob([await readFile(path)]), basename(path));
    const answer = await ask(form, {});
    await page.setInputFiles("#file", path);
    await page.waitForFunction((wanted) => document.querySelector("#source").value === wanted, answer.text);
    assert.deepEqual(await marks(page), pairs(answer.entities));
    const shown = await page.$$eval(".line[data-page]", (all) => all.map((one) => one.dataset.page));
    const pages = answer.pages.filter((one) => one.end > one.start).map((one) => `Page ${one.number}`);
    assert.deepEqual(shown, answer.pages.length > 1 ? pages : []);
    await picture(page, basename(path));
    await check();
  });
}
