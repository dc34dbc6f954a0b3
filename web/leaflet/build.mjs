// Builds the page into dist: minified, with content-hashed names, and an index.html that names them.
// The server fills the {{…}} in index.html; the %…% are filled here.

import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const root = import.meta.dirname;
const dist = join(root, "dist");

const common = {
  absWorkingDir: root,
  bundle: true,
  minify: true,
  charset: "utf8",
  format: "esm",
  target: ["chrome109", "firefox115", "safari16.4"],
  outdir: "dist/assets",
  entryNames: "[name]-[hash]",
  assetNames: "[name]-[hash]",
  publicPath: "/assets",
  metafile: true,
  legalComments: "none", // the licences are in a file of their own
  logLevel: "warning",
};

/**
 * Leaflet as ES modules, which its package.json does not name, without what the page does not use: markers, vectors,
 * popups, attribution, image layers, GeoJSON, geolocation. A bundler can't tell that making these classes has no effect; here it is told so.
 */
const leafletModules = {
  name: "leaflet-modules",
  setup(build) {
    build.onResolve({ filter: /^leaflet$/ }, ({ resolveDir, kind }) =>
      build.resolve("leaflet/dist/leaflet-src.esm.js", { resolveDir, kind }),
    );
    build.onLoad({ filter: /leaflet-src\.esm\.js$/ }, async ({ path }) => {
      const unused = "Marker|Circle|CircleMarker|Polyline|Polygon|LayerGroup|GeoJSON|SVG|TileLayer|Icon";
      const contents = (await readFile(path, "utf8"))
        .replace(/^if \(Browser\.vml\) \{\n\tSVG.*\n\}/m, "") // the engines of 2012
        .replace(/^Map\.addInitHook\(function \(\) \{\n\tif \(this\.options\.attributionControl\)[\s\S]*?^\}\);/m, "")
        .replace(/^var (\w+) = (\w+)\.extend\(/gm, "var $1 = /* @__PURE__ */ $2.extend(")
        .replace(new RegExp(`^(\\s*)(${unused})\\.include\\(`, "gm"), "$1/* @__PURE__ */ $2.include(")
        .replace(new RegExp(`^(${unused}|tileLayer|control)\\.\\w+ = .*;$`, "gm"), "")
        .replace(/^\tlocate: function[\s\S]*?(?=^\t\/\/ TODO Appropriate docs section)/m, "") // where the reader is
        .replace(/^CRS\.(?!EPSG3857).*;$/gm, "") // of the projections only the one of the tiles
        .replace(/^var (EPSG3395|EPSG900913|EPSG4326|Simple) = extend\(/gm, "var $1 = /* @__PURE__ */ extend(")
        .replace(/^Map\.(addInitHook\('addHandler', 'tapHold'.*|TapHold = .*)$/gm, "") // nothing has a context menu
        .replace(/^Control\.(Layers|Scale|Attribution) = .*;$/gm, "")
        .replace(/(icon: )new IconDefault\(\)|(setStyle: )Path\.prototype\.setStyle/g, "$1$2null")
        .replace(
          /^(Map|Layer)\.include\(\{(?=(\s|\/\/.*)*(_initOverlay|bindPopup|openPopup|bindTooltip|openTooltip|getRenderer)\b)/gm,
          "/* @__PURE__ */ $1.include({",
        );
      return { contents, loader: "js" };
    });
  },
};

/** The name under which an entry point was written, as the page asks for it. */
function written(result, entry, ext) {
  for (const [path, output] of Object.entries(result.metafile.outputs)) {
    if (output.entryPoint === entry && path.endsWith(ext)) return `/assets/${basename(path)}`;
  }
  throw new Error(`${entry}: not built`);
}

for (const name of await readdir(dist)) {
  if (name !== ".gitkeep") await rm(join(dist, name), { recursive: true });
}

/** The licences of what the page is made of, in one file; its name as the page asks for it. */
async function licences() {
  const parts = [
    ["Leaflet", "leaflet/LICENSE"],
    ["vector-tile", "@mapbox/vector-tile/LICENSE.txt"],
    ["point-geometry", "@mapbox/point-geometry/LICENSE"],
    ["pbf", "pbf/LICENSE"],
    ["IBM Plex Sans", "@fontsource/ibm-plex-sans/LICENSE"],
    ["IBM Plex Sans Arabic", "@fontsource/ibm-plex-sans-arabic/LICENSE"],
  ];
  let text = "";
  for (const [name, file] of parts) {
    text += `${name}\n${"=".repeat(name.length)}\n\n${(await readFile(join(root, "node_modules", file), "utf8")).trim()}\n\n\n`;
  }
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 8).toUpperCase();
  await mkdir(join(dist, "assets"), { recursive: true });
  await writeFile(join(dist, "assets", `licences-${hash}.txt`), text);
  return `/assets/licences-${hash}.txt`;
}

const worker = await build({ ...common, entryPoints: ["src/worker.ts"] });
const late = await build({ ...common, entryPoints: ["src/late.css"] });
const page = await build({
  ...common,
  entryPoints: ["src/main.ts", "src/style.css", "src/read.css"],
  splitting: true, // what is imported with import() comes when it is needed
  chunkNames: "[name]-[hash]",
  plugins: [leafletModules],
  loader: { ".woff2": "file", ".png": "empty", ".svg": "file" },
  define: {
    WORKER_URL: JSON.stringify(written(worker, "src/worker.ts", ".js")),
    LATE_STYLE_URL: JSON.stringify(written(late, "src/late.css", ".css")),
    LICENCES_URL: JSON.stringify(await licences()),
  },
});
// What only ties others together may come out empty, which not every server can say of a script.
for (const [path, { bytes }] of Object.entries(page.metafile.outputs)) {
  if (bytes === 0) await writeFile(join(root, path), "\n");
}
const icon = await build({ ...common, entryPoints: ["src/icon.svg"], loader: { ".svg": "copy" } });

/** What the page's script imports at once, itself included: names of files. */
const atOnce = new Set();
const follow = (path) => {
  if (atOnce.has(basename(path))) return;
  atOnce.add(basename(path));
  for (const { path: next, kind } of page.metafile.outputs[path].imports) {
    if (kind === "import-statement") follow(next);
  }
};
const script = written(page, "src/main.ts", ".js");
follow(`dist${script}`);
const preload = [...atOnce]
  .filter((name) => `/assets/${name}` !== script)
  .map((name) => `<link rel="modulepreload" href="/assets/${name}">`);

const html = (await readFile(join(root, "src/index.html"), "utf8"))
  .replace("%icon%", written(icon, "src/icon.svg", ".svg"))
  .replace("%style%", written(page, "src/style.css", ".css"))
  .replace("%preload%\n", preload.map((link) => `${link}\n`).join(""))
  .replace("%script%", script);
atOnce.add(basename(written(worker, "src/worker.ts", ".js"))).add(basename(written(page, "src/style.css", ".css")));
await writeFile(join(dist, "index.html"), html);

// The service worker keeps all of these. It is asked for by this name for ever, and is another one when they are.
const files = (await readdir(join(dist, "assets"))).sort().map((name) => `/assets/${name}`);
await build({
  ...common,
  format: "iife",
  entryPoints: ["src/sw.ts"],
  outdir: "dist",
  entryNames: "[name]",
  define: {
    FILES: JSON.stringify(files),
    BUILD: JSON.stringify(createHash("sha256").update(html).update(files.join()).digest("hex").slice(0, 8)),
  },
});

let first = 0;
for (const name of (await readdir(join(dist, "assets"))).sort()) {
  const bytes = await readFile(join(dist, "assets", name));
  const zipped = gzipSync(bytes, { level: 9 }).length;
  if (atOnce.has(name)) first += zipped;
  const note = /\.(js|css)$/.test(name) && !atOnce.has(name) ? ", later" : "";
  console.log(`${name.padEnd(56)} ${kB(bytes.length)} ${kB(zipped)} gzip${note}`);
}
console.log(`first load, script and style: ${kB(first)} gzip`);
if (first > 75_000) {
  console.error("the first load of script and style must not be more than 75 kB gzip");
  process.exitCode = 1;
}

function kB(bytes) {
  return `${(bytes / 1000).toFixed(1).padStart(7)} kB`;
}
