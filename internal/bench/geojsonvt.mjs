// geojson-vt and vt-pbf as a tile server: node geojsonvt.mjs PACKAGES FILE HOST:PORT
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { gzipSync } from "node:zlib";

const [packages, file, address] = process.argv.slice(2);
const require = createRequire(`${packages}/`);
const { default: GeoJSONVT } = require("geojson-vt");
const vtpbf = require("vt-pbf");

const index = new GeoJSONVT(JSON.parse(readFileSync(file, "utf8")), { maxZoom: 14, extent: 4096, buffer: 64 });
const [host, port] = address.split(":");
createServer((request, response) => {
  const [, , z, x, y] = request.url.replace(".pbf", "").split("/");
  const tile = z && index.getTile(+z, +x, +y);
  if (!tile) {
    response.writeHead(204).end();
    return;
  }
  let body = Buffer.from(vtpbf.fromGeojsonVt({ layer: tile }, { version: 2 }));
  const headers = { "content-type": "application/vnd.mapbox-vector-tile" };
  if (request.headers["accept-encoding"] === "gzip") {
    body = gzipSync(body);
    headers["content-encoding"] = "gzip";
  }
  response.writeHead(200, { ...headers, "content-length": body.length }).end(body);
}).listen(+port, host);
