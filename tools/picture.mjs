/**
 * Makes the pictures of the README from a report that was really written: `node tools/picture.mjs cloison-demo/report.html`.
 * Writes docs/images/report-light.png and report-dark.png: the top of the page, and the floor plans below it.
 */
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [file] = process.argv.slice(2);
if (file === undefined) {
  console.error("usage: node tools/picture.mjs REPORT.html");
  process.exit(2);
}
const images = join(import.meta.dirname, "../docs/images");
const args = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"];
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args });
for (const scheme of ["light", "dark"]) {
  const viewport = { width: 1040, height: 1300 };
  const page = await browser.newPage({ viewport, colorScheme: scheme, deviceScaleFactor: 1.5 });
  await page.goto(pathToFileURL(resolve(file)).href);
  const plans = await page.locator(".plans").boundingBox();
  const height = Math.ceil(plans === null ? viewport.height : plans.y + plans.height + 24);
  await page.screenshot({
    path: join(images, `report-${scheme}.png`),
    clip: { x: 0, y: 0, width: viewport.width, height },
    fullPage: true,
  });
  await page.close();
}
await browser.close();
