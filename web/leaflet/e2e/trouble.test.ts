import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import assert from "./assert.ts";
import { launch, type Server, serve, settled, shown, truly, visit } from "./page.ts";

let server: Server;
let browser: Browser;

before(async () => {
  [server, browser] = await Promise.all([serve(), launch()]);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

test("a broken link is said in the reader's language, and the rest of it holds", async () => {
  const { page, close } = await visit(browser, server, "#d=2015-99&m=7/35.00/41.00&l=events,gone&lang=ar");
  const notice = page.locator(".notices");
  await notice.locator("text=تعذّرت قراءة جزء من الرابط").waitFor();
  assert.match((await notice.textContent()) ?? "", /d.*l/);
  const view = await page.evaluate(() => window.kharita.view());
  assert.deepEqual([view.zoom, view.layers, view.lang], [7, ["events"], "ar"]);
  await notice.locator("button").click();
  assert.equal(await notice.textContent(), "");
  await close();
});

test("a feature that does not exist is said, and the map is there", async () => {
  const { page, close } = await visit(browser, server, "#f=events/no-such-event&lang=en");
  await page.locator(".drawer", { hasText: "does not exist" }).waitFor();
  assert.ok((await shown(page, "isis-held")).length > 0);
  await close();
});

test("a server that is gone is said; time goes on; when it is back the map fills", async () => {
  let own = await serve();
  const { page, close } = await visit(browser, own, "#d=2015&m=6/34.50/41.50&lang=en");
  await page.waitForLoadState("networkidle");
  await own.stop();
  await page.click('.chip:text-is("2017")');
  assert.ok((await shown(page, "isis-held")).length > 0); // what is loaded still knows all times
  await page.evaluate(() => {
    location.hash = "#d=2017&m=8/55.00/37.00&lang=en";
  });
  await page.locator(".notices", { hasText: "does not answer" }).waitFor();
  own = await serve({ port: own.port });
  await page.locator(".notices", { hasText: "answers again" }).waitFor();
  await settled(page);
  assert.doesNotMatch((await page.locator(".notices").textContent()) ?? "", /does not answer/);
  await close();
  await own.stop();
});

test("an atlas of another subject, with a broken layer: the rest is served and shown, the problem is named", async () => {
  const folder = await mkdtemp(join(tmpdir(), "kharita-"));
  const square = (x: number, y: number) => [
    [
      [x, y],
      [x + 1, y],
      [x + 1, y + 1],
      [x, y + 1],
      [x, y],
    ],
  ];
  const features = [1900, 1910, 1920].map((start, i) => ({
    type: "Feature",
    id: `farm-${i}`,
    properties: { name: `Farm ${i}`, start: String(start), end: String(start + 12), crop: i % 2 ? "rye" : "wheat" },
    geometry: { type: "Polygon", coordinates: square(10 + i, 50) },
  }));
  await writeFile(join(folder, "farms.geojson"), JSON.stringify({ type: "FeatureCollection", features }));
  await writeFile(join(folder, "roads.geojson"), '{"type": "FeatureCollection", "features": [');
  await writeFile(
    join(folder, "atlas.yaml"),
    "title: {en: Farms}\nlanguages: [en]\nview: {center: [11.5, 50.5], zoom: 7, time: 1905}\nspan: 1895/1935\nyears: 1905/1908\n",
  );
  const own = await serve({ data: folder });
  try {
    const { page, complaints, close } = await visit(browser, own);
    assert.equal(await page.title(), "Farms");
    assert.deepEqual(await shown(page, "farms"), ["farm-0"]);
    assert.deepEqual(await page.locator(".chip").allTextContents(), ["1905", "1906", "1907", "1908", "All time"]);
    await page.locator(".problems", { hasText: "1 problem in the data" }).waitFor();
    assert.match((await page.locator(".problems").textContent()) ?? "", /roads\.geojson/);
    await page.locator(".chip").last().click();
    assert.deepEqual(await shown(page, "farms"), ["farm-0", "farm-1", "farm-2"]);
    const { x, y } = await page.evaluate(() => window.kharita.project(11.5, 50.5));
    assert.deepEqual(await page.evaluate(([a, b]) => window.kharita.hits(a, b), [x, y]), ["farms/farm-1"]);
    // The folder is edited while the page is open: first badly, then well.
    const says = (selector: string, text: string) =>
      page.waitForFunction(
        ([where, what]) => {
          document.dispatchEvent(new Event("visibilitychange"));
          return document.querySelector(where)?.textContent?.includes(what);
        },
        [selector, text] as const,
        { polling: 300 },
      );
    const farms = (list: unknown[]) => JSON.stringify({ type: "FeatureCollection", features: list });
    await writeFile(join(folder, "farms.geojson"), farms(features).slice(0, -20));
    await says(".problems", "farms.geojson:1:");
    assert.deepEqual(await shown(page, "farms"), ["farm-0", "farm-1", "farm-2"]);
    await writeFile(join(folder, "farms.geojson"), farms(features.slice(0, 2)));
    await says(".notices", "The atlas has changed");
    assert.ok(!((await page.locator(".problems").textContent()) ?? "").includes("farms.geojson:1:"));
    assert.deepEqual(complaints, []);
    await close();
  } finally {
    await own.stop();
    await rm(folder, { recursive: true });
  }
});

test("eight seconds without a network: time and panels go on, what needs the server says so, and then all is well", async () => {
  const { page, close } = await visit(browser, server, "#d=2015&m=6/34.50/41.50&lang=ar");
  await page.waitForLoadState("networkidle");
  await page.context().setOffline(true);
  await page.click('.chip:text-is("2017")');
  assert.ok((await shown(page, "isis-held")).length > 0);
  await page.locator(".bar [aria-controls=slot-story]").click();
  await page.locator(".drawer.story h2").waitFor(); // it came before it was asked for
  await page.keyboard.press("Escape");
  await page.locator(".drawer.story").waitFor({ state: "hidden" });
  await page.keyboard.press("/");
  await page.locator("dialog.search[open]").waitFor();
  await page.keyboard.type("موصل");
  await page.locator("dialog.search [role=status]", { hasText: "البحث لا يجيب" }).waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("t");
  await page.locator(".table-view", { hasText: "الخادم لا يجيب" }).waitFor();
  await page.waitForTimeout(8000);
  await page.context().setOffline(false);
  await page.locator(".table-view [role=status] button").click();
  await page.locator(".sheet tbody tr").first().waitFor();
  await page.keyboard.press("/");
  await page.locator("#search-list [role=option]", { hasText: "الموصل" }).first().waitFor();
  await close();
});

test("a folder with one file, without dates or sidecars, is a map", async () => {
  const folder = await mkdtemp(join(tmpdir(), "kharita-bare-"));
  const place = { type: "Point", coordinates: [10, 50] };
  const features = [{ type: "Feature", id: "a", properties: { name: "Somewhere" }, geometry: place }];
  await writeFile(join(folder, "places.geojson"), JSON.stringify({ type: "FeatureCollection", features }));
  const own = await serve({ data: folder });
  try {
    const { page, complaints, close } = await visit(browser, own);
    assert.deepEqual(await shown(page, "places"), ["a"]);
    await page.keyboard.press("t");
    await page.locator(".sheet tbody tr", { hasText: "Somewhere" }).waitFor();
    assert.deepEqual(complaints, []);
    await close();
  } finally {
    await own.stop();
    await rm(folder, { recursive: true });
  }
});

for (const [lang, offline, back] of [
  ["en", "Offline. Shown is the atlas as it was on", "answers again"],
  ["ar", "بلا اتصال. المعروض هو الأطلس كما كان في", "عاد الخادم"],
] as const) {
  test(`without a server the page loads again as it was, and says so in ${lang}`, async () => {
    let own = await serve();
    const hash = `#d=2015-06-01&m=6/34.50/41.50&lang=${lang}`;
    const { page, close } = await visit(browser, own, hash);
    const before = await shown(page, "isis-held");
    await page.locator(".figure p").waitFor();
    const figure = await page.locator(".figure p").textContent();
    await kept(page);
    await own.stop();
    await page.reload();
    await page.locator(".notices", { hasText: offline }).waitFor();
    await settled(page);
    assert.deepEqual(await shown(page, "isis-held"), before);
    await page.waitForFunction((text) => document.querySelector(".figure p")?.textContent === text, figure);
    assert.match(await page.evaluate(() => location.hash), /^#d=2015-06-01&/);
    await page.click(".play"); // what is there can be used
    await page.waitForFunction((then) => window.kharita.view().time.start !== then, Date.UTC(2015, 5, 1));
    await page.click(".play");
    own = await serve({ port: own.port });
    await page.locator(".notices", { hasText: back }).waitFor();
    assert.ok(!((await page.locator(".notices").textContent()) ?? "").includes(offline));
    await close();
    await own.stop();
  });
}

test("another atlas replaces what was kept as soon as the server is there", async () => {
  const folder = await mkdtemp(join(tmpdir(), "kharita-kept-"));
  const place = { type: "Point", coordinates: [10, 50] };
  const write = (id: string): Promise<void> => {
    const features = [{ type: "Feature", id, properties: {}, geometry: place }];
    return writeFile(join(folder, "places.geojson"), JSON.stringify({ type: "FeatureCollection", features }));
  };
  await write("before");
  let own = await serve({ data: folder });
  try {
    const { page, close } = await visit(browser, own);
    assert.deepEqual(await shown(page, "places"), ["before"]);
    await kept(page);
    await own.stop();
    await write("after");
    own = await serve({ data: folder, port: own.port });
    await page.reload();
    await settled(page);
    assert.deepEqual(await shown(page, "places"), ["after"]);
    await kept(page);
    const { revision } = await (await fetch(`${own.url}/atlas.json`)).json();
    await truly(
      page,
      async (now: string) => {
        const urls = (await (await caches.open("kharita-seen")).keys()).map(({ url }) => url);
        const tiles = urls.filter((url) => url.includes("rev="));
        return tiles.length > 0 && tiles.every((url) => url.endsWith(`rev=${now}`));
      },
      revision,
    );
    await own.stop();
    await page.reload();
    await settled(page);
    assert.deepEqual(await shown(page, "places"), ["after"]);
    await close();
  } finally {
    await own.stop();
    await rm(folder, { recursive: true });
  }
});

test("another build replaces the page that was kept; the parts of the one before stay for who has it open", async () => {
  // Between the browser and the server: what is asked for as a script of the page is of a build that we name.
  let build = "1";
  const between = createServer(async ({ url = "/", headers }, response) => {
    const asked = { Accept: headers.accept ?? "*/*", "Accept-Encoding": "identity" };
    const answer = await fetch(server.url + url, { headers: asked });
    const body = Buffer.from(await answer.arrayBuffer());
    const type = { "Content-Type": answer.headers.get("Content-Type") ?? "", "Cache-Control": "no-cache" };
    response.writeHead(answer.status, type);
    response.end(url === "/sw.js" ? body.toString().replace(/kharita-files-\w+/, `kharita-files-${build}`) : body);
  });
  await new Promise<void>((done) => between.listen(0, "127.0.0.1", done));
  const port = (between.address() as AddressInfo).port;
  try {
    const { page, close } = await visit(browser, { ...server, url: `http://127.0.0.1:${port}` });
    for (const [next, left] of [
      ["1", ["1"]],
      ["2", ["1", "2"]],
      ["3", ["2", "3"]],
    ] as const) {
      build = next;
      await page.reload();
      await settled(page);
      await truly(
        page,
        async (names: string) => {
          const registration = await navigator.serviceWorker.getRegistration();
          await registration?.update(); // the browser looks at each visit too, when it sees fit
          const builds = (await caches.keys()).filter((name) => name.startsWith("kharita-files-"));
          const settled = registration?.active && !registration.installing && !registration.waiting;
          return Boolean(settled) && builds.map((name) => name.slice(14)).join() === names;
        },
        left.join(),
      );
    }
    await close();
  } finally {
    between.closeAllConnections();
    between.close();
  }
});

/** kept waits until the service worker has kept all that the page has loaded. */
async function kept(page: Page): Promise<void> {
  await truly(page, async () => {
    if (navigator.serviceWorker.controller?.state !== "activated") return false;
    const loaded = performance.getEntriesByType("resource").map(({ name }) => name);
    const wanted = loaded.filter((url) => /^\/(tiles|collections|atlas\.json|assets)/.test(new URL(url).pathname));
    const found = await Promise.all(wanted.map((url) => caches.match(url, { ignoreVary: true })));
    return found.every(Boolean);
  });
}
