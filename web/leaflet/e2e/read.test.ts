/** The pages for reading: no rule of WCAG broken, nothing wider than the screen, no script, no complaint. */

import { after, before, test } from "node:test";
import type { Browser, BrowserContextOptions } from "playwright-core";
import assert from "./assert.ts";
import { violations } from "./axe.ts";
import { launch, type Server, serve } from "./page.ts";

let server: Server;
let browser: Browser;

before(async () => {
  [server, browser] = await Promise.all([serve(), launch()]);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const paths = [
  "/collections",
  "/collections/isis-held",
  "/collections/isis-held/items?datetime=2015&limit=20",
  "/collections/events/items/ev20",
  "/collections/isis-held/items/mosul/versions",
  "/collections/isis-held/timeline",
  "/collections/isis-held/changes?from=2015&to=2017&limit=20",
  "/collections/events/queryables",
  "/collections/events/tiles/WebMercatorQuad",
  "/tileMatrixSets/WebMercatorQuad",
  "/styles",
  "/conformance",
  "/functions",
  "/downloads",
  "/api",
  "/search?q=mos",
  "/search",
  "/problems",
  "/nowhere",
];

const sizes: Record<string, BrowserContextOptions> = {
  desktop: { viewport: { width: 1440, height: 900 } },
  phone: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, colorScheme: "dark" },
};

for (const lang of ["en", "ar"]) {
  for (const [size, options] of Object.entries(sizes)) {
    test(`axe finds nothing in the pages for reading: ${size}, ${lang}`, async () => {
      const context = await browser.newContext({ ...options, locale: lang });
      const page = await context.newPage();
      const complaints: string[] = [];
      const wrong: unknown[] = [];
      page.on("console", (message) => {
        if (!message.text().includes("404")) complaints.push(message.text());
      });
      for (const path of paths) {
        await page.goto(server.url + path);
        const broken = await violations(page);
        const found = await page.evaluate(() => {
          const root = document.documentElement;
          return {
            lang: root.lang,
            wide: root.scrollWidth - root.clientWidth,
            styled: getComputedStyle(document.body).fontFamily.includes("Plex"),
          };
        });
        if (found.lang !== lang || found.wide > 0 || !found.styled || broken.length > 0) {
          wrong.push({ path, broken, ...found });
        }
      }
      assert.deepEqual(wrong, []);
      assert.deepEqual(complaints, []);
      await context.close();
    });
  }
}
