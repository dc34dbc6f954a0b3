/** Takes the pictures of docs/ from the shipped atlas: `npm run pictures`, after `make build`. */

import { fileURLToPath } from "node:url";
import { launch, serve, settled } from "./page.ts";

const desk = { width: 1440, height: 900 };
const phone = { width: 390, height: 844 };

const pictures: readonly { name: string; hash: string; size: { width: number; height: number }; dark?: boolean }[] = [
  { name: "desktop-2015-en", hash: "#d=2015&lang=en", size: desk },
  { name: "desktop-2014-ar", hash: "#d=2014&m=7/35.20/41.50&lang=ar", size: desk },
  { name: "desktop-2018-en-dark", hash: "#d=2018&m=7/34.90/40.50&lang=en", size: desk, dark: true },
  { name: "phone-2014-ar", hash: "#d=2014&m=6/35.00/41.00&lang=ar", size: phone },
  { name: "phone-2015-en", hash: "#d=2015&m=6/35.00/41.00&lang=en", size: phone },
  { name: "phone-2018-ar", hash: "#d=2018&m=6/35.00/41.00&lang=ar", size: phone },
];

const server = await serve();
const browser = await launch();
try {
  for (const { name, hash, size, dark } of pictures) {
    const context = await browser.newContext({
      viewport: size,
      colorScheme: dark ? "dark" : "light",
      isMobile: size === phone,
      hasTouch: size === phone,
    });
    const page = await context.newPage();
    await page.goto(`${server.url}/${hash}`, { waitUntil: "networkidle" });
    await page.evaluate(() => document.fonts.ready);
    await settled(page);
    await page.screenshot({ path: fileURLToPath(new URL(`../../../docs/${name}.png`, import.meta.url)) });
    await context.close();
  }
} finally {
  await browser.close();
  await server.stop();
}
