/**
 * Measures the page in Chromium on the real binary: how long until the map is there, what an update of the time costs,
 * how even frames are while the time is scrubbed, and whether anything holds the page up while it zooms.
 */

import { rm, writeFile } from "node:fs/promises";
import type { Browser, CDPSession, Page } from "playwright-core";
import { frames, launch, type Server, serve, settled } from "../e2e/page.ts";
import { writeAtlas } from "./atlas.ts";

const profile = process.env.KHARITA_PROFILE; // a file to which a CPU profile of the scrubbing is written
const median = (values: readonly number[]): number => quantile(values, 0.5);

function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

/** cpu is the time that the page's main thread has worked, in ms. */
async function cpu(session: CDPSession): Promise<number> {
  const { metrics } = await session.send("Performance.getMetrics");
  return (metrics.find(({ name }) => name === "TaskDuration")?.value ?? 0) * 1000;
}

interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly tdur?: number;
  readonly args: { readonly name?: string };
}

/** mainTasks reads from a trace how long each task of a page's main thread has worked, in ms. */
function mainTasks(trace: Buffer): number[] {
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: TraceEvent[] };
  const thread = ({ pid, tid }: TraceEvent): string => `${pid}/${tid}`;
  const named = traceEvents.filter(({ name, args }) => name === "thread_name" && args.name === "CrRendererMain");
  const main = new Set(named.map(thread));
  return traceEvents.flatMap((e) => (/RunTask$/.test(e.name) && main.has(thread(e)) ? [(e.tdur ?? 0) / 1000] : []));
}

interface Scrubbed {
  readonly perUpdate: number;
  readonly script: number;
  readonly frames: number[];
  readonly paints: number;
  readonly requests: number;
}

/** scrub moves the slider by days a frame and measures. */
async function scrub(page: Page, session: CDPSession, days: number, updates: number): Promise<Scrubbed> {
  let requests = 0;
  const count = (): void => {
    requests++;
  };
  page.on("request", count);
  const before = await cpu(session);
  const { intervals, script, paints } = await page.evaluate(
    async ([days, updates]) => {
      const slider = document.querySelector<HTMLInputElement>(".slider");
      if (!slider) throw new Error("no slider");
      const intervals: number[] = [];
      const max = Number(slider.max);
      const painted = window.kharita.stats().data.paints;
      let script = 0;
      let last = 0;
      for (let i = 0; i < updates; i++) {
        const now = await new Promise<number>((done) => requestAnimationFrame(done));
        if (last) intervals.push(now - last);
        last = now;
        const t = performance.now();
        slider.value = String((Math.round(max * 0.2) + i * days) % max);
        slider.dispatchEvent(new Event("input"));
        script += performance.now() - t;
      }
      await new Promise((done) => requestAnimationFrame(done));
      return { intervals, script, paints: window.kharita.stats().data.paints - painted };
    },
    [days, updates] as const,
  );
  const spent = (await cpu(session)) - before;
  page.off("request", count);
  return {
    perUpdate: spent / updates,
    script: script / updates,
    frames: intervals,
    paints: paints / updates,
    requests,
  };
}

async function measure(browser: Browser, server: Server, name: string): Promise<void> {
  const context = await browser.newContext({ locale: "en-GB", viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" }); // its work, not its waiting for a busy machine
  const begin = Date.now();
  await page.goto(`${server.url}/#d=2015-01-01`);
  await page.waitForFunction(() => window.kharita?.settled() && window.kharita.stats().data.paints > 0);
  await frames(page);
  const paint = Date.now() - begin;
  await page.waitForLoadState("networkidle");
  await page.waitForTimeout(800);

  await scrub(page, session, 7, 30); // warm
  if (profile) {
    await session.send("Profiler.enable");
    await session.send("Profiler.setSamplingInterval", { interval: 200 });
    await session.send("Profiler.start");
  }
  const runs: Scrubbed[] = [];
  for (let i = 0; i < 3; i++) runs.push(await scrub(page, session, 14, 120));
  if (profile) {
    const { profile: found } = await session.send("Profiler.stop");
    await writeFile(`${profile}.${name.replace(/\W+/g, "-")}.cpuprofile`, JSON.stringify(found));
  }
  const idle = await cpu(session).then(async (before) => {
    await page.waitForTimeout(600);
    return (await cpu(session)) - before;
  });

  await browser.startTracing(page, { categories: ["toplevel"] });
  for (const key of ["+", "+", "-", "-", "-", "+"]) {
    await page.locator("#map").press(key);
    await page.waitForTimeout(500);
    await settled(page);
  }
  await page.waitForTimeout(300);
  const tasks = mainTasks(await browser.stopTracing());

  const all = runs.flatMap((run) => run.frames);
  const show = (what: string, value: string, bound = ""): void => {
    console.log(`${name.padEnd(22)} ${what.padEnd(38)} ${value.padStart(10)}  ${bound}`);
  };
  show("map painted after", `${paint} ms`, "≤ 1500 cold");
  show(
    "main thread an update",
    `${median(runs.map((r) => r.perUpdate)).toFixed(1)} ms`,
    name.startsWith("600") ? "≤ 10" : "≤ 25",
  );
  show("tiles painted an update", median(runs.map((r) => r.paints)).toFixed(1));
  show("frames, median", `${median(all).toFixed(1)} ms`);
  show("frames, 95 of 100 within", `${quantile(all, 0.95).toFixed(1)} ms`, name.startsWith("600") ? "≤ 20" : "");
  show("requests while scrubbing", String(runs.reduce((sum, r) => sum + r.requests, 0)), "0");
  show("main thread at rest, 600 ms", `${idle.toFixed(0)} ms`);
  show("longest task while zooming", `${Math.max(0, ...tasks).toFixed(0)} ms`, "≤ 100");
  show("tasks above 50 ms", String(tasks.filter((ms) => ms > 50).length));
  await context.close();
}

const browser = await launch();
for (const count of [600, 3000]) {
  const folder = await writeAtlas(count, 120);
  const server = await serve({ data: folder });
  try {
    await measure(browser, server, `${count} polygons`);
  } finally {
    await server.stop();
    await rm(folder, { recursive: true });
  }
}
await browser.close();
