// The page in headless Chromium: NODE_PATH=DIR/node_modules node --test tests/page
// with `npm install --prefix DIR playwright-core` before, and Chromium at /usr/bin/chromium or $CHROMIUM.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { download, find, launch, marks, open } from "./browser.mjs";
import { HOSTILE, entitiesOf, start } from "./mock.mjs";

const TEXT = "Ada Lovelace met Charles Babbage in London.\nIBM is at South Kensington, near the Science Museum.";
const ENTITIES = [["Ada Lovelace", "PER"], ["Charles Babbage", "PER"], ["London", "LOC"], ["IBM", "ORG"],
  ["South Kensington", "LOC"], ["Science Museum", "ORG"]];
const PDF = Buffer.from("%PDF-1.4\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n");

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

/** A test of one page with a server of its own. */
function onPage(name, run, { server: options, browser: own } = {}) {
  test(name, { timeout: 60_000 }, async () => {
    const server = await start(options);
    try {
      const { page, check } = await open(browser, server.url, own);
      await run(page, server);
      await check();
    } finally {
      server.close();
    }
  });
}

const legend = (page) => page.$$eval("#legend button", (all) => all.map((one) => one.textContent));
const entity = (page, text) => page.locator(".entity", { hasText: text }).first();

/** Selects characters of the text as a mouse would, and lets go. */
async function select(page, words) {
  const [from, to] = await page.evaluate((wanted) => {
    const walker = document.createTreeWalker(document.querySelector("#text"), NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const at = walker.currentNode.data.indexOf(wanted);
      if (at < 0) continue;
      const range = document.createRange();
      range.setStart(walker.currentNode, at);
      range.setEnd(walker.currentNode, at + wanted.length);
      const { left, right, top, height } = range.getBoundingClientRect();
      return [[left + 1, top + height / 2], [right - 1, top + height / 2]];
    }
    throw new Error(`no ${wanted}`);
  }, words);
  await page.mouse.move(...from);
  await page.mouse.down();
  await page.mouse.move(...to, { steps: 4 });
  await page.mouse.up();
}

onPage("a text becomes coloured entities with a legend and JSON", async (page) => {
  assert.equal(await page.locator("#results").isVisible(), false);
  await find(page, TEXT);
  assert.deepEqual(await marks(page), ENTITIES);
  assert.deepEqual(await legend(page), ["LOC 2", "ORG 2", "PER 2"]);
  // Of the labels LOC, MISC, ORG, PER of the model, the fourth has the hue 210 + 3 * 137.508.
  const hue = await entity(page, "Ada").evaluate((one) => one.style.getPropertyValue("--hue"));
  assert.equal(Number(hue), 262.52);
  assert.match(await page.textContent("#status"), /2 LOC, 2 ORG, 2 PER/);
  await page.waitForFunction(() => document.querySelector("#json").textContent.includes("Museum"));
  const json = JSON.parse(await page.textContent("#json"));
  assert.deepEqual(json, { model: "news", text: TEXT, entities: entitiesOf(TEXT) });
  await page.click("#copy");
  assert.deepEqual(JSON.parse(await page.evaluate(() => navigator.clipboard.readText())), json);
});

onPage("the score shows under the pointer and with the focus", async (page) => {
  await find(page, TEXT);
  assert.equal(await page.locator("#tip").isVisible(), false);
  await entity(page, "Charles").hover();
  assert.equal(await page.textContent("#tip"), "PER, score 97.3 %");
  await page.mouse.move(0, 0);
  assert.equal(await page.locator("#tip").isVisible(), false);
  await entity(page, "London").focus();
  assert.equal(await page.textContent("#tip"), "LOC, score 99.1 %");
});

onPage("types and a threshold hide entities without another request", async (page, server) => {
  await find(page, TEXT);
  const asked = server.asked.length;
  await page.click("#legend button:has-text('PER')");
  assert.deepEqual(await marks(page), ENTITIES.filter(([, label]) => label !== "PER"));
  assert.equal(await page.getAttribute("#legend button:has-text('PER')", "aria-pressed"), "false");
  await page.click("#legend button:has-text('PER')");
  await page.fill("#threshold", "0.95");
  await page.waitForFunction(() => document.querySelectorAll(".entity").length === 4);
  assert.deepEqual(await marks(page), ENTITIES.filter(([text]) => !/South|Science/.test(text)));
  assert.deepEqual(await legend(page), ["LOC 1", "ORG 1", "PER 2"]);
  await page.fill("#threshold", "1");
  await page.waitForFunction(() => document.querySelectorAll(".entity").length === 0);
  assert.match(await page.textContent("#nothing"), /hide every entity/);
  assert.equal(server.asked.length, asked);
});

onPage("corrections end in the training file", async (page) => {
  await find(page, TEXT);
  // Another type, and one that the model does not know.
  await entity(page, "Ada").click();
  await page.click("#editor-types button:has-text('MISC')");
  await page.fill("#new-type", "COMPANY");
  await page.press("#new-type", "Enter");
  await page.keyboard.press("Escape");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Ada Lovelace");
  // Edges by word and by character.
  await entity(page, "Charles").click();
  const edge = (which, step, way) => page.click(`[data-edge=${which}][data-step=${step}][data-way="${way}"]`);
  await edge("start", "word", 1);
  assert.equal(await page.textContent("#editor-title"), "Babbage");
  await edge("end", "word", 1);
  assert.equal(await page.textContent("#editor-title"), "Babbage in");
  await edge("end", "character", -1);
  assert.equal(await page.textContent("#editor-title"), "Babbage i");
  await edge("end", "word", -1);
  await edge("start", "character", 1);
  await edge("start", "character", -1);
  assert.equal(await page.textContent("#editor-title"), "Babbage");
  await page.keyboard.press("Escape");
  // Removed.
  await entity(page, "London").click();
  await page.click("#editor-remove");
  // Added, grown to whole words.
  await select(page, "ear th");
  assert.equal(await page.textContent("#editor-title"), "near the");
  await page.keyboard.press("1");
  const corrected = [["Ada Lovelace", "COMPANY"], ["Babbage", "PER"], ["IBM", "ORG"], ["South Kensington", "LOC"],
    ["near the", "LOC"], ["Science Museum", "ORG"]];
  assert.deepEqual(await marks(page), corrected);
  await page.click("#undo");
  assert.deepEqual(await marks(page), corrected.filter(([text]) => text !== "near the"));
  await page.click("#redo");
  const spans = corrected.map(([text, label]) => ({ start: TEXT.indexOf(text), end: TEXT.indexOf(text) + text.length, label }));
  const meta = { model: "news", threshold: 0, corrected: { added: 1, removed: 1, changed: 2 } };
  assert.deepEqual(await download(page), [{ text: TEXT, spans, meta }]);
  // All the way back.
  while (await page.isEnabled("#undo")) await page.click("#undo");
  assert.deepEqual(await marks(page), ENTITIES);
  await page.waitForFunction(() => document.querySelector("#json").textContent.includes("0.998"));
});

onPage("a value that is put back has the model's score again", async (page) => {
  await find(page, TEXT);
  await entity(page, "London").focus();
  await page.keyboard.press("Shift+ArrowRight");
  assert.equal(await page.textContent("#tip"), "LOC, corrected");
  await page.keyboard.press("Shift+ArrowLeft");
  assert.deepEqual(await marks(page), ENTITIES);
  assert.equal(await page.textContent("#tip"), "LOC, score 99.1 %");
});

onPage("several documents become one file", async (page) => {
  await find(page, "London");
  await page.click("#keep");
  await find(page, "IBM and more");
  await entity(page, "IBM").focus();
  await page.keyboard.press("2");
  await find(page, "Not kept: London");
  const lines = await download(page);
  assert.deepEqual(lines.map(({ text }) => text), ["London", "IBM and more"]);
  assert.deepEqual(lines[1].spans, [{ start: 0, end: 3, label: "MISC" }]);
  // One can be opened again, and left out.
  await page.click("#kept .excerpt >> nth=0");
  assert.deepEqual(await marks(page), [["London", "LOC"]]);
  await page.click("#kept li >> nth=0 >> button >> nth=1");
  assert.deepEqual((await download(page)).map(({ text }) => text), ["IBM and more"]);
});

onPage("the threshold decides what a training line holds, the filter does not", async (page) => {
  await find(page, TEXT);
  await page.click("#legend button:has-text('PER')");
  await page.fill("#threshold", "0.9");
  const [line] = await download(page);
  assert.deepEqual(line.spans.map(({ label }) => label), ["PER", "PER", "LOC", "ORG", "LOC"]);
  assert.equal(line.meta.threshold, 0.9);
});

onPage("offsets count code points", async (page) => {
  const text = "🦀👩‍💻 José in London: 🇧🇩 রবীন্দ্রনাথ ঠাকুর কলকাতায়\nنجيب محفوظ 🦀 x";
  await find(page, text);
  assert.deepEqual((await marks(page)).map(([one]) => one), ["José", "London", "রবীন্দ্রনাথ ঠাকুর", "কলকাতা", "نجيب محفوظ"]);
  await select(page, "🇧🇩");
  await page.fill("#new-type", "FLAG");
  await page.click("#new-type-use");
  // A character is what a reader takes for one.
  await entity(page, "José").focus();
  await page.keyboard.press("Enter");
  await page.click('[data-edge=end][data-step=character][data-way="-1"]');
  assert.equal(await page.textContent("#editor-title"), "Jos");
  await page.click('[data-edge=start][data-step=word][data-way="-1"]');
  assert.equal(await page.textContent("#editor-title"), "👩‍💻 Jos");
  await page.keyboard.press("Escape");
  const [line] = await download(page);
  const points = Array.from(line.text);
  assert.equal(line.text, text);
  assert.deepEqual(line.spans.map(({ start, end, label }) => [points.slice(start, end).join(""), label]), [
    ["👩‍💻 Jos", "PER"], ["London", "LOC"], ["🇧🇩", "FLAG"], ["রবীন্দ্রনাথ ঠাকুর", "PER"], ["কলকাতা", "LOC"], ["نجيب محفوظ", "PER"],
  ]);
  const lines = await page.$$eval(".line", (all) => all.map((one) => getComputedStyle(one).direction));
  assert.deepEqual(lines, ["ltr", "rtl"]);
});

onPage("words, graphemes and code points follow their laws", async (page) => {
  const texts = ["", "a", "🦀", "👩‍💻x", "e\u0301a", "রবীন্দ্রনাথ ঠাকুর।", "日本語のテキスト", "สวัสดี ครับ", "a\u200db \u{10ffff}\n\n z", "don't—stop 🇧🇩🇧🇩 ", "x".repeat(700), ` ${"y ".repeat(400)}`];
  const broken = await page.evaluate(async (given) => {
    const { CodePoints, graphemeEnd, graphemeStart, wordAfter, wordBefore } = await import("./assets/offsets.js");
    const faults = [];
    const hold = (text, what, is) => { if (!is) faults.push(`${JSON.stringify(text.slice(0, 20))}: ${what}`); };
    for (const text of given) {
      const points = new CodePoints(text);
      let unit = 0;
      Array.from(text).forEach((one, index) => {
        hold(text, `point ${index}`, points.toUnits(index) === unit && points.fromUnits(unit) === index);
        unit += one.length;
      });
      hold(text, "length", points.toUnits(points.length) === text.length);
      const ends = [...new Intl.Segmenter("und", { granularity: "grapheme" }).segment(text)].map(({ index, segment }) => [index, index + segment.length]);
      for (const [start, end] of ends) {
        hold(text, `grapheme at ${start}`, graphemeEnd(text, start) === end && graphemeStart(text, end) === start);
      }
      // Forwards and backwards meet the same words, and every character but white space is in one.
      const forwards = [];
      for (let word = wordAfter(text, 0); word; word = wordAfter(text, word[1])) forwards.push(word);
      const backwards = [];
      for (let word = wordBefore(text, text.length); word; word = wordBefore(text, word[0])) backwards.unshift(word);
      hold(text, `words ${JSON.stringify([forwards, backwards]).slice(0, 200)}`, JSON.stringify(forwards) === JSON.stringify(backwards));
      hold(text, "all is in words", forwards.map(([start, end]) => text.slice(start, end)).join("") === text.replace(/\s/gu, ""));
    }
    return faults;
  }, texts);
  assert.deepEqual(broken, []);
});

onPage("entities that nest and cross keep their text and their ends", async (page) => {
  await find(page, "The New York Times and the University of Cambridge.");
  assert.deepEqual(await marks(page), [["New York", "LOC"], ["York Times", "ORG"], ["University of Cambridge", "ORG"], ["Cambridge", "LOC"]]);
  assert.equal(await page.textContent("#text"), "The New York Times and the University of Cambridge.");
  await page.locator(".entity .entity", { hasText: "Cambridge" }).click();
  assert.equal(await page.textContent("#editor-about"), "LOC, score 42.0 %");
});

onPage("a PDF is uploaded and comes back as text with pages", async (page, server) => {
  await page.setInputFiles("#file", { name: "notes.pdf", mimeType: "application/pdf", buffer: PDF });
  await page.waitForSelector(".entity");
  const upload = server.asked.at(-1);
  assert.match(upload.type, /^multipart\/form-data/);
  assert.match(upload.body, /name="file"; filename="notes\.pdf"/);
  assert.deepEqual(await page.$$eval(".line[data-page]", (all) => all.map((one) => [one.dataset.page, one.textContent])), [
    ["Page 1", "Ada Lovelace\n"], ["Page 2", "Charles Babbage, University of Cambridge\n"],
  ]);
  assert.match(await page.textContent("#summary"), /no text on page 3/);
  assert.match(await page.inputValue("#source"), /^Ada Lovelace\nLondon/);
  assert.equal((await download(page))[0].meta.file, "notes.pdf");
});

onPage("a file that is dropped is uploaded", async (page) => {
  const data = await page.evaluateHandle(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(["%PDF-"], "dropped.pdf"));
    return transfer;
  });
  await page.dispatchEvent("#source", "drop", { dataTransfer: data });
  await page.waitForSelector(".entity");
  assert.equal((await marks(page)).length, 5);
});

onPage("the keyboard alone goes from paste to download", async (page) => {
  const press = async (...keys) => { for (const key of keys) await page.keyboard.press(key); };
  const tabTo = async (selector) => {
    for (let i = 0; i < 40; i += 1) {
      if (await page.evaluate((wanted) => document.activeElement.matches(wanted), selector)) {
        const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
        assert.notEqual(outline, "none", selector);
        return;
      }
      await press("Tab");
    }
    assert.fail(`no way to ${selector}`);
  };
  await press("Tab");
  await tabTo("#source");
  await page.evaluate((text) => navigator.clipboard.writeText(text), TEXT);
  await press("Control+V", "Control+Enter");
  await page.waitForSelector(".entity");
  await tabTo("#legend button");
  await press("Space", "Space");
  await tabTo("#threshold");
  await press("End");
  await page.waitForFunction(() => document.querySelectorAll(".entity").length === 0);
  await press("Home");
  await page.waitForFunction(() => document.querySelectorAll(".entity").length === 6);
  // The text is one stop; arrows go on from there.
  await tabTo(".entity");
  await press("ArrowRight", "ArrowRight");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "London");
  await press("2");
  await press("ArrowRight", "Delete");
  await press("Home", "Enter");
  assert.equal(await page.evaluate(() => document.activeElement.dataset.type), "PER");
  await press("Escape", "Shift+Alt+ArrowRight");
  // A new entity: "met", grown by a word.
  await press("a", "Shift+ArrowRight", "Enter");
  assert.equal(await page.textContent("#editor-title"), "met Charles");
  await press("Escape", "Home", "a", "Enter", "3");
  await press("a", "ArrowDown", "ArrowRight", "Enter", "1");
  await press("Control+z", "Control+y");
  assert.deepEqual(await marks(page), [["Lovelace", "PER"], ["met", "ORG"], ["Charles Babbage", "PER"], ["London", "MISC"],
    ["is", "LOC"], ["South Kensington", "LOC"], ["Science Museum", "ORG"]]);
  await press("?");
  assert.equal(await page.locator("#help").isVisible(), true);
  await press("Escape");
  await tabTo("#download");
  const [line] = await download(page, () => press("Enter"));
  assert.equal(line.spans.length, 7);
});

onPage("a label is text, whatever it says", async (page) => {
  await find(page, "A Hostile label");
  assert.deepEqual(await legend(page), [`${HOSTILE} 1`]);
  await entity(page, "Hostile").click();
  await page.fill("#new-type", "<script>globalThis.harmed = true</script>");
  await page.press("#new-type", "Enter");
  await page.fill("#source", "<img src=x onerror='globalThis.harmed = true'> London");
  await page.press("#source", "Control+Enter");
  await page.waitForFunction(() => document.querySelector("#text").textContent.startsWith("<img"));
  assert.equal(await page.locator("img, #text script").count(), 0);
});

onPage("what is wrong shows in one line", async (page, server) => {
  await page.click("#find");
  assert.match(await page.textContent("#error"), /^The text is empty/);
  await page.fill("#source", "a".repeat(300_001));
  await page.click("#find");
  const line = page.locator("#error", { hasText: "Unprocessable Content: text: expected at most 300000 code points, found 300001" });
  await line.waitFor();
  assert.equal(await line.getAttribute("role"), "alert");
  await page.setInputFiles("#file", { name: "a.xyz", mimeType: "x/y", buffer: Buffer.from("none") });
  await page.locator("#error", { hasText: "Unsupported Media Type" }).waitFor();
  await find(page, "London");
  assert.equal(await page.locator("#error").isVisible(), false);
  server.close();
  await page.click("#find");
  await page.locator("#error", { hasText: "The server does not answer" }).waitFor();
  assert.equal(await page.isEnabled("#find"), true);
}, { browser: { expected: ["status of 422", "status of 415", "ERR_CONNECTION_REFUSED"] } });

onPage("an empty answer says so", async (page) => {
  await find(page, "nothing here");
  assert.match(await page.textContent("#nothing"), /found no entity/);
  assert.equal(await page.textContent("#status"), "No entity found.");
});

onPage("a token is asked for after 401, and kept nowhere", async (page, server) => {
  await page.locator("#error", { hasText: "Unauthorized" }).waitFor();
  await page.fill("#source", TEXT);
  await page.press("#source", "Control+Enter");
  await page.locator("#token").fill("wrong");
  await page.press("#token", "Enter");
  await page.waitForFunction(() => document.querySelector("#token").value === "" && !document.querySelector("#token-row").hidden);
  await page.fill("#token", "s3cret");
  await page.click("#use-token");
  await page.waitForSelector(".entity");
  assert.equal(await page.locator("#token-row").isVisible(), false);
  assert.equal(await page.locator("#error").isVisible(), false);
  assert.equal(await page.textContent("#model-name"), "news");
  await find(page, "London again");
  const stored = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]));
  assert.ok(!stored.includes("s3cret"));
  assert.ok(server.asked.every(({ query }) => !query.includes("s3cret")));
}, { server: { token: "s3cret" }, browser: { expected: ["status of 401"] } });

onPage("one of several models is asked", async (page, server) => {
  await page.selectOption("#model", "legal");
  await find(page, "London");
  assert.equal(JSON.parse(server.asked.at(-1).body).model, "legal");
  await page.setInputFiles("#file", { name: "notes.pdf", mimeType: "application/pdf", buffer: PDF });
  await page.waitForFunction(() => document.querySelectorAll(".entity").length === 5);
  assert.equal(server.asked.at(-1).query, "?model=legal");
}, { server: { models: ["news", "legal"] } });

onPage("a request can be cancelled, and the last one wins", async (page) => {
  await page.fill("#source", "London");
  await page.click("#find");
  assert.equal(await page.textContent("#find"), "Finding…");
  assert.equal(await page.getAttribute("#input", "aria-busy"), "true");
  await page.click("#cancel");
  assert.equal(await page.textContent("#find"), "Find entities");
  assert.equal(await page.locator("#error").isVisible(), false);
  await page.press("#source", "Control+Enter");
  await page.fill("#source", "IBM");
  await page.press("#source", "Control+Enter");
  await page.waitForSelector(".entity");
  assert.deepEqual(await marks(page), [["IBM", "ORG"]]);
}, { server: { delay: 300 } });

onPage("a page below a path asks there", async (page) => {
  await find(page, "London");
  assert.deepEqual(await marks(page), [["London", "LOC"]]);
}, { server: { below: "/ner" } });

onPage("200,000 characters stay usable, in lines or in one", async (page) => {
  for (const text of [`${TEXT}\n`.repeat(2200).slice(0, 200_000), `${TEXT.replace("\n", " ")} `.repeat(2200).slice(0, 200_000)]) {
    await find(page, text);
    assert.ok((await marks(page)).length > 12_000);
    await entity(page, "Babbage").focus();
    await page.keyboard.press("1");
    assert.deepEqual((await marks(page))[1], ["Charles Babbage", "LOC"]);
    await page.fill("#threshold", "0.99");
    await page.waitForFunction(() => document.querySelectorAll(".entity").length < 10_000);
  }
});

onPage("a narrow page fits, and a finger selects", async (page) => {
  await find(page, TEXT);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
  await entity(page, "London").tap();
  const [sheet, mark] = [await page.locator("#editor").boundingBox(), await entity(page, "London").boundingBox()];
  assert.equal(sheet.width, 360);
  assert.ok(mark.y + mark.height <= sheet.y, "the sheet hides its entity");
  await page.tap("#editor-close");
  await page.locator(".line").first().dispatchEvent("pointerdown", { pointerType: "touch", bubbles: true });
  await page.evaluate(() => {
    const text = document.querySelectorAll(".line")[1].lastChild;
    getSelection().setBaseAndExtent(text, text.length - 1, text, text.length);
    const before = document.querySelectorAll(".line")[0].childNodes[1];
    getSelection().setBaseAndExtent(before, 1, before, 3);
  });
  await page.locator("#editor-title", { hasText: "met" }).waitFor();
  await page.tap("#editor-types button:has-text('ORG')");
  assert.deepEqual((await marks(page))[1], ["met", "ORG"]);
}, { browser: { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true } });

for (const colorScheme of ["light", "dark"]) {
  onPage(`text on every hue has a contrast of 4.5, ${colorScheme}`, async (page) => {
    await find(page, TEXT);
    const worst = await page.evaluate(() => {
      const mark = document.querySelector(".entity");
      const light = (colour) => {
        const [red, green, blue] = colour.match(/[\d.]+/g).map((part) => part / 255).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
      };
      let least = Infinity;
      for (let hue = 0; hue < 360; hue += 1) {
        mark.style.setProperty("--hue", hue);
        const style = getComputedStyle(mark);
        const [low, high] = [light(style.color), light(style.backgroundColor)].sort((a, b) => a - b);
        least = Math.min(least, (high + 0.05) / (low + 0.05));
      }
      return least;
    });
    assert.ok(worst >= 4.5, `${worst}`);
    // The button overrides the system.
    const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    const system = await ground();
    for (let i = 0; i < (colorScheme === "light" ? 2 : 1); i += 1) await page.click("#theme");
    assert.notEqual(await ground(), system);
  }, { browser: { colorScheme } });
}
