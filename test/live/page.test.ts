/**
 * The report's page in a real Chromium: its policy is never broken, hostile names stay text, and a person can read it on a phone, in
 * the dark, on paper, by keyboard and by screen reader (WCAG 2.2: 1.3.1, 1.4.3, 1.4.10, 2.1.1, 2.4.1).
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { visible } from "../../src/core/diagnostic/visible.ts";
import { writePage } from "../../src/core/report/html/page.ts";
import { readReport } from "../../src/core/report/json.ts";
import type { Report } from "../../src/core/report/report.ts";

const samples = join(import.meta.dirname, "../samples/report");
const scratch = mkdtempSync("/tmp/cloison-page-");
let browser: Browser;

beforeAll(async () => {
  const args = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"];
  browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args });
});
afterAll(async () => {
  await browser?.close();
  rmSync(scratch, { recursive: true, force: true });
});

function sample(name: string): Report {
  const parsed = readReport(readFileSync(join(samples, `${name}.json`), "utf8"));
  if (!parsed.ok) {
    throw new Error(JSON.stringify(parsed.diagnostics));
  }
  return parsed.value;
}

interface Look {
  readonly width?: number;
  readonly scheme?: "light" | "dark";
}

/** Opens the page of a sample; `complaints` gathers what the browser prints or asks for. */
async function open(name: string, { width = 1200, scheme = "light" }: Look = {}) {
  const file = join(scratch, `${name}.html`);
  writeFileSync(file, writePage(sample(name)));
  const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme: scheme });
  const complaints: string[] = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => request.url() !== `file://${file}` && complaints.push(request.url()));
  await page.addInitScript(() =>
    document.addEventListener("securitypolicyviolation", (event) => console.log(event.violatedDirective)),
  );
  await page.goto(`file://${file}`);
  return { page, complaints };
}

/** Every text of a report that the page shows. */
function texts(report: Report): readonly string[] {
  return [
    report.unit,
    ...report.probes.flatMap(({ title, identity, reason, evidence }) => [
      title,
      identity,
      reason,
      ...evidence.split("\n"),
    ]),
    ...report.directives.flatMap(({ name, value, reason }) => [name, value, reason]),
    ...report.doors.flatMap(({ directive, value, needs }) => [directive, value, needs]),
    ...report.notApplicable.flatMap(({ id, reason }) => [id, reason]),
    ...report.notEnforced.flatMap(({ name, reason }) => [name, reason]),
    ...report.warnings,
    ...(report.notKnown ?? []),
    ...Object.entries(report.hashes.executables).flat(),
  ];
}

describe.each(["hardened", "hostile"])("the page of %s", (name) => {
  test("keeps to its policy, runs nothing, asks for nothing, and shows every text as text", async () => {
    const { page, complaints } = await open(name);
    const found = await page.evaluate(() => ({
      scripts: document.scripts.length,
      handlers: [...document.querySelectorAll("*")].filter((element) =>
        element.getAttributeNames().some((attribute) => attribute.startsWith("on")),
      ).length,
      styled: getComputedStyle(document.body).marginTop,
      text: document.body.textContent,
    }));
    expect(complaints).toEqual([]);
    expect(found.scripts).toBe(0);
    expect(found.handlers).toBe(0);
    expect(found.styled).toBe("0px");
    expect(texts(sample(name)).filter((text) => !found.text.includes(visible(text)))).toEqual([]);
    await page.close();
  });

  test("would complain if something were run: the policy is in force", async () => {
    const { page, complaints } = await open(name);
    await page.evaluate(() => {
      const script = document.createElement("img");
      script.src = "data:image/gif;base64,R0lGODlhAQABAAAAACw=";
      document.body.append(script);
    });
    await expect.poll(() => complaints.some((line) => line.includes("img-src"))).toBe(true);
    await page.close();
  });

  test.each([360, 768, 1200])("does not scroll sideways at %i px", async (width) => {
    const { page } = await open(name, { width });
    await page.evaluate(() => {
      for (const details of document.querySelectorAll("details")) {
        details.open = true;
      }
    });
    const beyond = await page.evaluate(() =>
      [...document.querySelectorAll("body *:not(.hidden)")]
        .filter((element) => element.getBoundingClientRect().right > innerWidth + 0.5)
        .map((element) => element.outerHTML.slice(0, 120)),
    );
    expect(beyond).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    await page.close();
  });

  test("is reached by the tab key in every part, and opened by Enter", async () => {
    const { page } = await open(name);
    const total = await page.locator("summary").count();
    const reached = await tabThrough(page);
    expect(reached.summaries).toBe(total);
    expect(reached.first).toBe("Skip to the report");
    const closed = page.locator("details:not([open]) > summary").first();
    const anchor = await closed.evaluate((summary) => summary.parentElement?.id);
    await closed.focus();
    await page.keyboard.press("Enter");
    expect(await page.locator(`#${anchor}`).evaluate((details) => (details as HTMLDetailsElement).open)).toBe(true);
    await page.close();
  });

  test("has a sound outline: headings in steps, labelled landmarks and pictures, anchors that exist", async () => {
    const { page } = await open(name);
    const outline = await page.evaluate(() => {
      const all = (selector: string) => [...document.querySelectorAll(selector)];
      const ids = all("[id]").map(({ id }) => id);
      return {
        levels: all("h1,h2,h3,h4").map(({ tagName }) => Number(tagName.slice(1))),
        landmarks: ["nav[aria-label]", "main", "body > footer"].map((selector) => all(selector).length),
        unlabelled: all("section, svg").filter((element) => {
          const by = element.getAttribute("aria-labelledby");
          const label = by === null ? element.getAttribute("aria-label") : document.getElementById(by)?.textContent;
          return (label ?? "") === "" && element.getAttribute("aria-hidden") !== "true";
        }).length,
        twice: ids.filter((id, index) => ids.indexOf(id) !== index),
        lost: all("a").filter((link) => document.querySelector(link.getAttribute("href") ?? "#") === null).length,
        captions: all("table").every((table) => table.querySelector("caption") !== null),
        language: document.documentElement.lang,
        title: document.title,
      };
    });
    expect(outline.levels[0]).toBe(1);
    expect(outline.levels.filter((level) => level === 1).length).toBe(1);
    expect(outline.levels.every((level, index) => level <= (outline.levels[index - 1] ?? 0) + 1)).toBe(true);
    expect(outline.landmarks).toEqual([1, 1, 1]);
    expect(outline.unlabelled).toBe(0);
    expect(outline.twice).toEqual([]);
    expect(outline.lost).toBe(0);
    expect(outline.captions).toBe(true);
    expect(outline.language).toBe("en");
    expect(outline.title).toContain(visible(sample(name).unit));
    await page.close();
  });

  test.each(["light", "dark"] as const)("keeps a contrast of 4.5 to 1 in %s", async (scheme) => {
    const { page } = await open(name, { scheme });
    const { checked, poor, paper } = await page.evaluate(contrasts);
    expect(checked).toBeGreaterThan(50);
    expect(poor).toEqual([]);
    expect(paper < 0.2).toBe(scheme === "dark");
    await page.close();
  });

  test("shows the evidence on paper, folded or not", async () => {
    const { page } = await open(name);
    await page.emulateMedia({ media: "print" });
    const hidden = await page.evaluate(
      () => [...document.querySelectorAll("pre")].filter((pre) => !pre.checkVisibility()).length,
    );
    expect(hidden).toBe(0);
    await page.close();
  });
});

/** Presses Tab until the focus has left the page. */
async function tabThrough(page: Page): Promise<{ summaries: number; first: string }> {
  const seen: string[] = [];
  for (let presses = 0; presses < 400; presses += 1) {
    await page.keyboard.press("Tab");
    const here = await page.evaluate(() => {
      const element = document.activeElement;
      return element === null || element === document.body
        ? undefined
        : `${element.tagName} ${element.tagName === "SUMMARY" ? element.parentElement?.id : element.textContent}`;
    });
    if (here === undefined) {
      break;
    }
    seen.push(here);
  }
  const summaries = new Set(seen.filter((entry) => entry.startsWith("SUMMARY"))).size;
  return { summaries, first: (seen[0] ?? "").replace(/^A /, "") };
}

/** Runs in the page: the contrast of every text against what it stands on, by WCAG's formula. */
function contrasts(): { checked: number; poor: string[]; paper: number } {
  const channels = (colour: string): number[] => (colour.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = (colour: string): number => {
    const [r = 0, g = 0, b = 0] = channels(colour).map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const isClear = (colour: string): boolean => colour === "none" || (channels(colour)[3] ?? 1) === 0;
  const behind = (element: Element): string => {
    for (let at: Element | null = element; at !== null; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (!isClear(colour)) {
        return colour;
      }
    }
    return "rgb(255, 255, 255)";
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const poor: string[] = [];
  let checked = 0;
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const element = node.parentElement;
    if (element === null || (node.textContent ?? "").trim() === "" || element.closest(".hidden") !== null) {
      continue;
    }
    const style = getComputedStyle(element);
    const inPicture = element.closest("svg") !== null;
    const front = luminance(inPicture ? style.fill : style.color);
    const grounds = inPicture
      ? [...(element.closest("svg")?.querySelectorAll(".room") ?? [])].map((room) => getComputedStyle(room).fill)
      : [];
    const all = [behind(element.closest("svg") ?? element), ...grounds.filter((colour) => !isClear(colour))];
    for (const ground of all.map(luminance)) {
      const ratio = (Math.max(front, ground) + 0.05) / (Math.min(front, ground) + 0.05);
      checked += 1;
      if (ratio < 4.5) {
        poor.push(`${ratio.toFixed(2)} ${element.outerHTML.slice(0, 100)}`);
      }
    }
  }
  return { checked, poor, paper: luminance(getComputedStyle(document.body).backgroundColor) };
}
