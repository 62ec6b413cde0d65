// A headless Chromium, and pages in it that note everything they should not do.

import assert from "node:assert/strict";
import { createRequire } from "node:module";

// `playwright-core` lies where NODE_PATH says: it is no part of the repository.
const { chromium } = createRequire(import.meta.url)("playwright-core");

const FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync"];

export const launch = () =>
  chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });

/**
 * Opens the page. `check()` closes it, and fails if it wrote to the console, threw, broke its
 * content-security policy or asked another origin. `expected` are errors on the console that are due.
 */
export async function open(browser, url, options = {}) {
  const { expected = [], ...rest } = options;
  const context = await browser.newContext({ acceptDownloads: true, ...rest });
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const page = await context.newPage();
  const faults = [];
  page.on("console", (message) => {
    if (!["error", "warning"].includes(message.type())) return;
    if (!expected.some((part) => message.text().includes(part))) faults.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => faults.push(`error: ${error.stack}`));
  page.on("request", (request) => {
    const to = new URL(request.url());
    if (to.origin !== new URL(url).origin && !["data:", "blob:"].includes(to.protocol)) faults.push(`request: ${to}`);
  });
  // Scripts of the test's own: the policy of the page does not allow inline ones, and the driver's are none.
  await page.addInitScript(() => {
    globalThis.violations = [];
    document.addEventListener("securitypolicyviolation", (event) => globalThis.violations.push(event.violatedDirective));
  });
  await page.goto(url);
  const check = async () => {
    const violations = await page.evaluate(() => globalThis.violations);
    const harmed = await page.evaluate(() => globalThis.harmed);
    await context.close();
    assert.deepEqual({ faults, violations, harmed }, { faults: [], violations: [], harmed: undefined });
  };
  return { page, check };
}

/** Pastes a text and waits for its entities. */
export async function find(page, text) {
  // The driver types a long text for half a minute.
  await page.$eval("#source", (source, given) => {
    source.value = given;
    source.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }, text);
  await page.click("#find");
  await page.waitForFunction((wanted) =>
    document.querySelector("#find").textContent === "Find entities"
    && document.querySelector("#text").textContent === wanted, text);
}

/** The entities on the page: `[text, label]` by position. */
export const marks = (page) =>
  page.$$eval(".entity:not(.from-before)", (all) => all.map((one) => {
    const pieces = document.querySelectorAll(`.entity[data-id="${one.dataset.id}"]`);
    return [[...pieces].map((piece) => piece.textContent).join(""), one.dataset.label];
  }));

/** Presses the download and returns the lines of the file as values. */
export async function download(page, press = () => page.click("#download")) {
  const [file] = await Promise.all([page.waitForEvent("download"), press()]);
  assert.equal(file.suggestedFilename(), "corrected.jsonl");
  const chunks = [];
  for await (const chunk of await file.createReadStream()) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  assert.ok(text.endsWith("\n"));
  return text.trimEnd().split("\n").map((line) => JSON.parse(line));
}
