/** Keeps the page, and what is seen of the atlas, on the reader's machine: see sw.ts, which does it. */

/** stayUsable sets the service worker up. Where there is none (no secure connection, a private window) nothing is lost. */
export async function stayUsable(): Promise<void> {
  const workers = navigator.serviceWorker as ServiceWorkerContainer | undefined;
  if (!workers) return;
  const fromTheStart = workers.controller !== null;
  try {
    await workers.register("/sw.js", { updateViaCache: "none" });
  } catch (error) {
    console.info(error);
    return;
  }
  if (fromTheStart) return;
  const { active } = await workers.ready;
  const urls = performance.getEntriesByType("resource").map(({ name }) => name);
  active?.postMessage(urls.filter((url) => /^\/(tiles|collections|atlas\.json)/.test(new URL(url).pathname)));
}
