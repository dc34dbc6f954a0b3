/** The pages for reading: no rule of WCAG broken, nothing wider than the screen, no script, no complaint. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import type { Browser, BrowserContextOptions } from "playwright-core";
import { launch, type Server, serve } from "./page.ts";

let server: Server;
let browser: Browser;
let axe: string;

before(async () => {
  axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
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

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

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
        await page.evaluate(axe); // by the debugger, which the page's policy does not bind
        const found = await page.evaluate(async () => {
          const runOnly = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"];
          const runner = (window as unknown as { axe: { run(on: Document, options: object): Promise<unknown> } }).axe;
          const { violations } = (await runner.run(document, { runOnly })) as { violations: Violation[] };
          const root = document.documentElement;
          return {
            lang: root.lang,
            wide: root.scrollWidth - root.clientWidth,
            styled: getComputedStyle(document.body).fontFamily.includes("Plex"),
            broken: violations.flatMap(({ id, nodes }) =>
              nodes.map((n) => `${id}: ${n.html.slice(0, 160)} ${n.failureSummary}`),
            ),
          };
        });
        if (found.lang !== lang || found.wide > 0 || !found.styled || found.broken.length > 0) {
          wrong.push({ path, ...found });
        }
      }
      assert.deepEqual(wrong, []);
      assert.deepEqual(complaints, []);
      await context.close();
    });
  }
}
