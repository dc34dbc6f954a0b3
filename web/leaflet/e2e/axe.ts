import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

/** violations runs axe in the page, by WCAG 2.2 A and AA and its own best practice, and writes what it found, a line each. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe); // by the debugger, which the page's policy does not bind
  const found = await page.evaluate(async () => {
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"];
    const runner = (window as unknown as { axe: { run(on: Document, options: object): Promise<unknown> } }).axe;
    return (await runner.run(document, { runOnly: tags })) as { violations: Violation[] };
  });
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map((n) => `${id}: ${n.html.slice(0, 160)} ${n.failureSummary}`),
  );
}
