import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import assert from "./assert.ts";
import { frames, launch, type Server, serve, settled, visit } from "./page.ts";

let server: Server;
let browser: Browser;

before(async () => {
  [server, browser] = await Promise.all([serve(), launch()]);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const two = "#d=2015-06-01&d2=2017-10-01&m=6/34.50/41.50&l=isis-held";
const dates = (page: Page): Promise<(string | null)[]> => page.locator(".compare-dates button").allTextContents();
const tiles = (requests: readonly string[]): string[] =>
  requests.filter((url) => new URL(url).pathname.includes("/tiles/"));

for (const [lang, dir] of [
  ["en", 1],
  ["ar", -1],
] as const) {
  test(`swipe in ${lang}: the earlier date at the reading start, a divider that arrows move`, async () => {
    const { page, complaints, requests, close } = await visit(browser, server, `${two}&lang=${lang}`);
    const divider = page.getByRole("separator");
    await divider.waitFor();
    await settled(page);
    assert.deepEqual(
      await dates(page),
      lang === "en" ? ["1 June 2015", "1 October 2017"] : ["1 حزيران 2015", "1 تشرين الأول 2017"],
    );
    const [first, second] = await page.locator(".compare-dates > div").all();
    const [a, b] = [await first.boundingBox(), await second.boundingBox()];
    assert.ok(a && b && (a.x - b.x) * dir < 0);
    assert.equal(await divider.getAttribute("aria-valuenow"), "50");
    const left = async (): Promise<number> => (await divider.boundingBox())?.x ?? Number.NaN;
    const begin = await left();
    await divider.focus();
    for (let i = 0; i < 5; i++) await page.keyboard.press("ArrowRight");
    assert.ok((await left()) > begin + 20);
    assert.equal(await divider.getAttribute("aria-valuenow"), String(50 + dir * 10));
    await page.keyboard.press("Home");
    assert.equal(await divider.getAttribute("aria-valuenow"), "0");
    // The second time is painted from the tiles that the first has loaded, each asked for once.
    const asked = tiles(requests);
    assert.equal(new Set(asked).size, asked.length);
    assert.deepEqual(complaints, []);
    await close();
  });
}

test("the time control moves one date; a press on the other hands it over", async () => {
  const { page, requests, close } = await visit(browser, server, `${two}&lang=en`);
  await page.getByRole("separator").waitFor();
  await settled(page);
  requests.length = 0;
  await page.locator(".slider").focus();
  await page.keyboard.press("PageDown");
  await frames(page);
  assert.deepEqual(await dates(page), ["1 June 2014", "1 October 2017"]);
  await page.locator(".compare-dates button").nth(1).click();
  assert.equal(await page.locator(".date-main").textContent(), "1 October 2017");
  await page.locator(".slider").focus();
  await page.keyboard.press("PageUp");
  await frames(page);
  assert.deepEqual(await dates(page), ["1 June 2014", "1 October 2018"]);
  assert.deepEqual(tiles(requests), []);
  await page.waitForFunction(() => location.hash.includes("d=2018-10-01&d2=2014-06-01"));
  await page.reload();
  await page.getByRole("separator").waitFor();
  assert.deepEqual(await dates(page), ["1 June 2014", "1 October 2018"]);
  await page.click(".compare-bar .end");
  await page.waitForFunction(() => !location.hash.includes("d2="));
  assert.equal(await page.getByRole("separator").count(), 0);
  await page.goBack();
  await page.getByRole("separator").waitFor();
  await close();
});

test("side by side: two maps that move together", async () => {
  const { page, complaints, requests, close } = await visit(browser, server, `${two}&c=side&lang=en`);
  await page.locator(".second-map canvas").first().waitFor({ state: "attached" });
  await settled(page);
  const [a, b] = [await page.locator("#map").boundingBox(), await page.locator(".second-map").boundingBox()];
  assert.ok(a && b && a.x + a.width <= b.x + 1 && Math.abs(a.width - b.width) <= 1);
  const asked = tiles(requests);
  assert.equal(new Set(asked).size, asked.length);
  const before = await page.evaluate(() => location.hash);
  // A slow machine may take the first pull for a click: pull until the first map has followed.
  for (let pull = 0; pull < 5 && before === (await page.evaluate(() => location.hash)); pull++) {
    await page.mouse.move(b.x + b.width / 2, b.y + b.height / 2);
    await page.mouse.down();
    await page.mouse.move(b.x + b.width / 2 - 90, b.y + b.height / 2 - 40, { steps: 12 });
    await page.mouse.up();
    await page.waitForTimeout(1500); // the address is written when the map rests
  }
  assert.notEqual(await page.evaluate(() => location.hash), before);
  assert.deepEqual(complaints, []);
  await close();
});

test("difference: the numbers are the server's, rounded as all areas are", async () => {
  const { page, complaints, close } = await visit(browser, server, `${two}&c=difference&lang=en`);
  const row = page.locator('.numbers[data-layer="isis-held"]');
  await row.waitFor();
  const answer = await fetch(`${server.url}/collections/isis-held/changes?from=2015-06-01&to=2017-10-01&limit=1`);
  const { changes } = (await answer.json()) as { changes: { km2: Record<string, number> } };
  for (const part of ["gained", "lost", "kept"]) {
    const text = await row.locator(`dd[data-part=${part}]`).textContent();
    assert.equal(text, `${Number(changes.km2[part].toPrecision(3)).toLocaleString("en-GB")} km²`);
  }
  await page.waitForFunction(() => document.querySelectorAll(".leaflet-data2-pane canvas").length > 0);
  assert.deepEqual(complaints, []);
  await close();
});

test("a piece of a difference leads to what it is a piece of", async () => {
  const { page, complaints, close } = await visit(browser, server, `${two}&c=difference&lang=en`);
  await page.locator('.numbers[data-layer="isis-held"]').waitFor();
  const mosul = () =>
    page.evaluate(() => {
      const { x, y } = window.kharita.project(43.13, 36.34);
      return { x, y, hits: window.kharita.hits(x, y) };
    });
  await page.waitForFunction(() => {
    const { x, y } = window.kharita.project(43.13, 36.34);
    return window.kharita.hits(x, y).some((id) => id.startsWith("isis-held/"));
  });
  const { x, y, hits } = await mosul();
  const { id, properties } = await (await fetch(`${server.url}/collections/${hits[0].replace("/", "/items/")}`)).json();
  assert.equal(`isis-held/${id}`, hits[0]);
  const map = await page.locator("#map").boundingBox();
  await page.mouse.click((map?.x ?? 0) + x, (map?.y ?? 0) + y);
  await page.locator(".drawer:not([hidden]) h2", { hasText: properties.name_en }).waitFor();
  await page.locator(".drawer .sources li").first().waitFor();
  assert.deepEqual(complaints, []);
  await close();
});

test("the chart has the figures of others, and the figure shown is the server's", async () => {
  const { page, close } = await visit(browser, server, "#d=2015-06-01&l=isis-held&lang=en");
  await page.locator(".figure p").waitFor();
  const answer = await fetch(`${server.url}/collections/isis-held/timeline`);
  const { rivals } = (await answer.json()) as { rivals: { publisher: string }[] };
  assert.equal(await page.locator(".rivals button").count(), rivals.length);
  const mark = page.locator(".rivals button").first();
  await mark.focus();
  assert.match((await page.locator(".chart-tip").textContent()) ?? "", new RegExp(rivals[0].publisher));
  assert.match((await page.locator(".figure p").textContent()) ?? "", /8\d,\d00 km²/);
  assert.match((await page.locator(".chart .visually-hidden").textContent()) ?? "", /km²/);
  await page.click(".zoom");
  assert.equal(await page.locator(".zoom").getAttribute("aria-pressed"), "true");
  await close();
});

test("what is seen can be taken home: a picture of the right size that is not blank, and the features", async () => {
  const { page, complaints, close } = await visit(browser, server, "#d=2015-06-01&l=isis-held&lang=en");
  await page.locator(".figure p").waitFor();
  await page.locator("nav button", { hasText: "Download" }).first().click();
  const [picture, data] = [page.locator(".as-seen button").first(), page.locator(".as-seen button").nth(1)];
  await page.waitForSelector(".as-seen button:nth-of-type(2):not([disabled])");
  const stage = await page.locator(".stage").boundingBox();
  const [png] = await Promise.all([page.waitForEvent("download"), picture.click()]);
  assert.equal(png.suggestedFilename(), "map-2015-06-01.png");
  const bytes = await readFile(await png.path());
  assert.equal(bytes.readUInt32BE(16), Math.round(stage?.width ?? 0) * 2);
  assert.ok(bytes.readUInt32BE(20) > (stage?.height ?? 0) * 2);
  const colours = await page.evaluate(async (base64) => {
    const image = new Image();
    image.src = `data:image/png;base64,${base64}`;
    await image.decode();
    const ctx = new OffscreenCanvas(image.width, image.height).getContext("2d");
    ctx?.drawImage(image, 0, 0);
    const { data } = ctx?.getImageData(0, 0, image.width, image.height) ?? { data: [] };
    const seen = new Set<number>();
    for (let i = 0; i < data.length; i += 4 * 97) seen.add((data[i] << 16) | (data[i + 1] << 8) | data[i + 2]);
    return seen.size;
  }, bytes.toString("base64"));
  assert.ok(colours > 20, `${colours} colours`);
  const note = await page.locator(".as-seen .count").textContent();
  const [file] = await Promise.all([page.waitForEvent("download"), data.click()]);
  const { features } = JSON.parse(await readFile(await file.path(), "utf8"));
  assert.equal(note, `${features.length} features in this view, at the time shown`);
  assert.ok(features.every((f: { properties: { layer: string } }) => f.properties.layer === "isis-held"));
  assert.deepEqual(complaints, []);
  await close();
});
