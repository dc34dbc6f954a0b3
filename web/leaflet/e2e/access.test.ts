/** No rule of WCAG 2.2 A or AA is broken that a program can tell: two languages, two widths, each mode. */

import { after, before, test } from "node:test";
import type { Browser, BrowserContextOptions } from "playwright-core";
import assert from "./assert.ts";
import { violations } from "./axe.ts";
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

const sizes: Record<string, BrowserContextOptions> = {
  desktop: { viewport: { width: 1440, height: 900 } },
  phone: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 },
};

/** What is opened, by its link, and what has to be there before it is looked at. */
const modes: Record<string, { hash: string; ready: string }> = {
  plain: { hash: "#", ready: "#map" },
  details: { hash: "#f=events/ev20", ready: ".drawer .sources li" },
  story: { hash: "#s=2", ready: ".drawer.story .story-steps" },
  sources: { hash: "#p=sources", ready: ".source-list li" },
  table: { hash: "#p=table/events", ready: ".sheet tbody tr" },
  compare: { hash: "#d=2015-06-01&d2=2017-10-01", ready: "[role=separator]" },
};

for (const lang of ["en", "ar"]) {
  for (const [size, options] of Object.entries(sizes)) {
    for (const [mode, { hash, ready }] of Object.entries(modes)) {
      test(`axe finds nothing: ${mode}, ${size}, ${lang}`, async () => {
        const { page, complaints, close } = await visit(browser, server, `${hash}&lang=${lang}`, options);
        await page.locator(ready).first().waitFor();
        assert.deepEqual(await violations(page), []);
        assert.deepEqual(complaints, []);
        await close();
      });
    }
    test(`axe finds nothing in the dialogs: ${size}, ${lang}`, async () => {
      const { page, close } = await visit(browser, server, `#lang=${lang}`, options);
      for (const [key, ready] of [
        ["/", "dialog.search[open]"],
        ["?", "dialog.help[open]"],
      ]) {
        await page.keyboard.press(key);
        await page.locator(ready).waitFor();
        if (key === "/") {
          await page.keyboard.type("mos");
          await page.locator("#search-list [role=option]").first().waitFor();
        }
        assert.deepEqual(await violations(page), []);
        await page.keyboard.press("Escape");
        await page.locator(ready).waitFor({ state: "hidden" });
      }
      await page.evaluate(() => {
        location.hash = "#f=events/ev20";
      });
      await page.locator(".drawer .foot button").click();
      await page.locator("dialog.share[open]").waitFor();
      assert.deepEqual(await violations(page), []);
      await close();
    });
  }
}

test("dark, forced colours and a legend unfolded are as clean", async () => {
  for (const options of [{ colorScheme: "dark" }, { forcedColors: "active" }] as const) {
    const { page, close } = await visit(browser, server, "#s=2&lang=ar", options);
    await page.locator(".drawer.story .story-steps").waitFor();
    for (const unfold of await page.locator(".unfold").all()) await unfold.click();
    assert.deepEqual(await violations(page), []);
    await close();
  }
});

test("at 200 % zoom nothing is cut off sideways and all of the head can be reached", async () => {
  for (const lang of ["en", "ar"]) {
    // A window of 1280 × 800 at 200 % is one of 640 × 400 CSS pixels.
    const { page, close } = await visit(browser, server, `#lang=${lang}`, { viewport: { width: 640, height: 400 } });
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 640);
    for (const button of await page.locator(".bar button, .tabs button, .steps button").all()) {
      if (!(await button.isVisible())) continue;
      const box = await button.boundingBox();
      assert.ok(box && box.x >= 0 && box.x + box.width <= 640.5 && box.y + box.height <= 400.5);
    }
    await close();
  }
});

test("the keyboard goes through the page in its order, and sees where it is", async () => {
  const { page, close } = await visit(browser, server, "#lang=en");
  const seen: string[] = [];
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press("Tab");
    const [where, outlined] = await page.evaluate(() => {
      const e = document.activeElement as HTMLElement;
      const part = ["bar", "panel", "stage", "dock"].find((name) => e.closest(`.${name}`)) ?? "body";
      const style = getComputedStyle(e);
      return [part, style.outlineStyle !== "none" || e.classList.contains("slider")] as const;
    });
    if (where === "body") break;
    assert.ok(outlined, `focus ${i} in ${where} can't be seen`);
    if (seen.at(-1) !== where) seen.push(where);
  }
  assert.deepEqual(seen, ["bar", "panel", "stage", "dock"]);
  await close();
});

test("letters can be kept to the map and the time control, and work on an Arabic keyboard", async () => {
  const { page, close } = await visit(browser, server, "#lang=ar");
  // As an Arabic keyboard sends the key of the C.
  const letter = () =>
    page.evaluate(() =>
      (document.activeElement ?? document.body).dispatchEvent(
        new KeyboardEvent("keydown", { key: "ؤ", code: "KeyC", bubbles: true, cancelable: true }),
      ),
    );
  await letter();
  await page.getByRole("separator").waitFor();
  await letter();
  await page.getByRole("separator").waitFor({ state: "detached" });
  await page.locator(".licence button").click();
  await page.locator("dialog.help[open] input[type=checkbox]").uncheck();
  await page.keyboard.press("Escape");
  await page.reload();
  await settled(page);
  await page.keyboard.press("/");
  assert.equal(await page.locator("dialog[open]").count(), 0);
  await page.locator("#map").focus();
  await page.keyboard.press("/");
  await page.locator("dialog.search[open]").waitFor();
  await close();
});

test("who asked for less motion gets none", async () => {
  const { page, close } = await visit(browser, server, "#lang=en", { reducedMotion: "reduce" });
  const motion = await page
    .locator(".bar-button")
    .first()
    .evaluate((e) => getComputedStyle(e).transitionDuration);
  assert.match(motion, /^0m?s$/);
  await page.click(".play");
  await page.waitForTimeout(400);
  await frames(page);
  const time = await page.evaluate(() => window.kharita.view().time);
  assert.equal(new Date(time.start ?? 0).getUTCFullYear(), 2015); // steps of a month, one a second
  await close();
});

test("one line tells who listens what is shown", async () => {
  for (const [lang, pattern] of [
    ["en", /^1 June 2015: .*Areas held by ISIS.*: \d+/],
    ["ar", /^1 حزيران 2015: .*\d+/],
  ] as const) {
    const { page, close } = await visit(browser, server, `#d=2015-06-01&lang=${lang}`);
    await page.waitForFunction(() => document.querySelector("body > [role=status]")?.textContent);
    assert.match((await page.locator("body > [role=status]").textContent()) ?? "", pattern);
    await close();
  }
});
