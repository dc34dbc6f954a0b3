/** What the browser tests share: the real binary on a free port, Chromium, and a page that watches itself. */

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

const binary = process.env.KHARITA_BIN ?? fileURLToPath(new URL("../../../bin/mapserver", import.meta.url));
const browserPath = process.env.KHARITA_CHROMIUM ?? "/usr/bin/chromium";

export interface Server {
  readonly url: string;
  readonly port: number;
  stop(): Promise<void>;
}

/** serve starts the binary with an atlas of one's own, or the shipped one, and waits until it is ready. */
export async function serve(options: { data?: string; port?: number } = {}): Promise<Server> {
  if (!existsSync(binary)) throw new Error(`${binary} is not there: run "make build" first`);
  const port = options.port ?? (await freePort());
  const args = ["serve", "--listen", `127.0.0.1:${port}`, ...(options.data ? ["--data", options.data] : [])];
  const child: ChildProcess = spawn(binary, args, { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr?.on("data", (chunk) => {
    said += chunk;
  });
  const url = `http://127.0.0.1:${port}`;
  const deadline = Date.now() + 30_000;
  for (;;) {
    const ready = await fetch(`${url}/readyz`).then(
      (response) => response.ok,
      () => false,
    );
    if (ready) break;
    if (child.exitCode !== null || Date.now() > deadline) {
      child.kill("SIGKILL");
      throw new Error(`the server did not start:\n${said}`);
    }
    await new Promise((done) => setTimeout(done, 50));
  }
  return {
    url,
    port,
    stop: () =>
      new Promise((done) => {
        if (child.exitCode !== null || child.signalCode !== null) done();
        child.once("exit", () => done());
        child.kill("SIGTERM");
      }),
  };
}

async function freePort(): Promise<number> {
  return new Promise((done, failed) => {
    const probe = createServer();
    probe.once("error", failed);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => (address && typeof address === "object" ? done(address.port) : failed(new Error("no port"))));
    });
  });
}

/** launch starts the browser; webgl draws in software, as no test has a graphics card. */
export async function launch({ webgl = false } = {}): Promise<Browser> {
  if (!existsSync(browserPath)) throw new Error(`${browserPath} is not there: install Debian's chromium`);
  return chromium.launch({
    executablePath: browserPath,
    args: [
      "--no-sandbox",
      ...(webgl
        ? ["--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"]
        : ["--disable-gpu"]),
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** What a page did that it should not have, and what it asked for. */
export interface Watched {
  readonly page: Page;
  readonly complaints: string[];
  readonly requests: string[];
  close(): Promise<void>;
}

export interface Handle {
  shown(layer: string): string[];
  hits(x: number, y: number): string[];
  standing(feature: string): string | null;
  view(): { time: { start: number | null; end: number | null }; layers: string[]; lang: string; zoom: number };
  labels(): { text: string; x: number; y: number }[];
  project(lon: number, lat: number): { x: number; y: number };
  settled(): boolean;
  stats(): { data: { paints: number; skips: number; tiles: number }; overlay: { draws: number } };
}

declare global {
  interface Window {
    readonly kharita: Handle;
  }
}

/** visit opens the page and waits until the map is there. */
export async function visit(
  browser: Browser,
  server: Server,
  hash = "",
  options: BrowserContextOptions = {},
): Promise<Watched> {
  const context = await browser.newContext({ locale: "en-GB", viewport: { width: 1440, height: 900 }, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => requests.push(request.url()));
  page.setDefaultTimeout(30_000); // a machine may be busy with other things
  await page.goto(`${server.url}/${hash}`);
  await settled(page);
  return { page, complaints, requests, close: () => context.close() };
}

/** settled waits until all tiles in sight have come and two frames have passed. */
export async function settled(page: Page): Promise<void> {
  await page.waitForFunction(() => window.kharita?.settled());
  await frames(page);
}

/** truly waits until what is asked in the page comes true; Playwright's waitForFunction does not await a promise. */
export async function truly<Arg>(page: Page, asked: (arg: Arg) => Promise<boolean>, arg?: Arg): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!(await page.evaluate(asked as (arg: unknown) => Promise<boolean>, arg))) {
    if (Date.now() > deadline) throw new Error(`never came true: ${asked}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

export async function frames(page: Page): Promise<void> {
  await page.evaluate(
    () => new Promise<void>((done) => requestAnimationFrame(() => requestAnimationFrame(() => done()))),
  );
}

export async function shown(page: Page, layer: string): Promise<string[]> {
  await frames(page); // what was pressed before takes a frame to show
  return page.evaluate((id) => window.kharita.shown(id), layer);
}
