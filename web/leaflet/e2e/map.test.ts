import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import assert from "./assert.ts";
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

const chip = (year: string): string => `.chip:text-is("${year}")`;
const span = { en: "at any time in 2015", ar: "في أي وقت خلال 2015" };
const atlas = async () => (await fetch(`${server.url}/atlas.json`)).json();

for (const [lang, locale, dir] of [
  ["en", "en-GB", "ltr"],
  ["ar", "ar-IQ", "rtl"],
] as const) {
  test(`loads in ${lang} without a complaint and without asking anyone else`, async () => {
    const { page, complaints, requests, close } = await visit(browser, server, "", { locale });
    const { title, layers } = await atlas();
    assert.equal(await page.title(), title[lang]);
    assert.equal(await page.locator("h1").textContent(), title[lang]);
    assert.deepEqual(await page.evaluate(() => [document.documentElement.lang, document.documentElement.dir]), [
      lang,
      dir,
    ]);
    assert.equal(await page.locator(".date-note").textContent(), span[lang]);
    assert.equal(await page.locator(".legend input[type=checkbox]").count(), layers.length);
    await page.waitForFunction(() => window.kharita.labels().length > 5);
    await page.waitForLoadState("networkidle");
    assert.deepEqual(complaints, []);
    assert.deepEqual(
      requests.filter((url) => !url.startsWith(server.url)),
      [],
    );
    await close();
  });
}

test("the language changes without a reload", async () => {
  const { page, requests, close } = await visit(browser, server);
  const pages = () => requests.filter((url) => new URL(url).pathname === "/").length;
  await page.click(".language");
  assert.deepEqual(await page.evaluate(() => [document.documentElement.lang, document.documentElement.dir]), [
    "ar",
    "rtl",
  ]);
  assert.equal(await page.locator(".date-note").textContent(), span.ar);
  await frames(page);
  const labels = await page.evaluate(() => window.kharita.labels().map((l) => l.text));
  assert.ok(labels.some((text) => /[\u0600-\u06ff]/.test(text)));
  assert.equal(pages(), 1);
  await close();
});

test("the chips of 2014 and 2018 show different features", async () => {
  const { page, close } = await visit(browser, server);
  const of = async (year: string): Promise<string[]> => {
    await page.click(chip(year));
    await frames(page);
    assert.equal(await page.locator(chip(year)).getAttribute("aria-pressed"), "true");
    return shown(page, "isis-held");
  };
  const in2014 = await of("2014");
  const in2018 = await of("2018");
  assert.ok(in2014.length > in2018.length && in2018.length > 0);
  assert.ok(in2014.some((id) => !in2018.includes(id)));
  await close();
});

test("what is shown is what the server has for the period, in each year, on a day, and at all times", async () => {
  const { page, close } = await visit(browser, server);
  for (const time of ["2013", "2014", "2015", "2016", "2017", "2018", "2019", "2014-06-10", "2015-06-01", "all"]) {
    await page.evaluate((d) => {
      location.hash = `#d=${d}&m=6/34.50/41.50&lang=en`;
    }, time);
    await page.waitForFunction((d) => document.querySelector(".dock") && location.hash.includes(`d=${d}`), time);
    await settled(page);
    for (const layer of ["isis-held", "settlements"]) {
      const datetime = time === "all" ? "" : `&datetime=${time}`;
      const answer = await fetch(`${server.url}/collections/${layer}/items?limit=10000${datetime}`);
      const { features } = (await answer.json()) as { features: { id: string }[] };
      assert.deepEqual(await shown(page, layer), features.map((f) => String(f.id)).sort(), `${layer} ${time}`);
    }
  }
  await close();
});

test("scrubbing and playing ask for no tile", async () => {
  const { page, requests, close } = await visit(browser, server);
  await page.waitForLoadState("networkidle");
  requests.length = 0;
  await page.locator(".slider").focus();
  const before = (await page.evaluate(() => window.kharita.stats())).data.paints;
  for (let i = 0; i < 40; i++) await page.keyboard.press(i % 2 ? "ArrowRight" : "Shift+ArrowRight");
  await page.keyboard.press("]");
  await page.keyboard.press("[");
  const box = await page.locator(".slider").boundingBox();
  assert.ok(box);
  await page.mouse.move(box.x + box.width * 0.4, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.8, box.y + box.height / 2, { steps: 25 });
  await page.mouse.up();
  await page.click(".play");
  await page.waitForTimeout(600);
  await page.click(".play");
  for (const year of ["2013", "2016", "2019"]) await page.click(chip(year));
  await frames(page);
  const after = (await page.evaluate(() => window.kharita.stats())).data.paints;
  assert.ok(after > before);
  // Chromium asks for the icon again when the address changes; nothing else may be asked for.
  assert.deepEqual(
    requests.filter((url) => !url.endsWith(".svg")),
    [],
  );
  await close();
});

test("a layer that is off is neither shown nor hit", async () => {
  const { page, close } = await visit(browser, server, "#d=2015&m=8/36.34/43.13&lang=en");
  const hits = async (): Promise<string[]> => {
    const { x, y } = await page.evaluate(() => window.kharita.project(43.13, 36.34));
    return page.evaluate(([px, py]) => window.kharita.hits(px, py), [x, y]);
  };
  const held = (ids: string[]): boolean => ids.some((id) => id.startsWith("isis-held/"));
  assert.ok((await shown(page, "isis-held")).length > 0);
  assert.ok(held(await hits()));
  const box = page.locator(".layer", { has: page.locator("text=Areas held by ISIS") }).locator("input[type=checkbox]");
  await box.uncheck();
  await frames(page);
  assert.deepEqual(await shown(page, "isis-held"), []);
  assert.ok(!held(await hits()));
  await page.waitForFunction(() => location.hash.includes("&l=") && !/[=,]isis-held(,|&|$)/.test(location.hash));
  await box.check();
  await frames(page);
  assert.ok(held(await hits()));
  await close();
});

test("a click lists what lies there, and a choice tells dates and sources in both languages", async () => {
  const { page, close } = await visit(browser, server, "#d=2015&m=8/36.34/43.13&lang=en");
  const { x, y } = await page.evaluate(() => window.kharita.project(43.13, 36.34));
  const map = await page.locator("#map").boundingBox();
  assert.ok(map);
  await page.mouse.click(map.x + x, map.y + y);
  const drawer = page.locator(".drawer");
  await drawer.locator(".choices button").first().waitFor();
  assert.ok((await drawer.locator(".choices button").count()) > 1);
  await drawer.locator(".choices button", { hasText: "Areas held" }).first().click();
  await drawer.locator(".sources li").first().waitFor();
  assert.match((await drawer.locator("dl").textContent()) ?? "", /2014/);
  assert.ok((await drawer.locator(".badge").count()) > 0);
  const href = await drawer.locator(".foot a").getAttribute("href");
  const feature = await (await fetch(server.url + href)).json();
  assert.equal(feature.type, "Feature");
  assert.equal(await drawer.locator("h2").textContent(), feature.properties.name_en);
  await page.click(".language");
  assert.equal(await drawer.locator("h2").textContent(), feature.properties.name_ar);
  await drawer.locator("button[title='العودة إلى القائمة']").click();
  await drawer.locator(".choices button").first().waitFor();
  await page.keyboard.press("Escape");
  await close();
});

test("the downloads of what is shown hold exactly what is shown, and the count is told before", async () => {
  const { page, close } = await visit(browser, server, "#d=2015&m=6/34.50/41.50&lang=en");
  await page.locator("button[aria-label='Download “Areas held by ISIS (estimate)”']").click();
  const dialog = page.locator("dialog.download");
  const ids = await shown(page, "isis-held");
  await dialog.locator(".count", { hasText: String(ids.length) }).waitFor();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    dialog.locator("a", { hasText: /GeoJSON$/ }).click(),
  ]);
  assert.equal(download.suggestedFilename(), "isis-held-2015.geojson");
  const collection = JSON.parse(await readFile((await download.path()) ?? "", "utf8"));
  assert.equal(collection.type, "FeatureCollection");
  assert.deepEqual(collection.features.map((f: { id: string }) => String(f.id)).sort(), ids);
  const [csv] = await Promise.all([page.waitForEvent("download"), dialog.locator("a", { hasText: "CSV" }).click()]);
  assert.equal(csv.suggestedFilename(), "isis-held-2015.csv");

  await dialog.locator("select").selectOption("");
  await dialog.locator("input[value=all]").check();
  const { layers } = await atlas();
  const total = layers.reduce((sum: number, layer: { count: number }) => sum + layer.count, 0);
  await dialog.locator(".count", { hasText: total.toLocaleString("en-GB") }).waitFor();
  const [whole] = await Promise.all([
    page.waitForEvent("download"),
    dialog.locator("a", { hasText: /GeoJSON$/ }).click(),
  ]);
  const all = JSON.parse(await readFile((await whole.path()) ?? "", "utf8"));
  assert.equal(all.features.length, total);
  await close();
});

for (const [lang, forward, back] of [
  ["en", "ArrowRight", "ArrowLeft"],
  ["ar", "ArrowLeft", "ArrowRight"],
] as const) {
  test(`the slider's keys move time as it runs in ${lang}`, async () => {
    const { page, close } = await visit(browser, server, `#d=2015-06-15&lang=${lang}`);
    const slider = page.locator(".slider");
    await slider.focus();
    const press = async (key: string): Promise<string> => {
      await page.keyboard.press(key);
      await frames(page);
      const { start, end } = await page.evaluate(() => window.kharita.view().time);
      assert.equal((end ?? 0) - (start ?? 0), 86_400_000);
      return new Date(start ?? 0).toISOString().slice(0, 10);
    };
    assert.equal(await press(forward), "2015-06-16");
    assert.equal(await press(back), "2015-06-15");
    assert.equal(await press(`Shift+${forward}`), "2015-07-15");
    assert.equal(await press(`Shift+${back}`), "2015-06-15");
    assert.equal(await press("PageUp"), "2016-06-15");
    assert.equal(await press("PageDown"), "2015-06-15");
    assert.equal(await press("Home"), "2003-01-01");
    assert.equal(await press("End"), "2019-12-31");
    await press("PageDown");
    const said = await slider.getAttribute("aria-valuetext");
    assert.equal(said, lang === "en" ? "31 December 2018" : "31 كانون الأول 2018");
    // The thumb stands where the day is drawn: near the end of the line, which is the left one from right to left.
    const x = await slider.evaluate((input: HTMLInputElement) => Number(input.value) / Number(input.max));
    assert.ok(x > 0.8 && x < 1);
    await close();
  });
}

test("a typed date is shown; what is no date is said", async () => {
  const { page, close } = await visit(browser, server);
  await page.click(".date-edit");
  await page.keyboard.type("yesterday");
  await page.keyboard.press("Enter");
  assert.equal(await page.locator(".date-form input").getAttribute("aria-invalid"), "true");
  assert.match((await page.locator(".date-hint").textContent()) ?? "", /yesterday/);
  await page.locator(".date-form input").fill("2014-06/2014-08");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => location.hash.includes("d=2014-06/2014-08"));
  assert.match((await page.locator(".date-main").textContent()) ?? "", /June.*August 2014/);
  await close();
});

test("the link carries the view; back and forward lead through it", async () => {
  const hash = "#d=2014-06-29&m=7/35.00/41.00&l=events,isis-held&f=events/ev20&lang=ar";
  const { page, close } = await visit(browser, server, hash);
  const view = await page.evaluate(() => window.kharita.view());
  assert.deepEqual(view.layers, ["events", "isis-held"]);
  assert.equal(view.zoom, 7);
  assert.equal(view.lang, "ar");
  await page.waitForTimeout(600);
  assert.equal(await page.evaluate(() => decodeURIComponent(location.hash)), hash);
  await page.reload();
  await settled(page);
  assert.deepEqual(await page.evaluate(() => window.kharita.view()), view);

  const time = (d: string) => page.waitForFunction((want) => location.hash.includes(`d=${want}&`), d);
  await page.click(chip("2016"));
  await time("2016");
  await page.click(chip("2017"));
  await time("2017");
  await page.goBack();
  await time("2016");
  assert.equal(await page.locator(chip("2016")).getAttribute("aria-pressed"), "true");
  await page.goForward();
  await time("2017");
  assert.equal(await page.locator(chip("2017")).getAttribute("aria-pressed"), "true");
  await close();
});

test("labels stand at the places they name, in both directions", async () => {
  const answer = await fetch(`${server.url}/collections/settlements/items?limit=10000`);
  const { features } = await answer.json();
  for (const lang of ["en", "ar"]) {
    const { page, close } = await visit(browser, server, `#d=2015&m=9/36.34/43.13&l=settlements&lang=${lang}`);
    await page.waitForFunction(() => window.kharita.labels().length > 0);
    const labels = await page.evaluate(() => window.kharita.labels());
    let checked = 0;
    for (const feature of features) {
      const named = labels.filter((l) => l.text === feature.properties[`name_${lang}`]);
      if (named.length === 0) continue;
      const [lon, lat] = feature.geometry.coordinates;
      const at = await page.evaluate(([a, b]) => window.kharita.project(a, b), [lon, lat]);
      if (named.some((l) => Math.hypot(l.x - at.x, l.y - at.y) <= 2)) checked++;
    }
    assert.ok(checked >= 5, `${lang}: ${checked} of ${labels.length} labels`);
    await close();
  }
});

test("on a phone the map fills the page, the time stays at hand and panels are sheets", async () => {
  for (const locale of ["en-GB", "ar-IQ"]) {
    const phone = {
      locale,
      viewport: { width: 390, height: 844 },
      hasTouch: true,
      isMobile: true,
      deviceScaleFactor: 2,
    };
    const { page, complaints, close } = await visit(browser, server, "", phone);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
    const dock = await page.locator(".dock").boundingBox();
    assert.ok(dock && dock.y + dock.height <= 844.5 && dock.height < 240);
    const map = await page.locator("#map").boundingBox();
    assert.ok(map && map.width === 390 && map.height > 500);
    for (const control of await page.locator(".bar button, .tabs button, .round, .chip, .leaflet-bar a").all()) {
      if (!(await control.isVisible())) continue; // what has a tab has no button in the head
      const box = await control.boundingBox();
      assert.ok(box && box.width >= 44 && box.height >= 44, await control.evaluate((e) => e.outerHTML));
    }
    assert.ok(await page.locator(".panel").isHidden());
    const layersTab = page.locator(".tabs [aria-controls=panel]").first();
    await layersTab.tap();
    assert.ok(await page.locator(".panel .legend").isVisible());
    assert.equal(await layersTab.getAttribute("aria-expanded"), "true");
    await page.locator(".tabs [aria-controls=panel]").nth(1).tap();
    await page.locator(".panel .in-view li button").first().waitFor();
    assert.ok(!(await page.locator(".panel .legend").isVisible()));
    await page.locator(".tabs [aria-controls=slot-sources]").tap();
    await page.locator(".source-list li").first().waitFor();
    assert.ok(!(await page.locator(".panel").isVisible()));
    await page.locator(".tabs [aria-controls=slot-story]").tap();
    await page.locator(".drawer.story h2").waitFor();
    assert.ok(!(await page.locator(".drawer.sources").isVisible()));
    await page.locator(".tabs [aria-controls=slot-story]").tap();
    await page.locator(".drawer.story").waitFor({ state: "hidden" });
    await page.evaluate(() => {
      location.hash = "#d=2015&m=6/34.50/41.50";
    });
    await page.waitForTimeout(800); // the map glides there
    await settled(page);
    const { x, y } = await page.evaluate(() => window.kharita.project(43.13, 36.34));
    await page.touchscreen.tap(map.x + x, map.y + y);
    const drawer = await page.locator(".drawer:not([hidden])").first().boundingBox();
    assert.ok(drawer && drawer.width === 390 && drawer.y > map.y + 100);
    await page.locator(chip("2017")).tap();
    await frames(page);
    assert.equal(await page.locator(chip("2017")).getAttribute("aria-pressed"), "true");
    assert.deepEqual(complaints, []);
    await close();
  }
});
