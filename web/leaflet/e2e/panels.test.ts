/** Story, search, sources, table, sharing, embedding: by hand, by key and by link, in both languages. */

import { rm } from "node:fs/promises";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import assert from "./assert.ts";
import { otherAtlas } from "./atlas.ts";
import { frames, launch, type Server, serve, settled, shown, visit } from "./page.ts";

let server: Server;
let browser: Browser;

before(async () => {
  [server, browser] = await Promise.all([serve(), launch()]);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

interface Step {
  readonly title: Record<string, string>;
  readonly time?: string;
  readonly layers?: string[];
  readonly feature?: string;
}

const story = async (): Promise<Step[]> => (await (await fetch(`${server.url}/atlas.json`)).json()).story;

for (const [lang, forth] of [
  ["en", "ArrowRight"],
  ["ar", "ArrowLeft"],
] as const) {
  test(`the story goes from step to step in ${lang}, and leaving it keeps what it showed`, async () => {
    const steps = await story();
    const { page, complaints, close } = await visit(browser, server, `#lang=${lang}`);
    await page.locator(".bar [aria-controls=slot-story]").click();
    const heading = page.locator(".drawer.story h2");
    await heading.waitFor();
    assert.equal(await heading.textContent(), steps[0].title[lang]);
    await page.locator("[data-go=forth]").click();
    assert.equal(await heading.textContent(), steps[1].title[lang]);
    await page.keyboard.press(forth);
    assert.equal(await heading.textContent(), steps[2].title[lang]);
    await page.waitForFunction(() => location.hash.includes("s=3"));
    const view = await page.evaluate(() => window.kharita.view());
    if (steps[2].layers) assert.deepEqual([...view.layers].sort(), [...steps[2].layers].sort());
    await page.goBack();
    await page.waitForFunction(() => !location.hash.includes("s=3"));
    await page.goForward();
    await page.waitForFunction(() => location.hash.includes("s=3"));
    assert.equal(await heading.textContent(), steps[2].title[lang]);
    await page.reload();
    await settled(page);
    await heading.waitFor();
    assert.equal(await heading.textContent(), steps[2].title[lang]);
    await heading.focus();
    await page.keyboard.press("Escape");
    await page.locator(".drawer.story").waitFor({ state: "hidden" });
    assert.deepEqual((await page.evaluate(() => window.kharita.view())).time, view.time);
    await page.waitForFunction(() => !location.hash.includes("s=3"));
    assert.deepEqual(complaints, []);
    await close();
  });
}

test("the link of a step alone shows the step; its details lie over the story", async () => {
  const steps = await story();
  const n = steps.findIndex(({ feature }) => feature) + 1;
  const { page, close } = await visit(browser, server, `#s=${n}&lang=en`);
  await page.locator(".drawer.story").waitFor();
  const view = await page.evaluate(() => window.kharita.view());
  if (steps[n - 1].layers) assert.equal(view.layers.length, steps[n - 1].layers?.length);
  await page.locator(".drawer.story .foot button").click();
  await page.locator(".drawer .sources li").first().waitFor();
  assert.ok(!(await page.locator(".drawer.story").isVisible()));
  await page.keyboard.press("Escape");
  await page.locator(".drawer.story").waitFor();
  await close();
});

for (const [lang, text, name] of [
  ["en", "Mosul", "Mosul"],
  ["ar", "الموصل", "الموصل"],
  ["en", "موصل", "Mosul"],
] as const) {
  test(`search finds “${text}” in ${lang} by the keyboard alone, and goes there in time and space`, async () => {
    const { page, complaints, close } = await visit(browser, server, `#d=2018&m=5/30.00/50.00&lang=${lang}`);
    await page.keyboard.press("/");
    const field = page.locator("#search-field");
    await field.waitFor();
    await page.keyboard.type(text);
    const option = page.locator("#search-list [role=option]", { hasText: name });
    await option.first().waitFor();
    const active = await field.getAttribute("aria-activedescendant");
    assert.equal(await page.locator(`#${active}`).getAttribute("aria-selected"), "true");
    await page.keyboard.press("Enter");
    await page.locator(".notices", { hasText: "2017" }).waitFor(); // at once: it passes
    await page.locator(".drawer:not([hidden]) h2", { hasText: name }).waitFor();
    await settled(page);
    const { view, at } = await page.evaluate(() => ({
      view: window.kharita.view(),
      at: window.kharita.project(43.13, 36.34),
    }));
    assert.ok(view.zoom >= 6);
    const map = await page.locator("#map").boundingBox();
    assert.ok(map && at.x > 0 && at.x < map.width && at.y > 0 && at.y < map.height);
    assert.ok(new Date(view.time.start ?? 0).getUTCFullYear() < 2018); // nothing there was held in 2018
    assert.deepEqual(complaints, []);
    await close();
  });
}

test("what is typed before the search has come is searched for", async () => {
  const { page, close } = await visit(browser, server, "#lang=en", { serviceWorkers: "block" });
  let come = (): void => undefined;
  const there = new Promise<void>((done) => {
    come = done;
  });
  await page.route(/\/rooms-/, async (route) => {
    await there;
    await route.continue();
  });
  await page.reload();
  await settled(page);
  await page.keyboard.press("/");
  await page.keyboard.type("mosul");
  assert.equal(await page.locator("#search-field").inputValue(), "mosul");
  assert.equal(await page.locator("#search-list").count(), 0);
  come();
  await page.locator("#search-list [role=option]", { hasText: "Mosul" }).first().waitFor();
  assert.ok(await page.locator("#search-field").evaluate((e) => e === document.activeElement));
  await close();
});

test("search says when it finds nothing, and Escape gives the focus back", async () => {
  const { page, close } = await visit(browser, server, "#lang=en");
  const button = page.locator(".bar-button.search");
  await button.click();
  await page.locator("dialog.search[open]").waitFor();
  await page.keyboard.type("qqqqqq");
  await page.locator("dialog.search [role=status]", { hasText: "Nothing is called that" }).waitFor();
  await page.keyboard.press("Escape");
  await page.locator("dialog.search[open]").waitFor({ state: "hidden" });
  assert.ok(await button.evaluate((e) => e === document.activeElement));
  await close();
});

test("the sources of what is in view are counted, told apart and lead to what they are for", async () => {
  const { page, close } = await visit(browser, server, "#d=2014-06-10&m=11/36.34/43.13&lang=en");
  await page.locator(".bar [aria-controls=slot-sources]").click();
  const list = page.locator(".source-list > li");
  await list.first().waitFor();
  const all = await list.count();
  await page.locator("[data-filter=unverified]").click();
  const unverified = await list.count();
  await page.locator("[data-filter=verified]").click();
  const verified = await list.count();
  assert.ok(
    all < 100 && verified > 0 && unverified > 0 && verified + unverified <= all,
    `${verified} ${unverified} ${all}`,
  );
  const texts = await list.allTextContents();
  assert.equal(new Set(texts).size, texts.length);
  await list.first().locator("summary").click();
  await list.first().locator("li button").first().click();
  await page.locator(".drawer:not(.sources) .sources li").first().waitFor();
  await page.keyboard.press("Escape");
  await list.first().waitFor();
  await page.waitForFunction(() => location.hash.includes("p=sources"));
  await close();
});

test("the table has exactly what holds, sorts, turns pages and follows time and language", async () => {
  const { page, complaints, close } = await visit(browser, server, "#d=2015&p=table/settlements&lang=en");
  const rows = page.locator(".sheet tbody tr");
  await rows.first().waitFor();
  const answer = await fetch(`${server.url}/collections/settlements/items?limit=1&datetime=2015`);
  const { numberMatched } = (await answer.json()) as { numberMatched: number };
  assert.match(
    (await page.locator(".table-view [role=status]").textContent()) ?? "",
    new RegExp(numberMatched.toLocaleString("en-GB")),
  );
  assert.equal(await rows.count(), Math.min(100, numberMatched));
  const first = await rows.first().locator("th").textContent();
  const name = page.locator(".sheet thead th").first();
  assert.equal(await name.getAttribute("aria-sort"), "ascending");
  await name.locator("button").click();
  assert.equal(await name.getAttribute("aria-sort"), "descending");
  assert.notEqual(await rows.first().locator("th").textContent(), first);
  await page.locator(".pager button").last().click();
  await page.locator(".pager", { hasText: "101" }).waitFor();
  await page.click('.chip:text-is("2019")');
  await page.locator(".table-view h2", { hasText: "2019" }).waitFor();
  await page.click(".language");
  assert.equal(await page.locator(".sheet thead th").first().textContent(), "الاسم");
  await page.locator("#table-layer").selectOption("events");
  await page.waitForFunction(() => location.hash.includes("p=table/events"));
  await page.click('.chip:text-is("2015")');
  await rows.first().locator("button").click();
  await page.locator(".drawer .sources li").first().waitFor();
  await page.reload();
  await settled(page);
  await rows.first().waitFor();
  assert.deepEqual(complaints, []);
  await close();
});

test("sharing gives a link that leads back, a code that embeds, and citations", async () => {
  const { page, close } = await visit(browser, server, "#d=2014-06-10&m=7/36.00/43.00&f=events/ev20&lang=en");
  await page.locator(".drawer .foot button").click();
  const fields = page.locator("dialog.share textarea");
  await fields.first().waitFor();
  const link = await fields.nth(0).inputValue();
  assert.ok(link.startsWith(`${server.url}/#d=2014-06-10&`) && link.includes("f=events/ev20"));
  assert.match(await fields.nth(1).inputValue(), /^<iframe src="[^"]+embed=1" title="[^"]+"/);
  const name = await page.locator(".drawer h2").first().textContent();
  assert.ok((await fields.nth(2).inputValue()).includes(name ?? "?"));
  await page.locator("#cite-format").selectOption("bibtex");
  assert.match(await fields.nth(2).inputValue(), /^@incollection\{[\w-]+,\n {2}title = \{/);
  await page.locator("#cite-what").selectOption("atlas");
  await page.locator("#cite-format").selectOption("ris");
  assert.match(await fields.nth(2).inputValue(), /^TY {2}- MAP\r?\n[\s\S]*\nER {2}- $/);
  await close();
});

test("each mode is there again after a reload", async () => {
  const { page, complaints, close } = await visit(browser, server, "#lang=en");
  for (const [hash, ready] of [
    ["#d=2015-06-01&d2=2017-10-01", "[role=separator]"],
    ["#d=2015-06-01&d2=2017-10-01&c=side", ".second-map canvas"],
    ["#d=2015-06-01&d2=2017-10-01&c=difference", ".numbers"],
    ["#p=sources", ".source-list li"],
    ["#p=table/events", ".sheet tbody tr"],
    ["#s=4", ".drawer.story .story-steps"],
    ["#f=events/ev20", ".drawer .sources li"],
    ["#d=all&l=events", '.chip:last-child[aria-pressed="true"]'],
  ]) {
    await page.evaluate((to) => {
      location.hash = to;
    }, hash);
    await page.locator(ready).first().waitFor({ state: "attached" });
    const written = await page.waitForFunction(
      (to) => to.every((part) => location.hash.includes(part)) && location.hash,
      [...hash.slice(1).split("&"), "&lang="], // the page writes all of the view
    );
    const before = await written.jsonValue();
    await page.reload();
    await page.locator(ready).first().waitFor({ state: "attached" });
    await settled(page);
    // But for the place: the map moves to a feature that is linked to and lies out of sight.
    const parts = (text: string): string[] => text.split("&").filter((part) => !part.startsWith("m="));
    assert.deepEqual(parts(await page.evaluate(() => location.hash)), parts(String(before)));
  }
  assert.deepEqual(complaints, []);
  await close();
});

test("embedded there is the map and the time, and the rest is a link away", async () => {
  const { page, complaints, close } = await visit(browser, server, "#d=2015&embed=1&lang=ar");
  assert.ok(!(await page.locator(".bar").isVisible()));
  assert.ok(!(await page.locator(".panel").isVisible()));
  assert.ok(await page.locator(".dock").isVisible());
  const map = await page.locator("#map").boundingBox();
  assert.ok(map && map.width === 1440 && map.y === 0);
  const href = await page.locator(".whole[href]").getAttribute("href");
  assert.ok(href && !href.includes("embed"));
  assert.deepEqual(complaints, []);
  await close();
});

test("a linked feature does not lie under its sheet on a phone", async () => {
  const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
  for (const lang of ["en", "ar"]) {
    const hash = `#d=2014&m=6/31.00/44.30&f=events/ev20&lang=${lang}`;
    const { page, close } = await visit(browser, server, hash, phone);
    await page.locator(".drawer .sources li").first().waitFor();
    const { features } = await (await fetch(`${server.url}/collections/events/items?limit=1000`)).json();
    const [x, y] = features.find((f: { id: string }) => f.id === "ev20").geometry.coordinates;
    await frames(page);
    await page.waitForTimeout(500);
    const at = await page.evaluate(([lon, lat]) => window.kharita.project(lon, lat), [x, y]);
    const map = await page.locator("#map").boundingBox();
    const sheet = await page.locator(".drawer:not([hidden])").first().boundingBox();
    assert.ok(map && sheet && at.x > 0 && at.x < 390 && at.y > 0 && at.y + map.y < sheet.y);
    await close();
  }
});

test("an atlas of another subject, before our era and in French, has all of it and nothing of ours", async () => {
  const folder = await otherAtlas();
  const own = await serve({ data: folder });
  try {
    const { page, complaints, requests, close } = await visit(browser, own, "", { locale: "fr-FR" });
    assert.equal(await page.title(), "La mer intérieure");
    // The controls have no words in French and are English; what is French says so.
    assert.equal(await page.evaluate(() => document.documentElement.lang), "en");
    assert.equal(await page.locator("h1").getAttribute("lang"), "fr");
    assert.equal(await page.locator(".legend .title").first().getAttribute("lang"), "fr");
    assert.ok((await shown(page, "harbours")).length > 0);
    assert.ok((await shown(page, "roads")).length > 0);
    await page.locator(".bar [aria-controls=slot-story]").click();
    await page.locator(".drawer.story h2", { hasText: "Avant notre ère" }).waitFor();
    await settled(page);
    assert.match((await page.locator(".date-main").textContent()) ?? "", /BC/);
    assert.ok((await shown(page, "harbours")).length > 0);
    await page.locator("[data-go=forth]").click();
    assert.deepEqual((await page.evaluate(() => window.kharita.view())).layers, ["harbours"]);
    await page.keyboard.press("Escape");
    await page.keyboard.press("t");
    await page.locator(".sheet tbody tr").first().waitFor();
    assert.equal(await page.locator(".sheet thead th").nth(3).textContent(), "genre");
    await page.locator("#table-layer").selectOption("roads");
    await page
      .locator(".table-view h2", { hasText: "roads" })
      .or(page.locator(".table-view h2", { hasText: "Roads" }))
      .waitFor();
    const text = await page.evaluate(() => document.body.textContent ?? "");
    assert.doesNotMatch(text, /ISIS|Iraq|داعش|Kharita/);
    assert.deepEqual(complaints, []);
    assert.deepEqual(
      requests.filter((url) => !url.startsWith(own.url)),
      [],
    );
    await close();
  } finally {
    await own.stop();
    await rm(folder, { recursive: true });
  }
});
