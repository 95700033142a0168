/**
 * Checks what the build made: the first load is small, and nothing of a test stand-in is in it.
 *
 * The first load is what index.html names and what that imports without being asked.
 */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const DIST = new URL("../dist/", import.meta.url).pathname;
const BUDGET_BYTES = 60 * 1024;
const FORBIDDEN = [/sandbox/i, /stand-?in/i, /127\.0\.0\.1/, /localhost/];

const page = readFileSync(join(DIST, "index.html"), "utf8");
const named = [...page.matchAll(/(?:src|href)="\/([^"]+)"/g)].map(([, path]) => path);
const firstLoad = ["index.html", ...named];
const compressed = (path) => gzipSync(readFileSync(join(DIST, path)), { level: 9 }).length;

const sizes = firstLoad.map((path) => ({ path, bytes: compressed(path) }));
const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
const lazy = readdirSync(join(DIST, "assets"))
  .map((name) => `assets/${name}`)
  .filter((path) => !firstLoad.includes(path));

const problems = [];
if (total >= BUDGET_BYTES) problems.push(`the first load is over ${BUDGET_BYTES} bytes`);
for (const path of [...firstLoad, ...lazy]) {
  const text = readFileSync(join(DIST, path), "utf8");
  problems.push(...FORBIDDEN.filter((it) => it.test(text)).map((it) => `${path} has ${it}`));
}
if (/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=/.test(page)) {
  problems.push("index.html has inline script or style");
}

const kilobytes = (bytes) => `${(bytes / 1024).toFixed(1).padStart(6)} kB`;
for (const { path, bytes } of sizes) process.stdout.write(`${kilobytes(bytes)}  ${path}\n`);
for (const path of lazy)
  process.stdout.write(`${kilobytes(compressed(path))}  ${path} (on demand)\n`);
process.stdout.write(`${kilobytes(total)}  first load, gzip; ${BUDGET_BYTES / 1024} kB allowed\n`);
for (const problem of problems) process.stderr.write(`error: ${problem}\n`);
process.exitCode = problems.length ? 1 : 0;
