/**
 * The service worker: the files of the page, and what was seen of the atlas, stay on the reader's machine and answer
 * when the server does not. While it does, only what its address says can't change is answered from here.
 */

/** Paths of the files of this build, and a name for all of them; the build puts them in. */
declare const FILES: readonly string[];
declare const BUILD: string;

interface Extendable {
  waitUntil(work: Promise<unknown>): void;
}
interface Scope {
  readonly location: Location;
  readonly clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(kind: "install" | "activate", act: (event: Extendable) => void): void;
  addEventListener(kind: "message", act: (event: Extendable & { readonly data: unknown }) => void): void;
  addEventListener(
    kind: "fetch",
    act: (event: Extendable & { readonly request: Request; respondWith(answer: Promise<Response>): void }) => void,
  ): void;
}
const scope = self as unknown as Scope;

const files = `kharita-files-${BUILD}`;
const seen = "kharita-seen";
const atlas = new URL("/atlas.json", scope.location.origin).href;
/** The header that tells an answer that was kept from one of the server; it says how many bytes it has. */
const mark = "X-Kept";
/** How much is kept of what was seen: answers, bytes of all, bytes of one. */
const most = { answers: 1000, bytes: 64e6, one: 8e6 };
const anyHeaders = { ignoreVary: true };

async function install(): Promise<void> {
  const page = new Request("/", { headers: { Accept: "text/html" }, cache: "no-cache" });
  await (await caches.open(files)).addAll([page, ...FILES]);
  await scope.skipWaiting();
}

/** activate drops the files of older builds, but for the last: a page that is open may yet want a part of it. */
async function activate(): Promise<void> {
  const others = (await caches.keys()).filter((name) => name.startsWith("kharita-files-") && name !== files);
  await Promise.all(others.slice(0, -1).map((name) => caches.delete(name)));
  await scope.clients.claim();
}

/** Bytes by address of what is kept, the last that came last. */
let kept: Promise<Map<string, number>> | null = null;

async function measure(): Promise<Map<string, number>> {
  const cache = await caches.open(seen);
  const sizes = new Map<string, number>();
  for (const { url } of await cache.keys()) {
    sizes.set(url, Number((await cache.match(url, anyHeaders))?.headers.get(mark)));
  }
  return sizes;
}

/** keep keeps an answer, and drops the oldest if it is too much. With another atlas all that belongs to the last goes. */
async function keep(url: string, response: Response): Promise<void> {
  const cache = await caches.open(seen);
  const old = await cache.match(url, anyHeaders);
  if (old && old.headers.get("ETag") === response.headers.get("ETag")) {
    await response.body?.cancel();
    return;
  }
  const body = await response.arrayBuffer();
  if (body.byteLength > most.one) return;
  kept ??= measure();
  const sizes = await kept;
  const drop = async (which: string): Promise<void> => {
    sizes.delete(which);
    await cache.delete(which);
  };
  if (url === atlas && old) {
    const { revision } = JSON.parse(new TextDecoder().decode(body)) as { revision: string };
    const last = (await old.json()) as { revision: string };
    for (const other of revision === last.revision ? [] : sizes.keys()) {
      if (other !== atlas && new URL(other).searchParams.get("rev") !== revision) await drop(other);
    }
  }
  sizes.delete(url);
  sizes.set(url, body.byteLength);
  let bytes = [...sizes.values()].reduce((sum, n) => sum + n, 0);
  for (const [other, n] of sizes) {
    if (bytes <= most.bytes && sizes.size <= most.answers) break;
    if (other === atlas) continue;
    bytes -= n;
    await drop(other);
  }
  const headers = new Headers(response.headers);
  for (const name of ["Content-Encoding", "Content-Length"]) headers.delete(name); // of the body as it was sent
  headers.set(mark, String(body.byteLength));
  await cache.put(url, new Response(body.byteLength > 0 ? body : null, { status: response.status, headers }));
}

/** answer answers a request from here, or from the server; null leaves it to the browser. */
function answer(request: Request, later: Extendable["waitUntil"]): Promise<Response> | null {
  const { origin, pathname, searchParams } = new URL(request.url);
  if (request.method !== "GET" || origin !== scope.location.origin) return null;
  const ask = async (worth: (response: Response) => boolean): Promise<Response> => {
    const response = await fetch(request);
    if (response.ok && worth(response)) later(keep(request.url, response.clone()));
    return response;
  };
  /** The server first; what is kept if it does not answer, or only to say that it is in trouble. */
  const fresh = async (cache: string, key: string, worth: boolean): Promise<Response> => {
    const here = async () => (await caches.open(cache)).match(key, anyHeaders);
    try {
      const response = await ask(() => worth);
      return response.status < 500 ? response : ((await here()) ?? response);
    } catch {
      return (await here()) ?? Response.error();
    }
  };
  const first = async (options: MultiCacheQueryOptions, worth: (response: Response) => boolean): Promise<Response> =>
    (await caches.match(request, { ...anyHeaders, ...options })) ?? ask(worth).catch(() => Response.error());

  if (request.mode === "navigate") return pathname === "/" ? fresh(files, "/", false) : null;
  if (pathname.startsWith("/assets/")) return first({}, () => false);
  // Only under the revision that is served does an address name its content: the server says so.
  if (searchParams.has("rev")) {
    return first({ cacheName: seen }, ({ headers }) => headers.get("Cache-Control")?.includes("immutable") ?? false);
  }
  if (request.url === atlas || pathname.startsWith("/collections/")) return fresh(seen, request.url, true);
  return null;
}

scope.addEventListener("install", (event) => event.waitUntil(install()));
scope.addEventListener("activate", (event) => event.waitUntil(activate()));
scope.addEventListener("fetch", (event) => {
  const answered = answer(event.request, (work) => event.waitUntil(work));
  if (answered) event.respondWith(answered);
});
// What a page had loaded before this worker was there: its addresses. The browser has most of it still.
scope.addEventListener("message", (event) => {
  const { data } = event;
  if (!Array.isArray(data)) return;
  event.waitUntil(
    Promise.allSettled(
      data.map((url) => answer(new Request(String(url), { cache: "force-cache" }), (work) => event.waitUntil(work))),
    ),
  );
});
