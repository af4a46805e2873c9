/** A visitor of the bookshop: keeps its cookie, fills in forms, waits until the shop answers. Plain Node 20. */
import { setTimeout as sleep } from "node:timers/promises";

const shop = process.env.BOOKSHOP_URL ?? "http://127.0.0.1:8000";

/** Waits at most 20 s for the shop: a service that was started is not yet one that answers. */
export async function waitForShop() {
  const end = Date.now() + 20_000;
  for (;;) {
    try {
      const response = await fetch(`${shop}/health`);
      if (response.status === 200) {
        return;
      }
      throw new Error(`/health answered ${response.status}`);
    } catch (error) {
      if (Date.now() > end) {
        throw new Error(`the shop does not answer: ${error.cause?.message ?? error.message}`);
      }
      await sleep(100);
    }
  }
}

/** A visitor with a cookie of its own; every method answers `{status, text, bytes}`. */
export function visitor() {
  let cookie = "";
  async function send(path, init = {}) {
    const response = await fetch(`${shop}${path}`, { redirect: "manual", ...init, headers: { cookie } });
    const set = response.headers.get("set-cookie");
    if (set !== null) {
      cookie = set.split(";")[0];
    }
    const bytes = Buffer.from(await response.arrayBuffer());
    return { status: response.status, text: bytes.toString("utf8"), bytes };
  }
  return {
    get: (path) => send(path),
    post: (path, fields) => send(path, { method: "POST", body: new URLSearchParams(fields) }),
    /** A form with a file; `file` is `{name, bytes}` and goes into the field "cover". */
    upload: (path, fields, file) => {
      const body = new FormData();
      for (const [key, value] of Object.entries(fields)) {
        body.set(key, value);
      }
      body.set("cover", new Blob([file.bytes]), file.name);
      return send(path, { method: "POST", body });
    },
  };
}

/** A picture in the portable pixmap format, which needs no library to write: a gradient of the given size. */
export function pixmap(width, height) {
  const pixels = Buffer.alloc(width * height * 3);
  for (let at = 0; at < pixels.length; at += 3) {
    const place = at / 3;
    pixels[at] = (place % width) & 255;
    pixels[at + 1] = Math.floor(place / width) & 255;
    pixels[at + 2] = 128;
  }
  return Buffer.concat([Buffer.from(`P6\n${width} ${height}\n255\n`), pixels]);
}
