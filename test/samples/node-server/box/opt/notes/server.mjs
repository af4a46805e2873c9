/** Notes: a small web service with two workers. Notes are files, attachments are streamed to disk, exports compressed. */
import cluster from "node:cluster";
import { scrypt } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { createGzip } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const data = process.env.DATA ?? "./data";
const folder = (kind) => join(data, kind);
const slow = promisify(scrypt);

const routes = [
  ["GET", /^\/$/, (_, response) => sendFile(response, join(here, "public/index.html"), "text/html")],
  ["GET", /^\/notes$/, listNotes],
  ["POST", /^\/notes$/, addNote],
  [
    "GET",
    /^\/notes\/([0-9a-f]+)$/,
    (_, response, id) => sendFile(response, join(folder("notes"), id), "application/json"),
  ],
  ["DELETE", /^\/notes\/([0-9a-f]+)$/, removeNote],
  ["PUT", /^\/files\/([\w.]+)$/, putFile],
  [
    "GET",
    /^\/files\/([\w.]+)$/,
    (_, response, name) => sendFile(response, join(folder("files"), name), "application/octet-stream"),
  ],
  ["GET", /^\/export$/, exportNotes],
  ["GET", /^\/events$/, events],
];

function sendJson(response, status, value) {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
}

async function sendFile(response, path, type) {
  const stream = createReadStream(path);
  await new Promise((resolve, reject) => stream.once("open", resolve).once("error", reject));
  response.writeHead(200, { "content-type": type });
  await pipeline(stream, response);
}

async function listNotes(_, response) {
  sendJson(
    response,
    200,
    (await readdir(folder("notes"))).filter((name) => !name.includes(".")),
  );
}

async function addNote(request, response) {
  const chunks = [];
  for await (const chunk of request) {
    chunks.push(chunk);
  }
  const note = JSON.parse(Buffer.concat(chunks).toString());
  const id = (await slow(note.text, `${Date.now()}${Math.random()}`, 8)).toString("hex");
  const path = join(folder("notes"), id);
  await writeFile(`${path}.new`, JSON.stringify({ ...note, id }));
  await rename(`${path}.new`, path);
  sendJson(response, 201, { id });
}

async function removeNote(_, response, id) {
  await rm(join(folder("notes"), id));
  response.writeHead(204).end();
}

async function putFile(request, response, name) {
  await pipeline(request, createWriteStream(join(folder("files"), name)));
  sendJson(response, 201, { name });
}

async function exportNotes(_, response) {
  const names = (await readdir(folder("notes"))).filter((name) => !name.includes("."));
  const notes = await Promise.all(names.map((name) => readFile(join(folder("notes"), name), "utf8")));
  response.writeHead(200, { "content-type": "application/gzip" });
  await pipeline([`[${notes.join(",")}]`], createGzip(), response);
}

function events(request, response) {
  response.writeHead(200, { "content-type": "text/event-stream" });
  const timer = setInterval(() => response.write(`data: ${process.pid}\n\n`), 50);
  request.once("close", () => clearInterval(timer));
}

async function handle(request, response) {
  const path = new URL(request.url, "http://notes").pathname;
  for (const [method, pattern, action] of routes) {
    const match = pattern.exec(path);
    if (match !== null && method === request.method) {
      return await action(request, response, ...match.slice(1));
    }
  }
  sendJson(response, 404, { error: "there is nothing here" });
}

function serve() {
  const server = createServer((request, response) => {
    handle(request, response).catch((error) => {
      if (!response.headersSent) {
        sendJson(response, error.code === "ENOENT" ? 404 : 500, { error: error.code ?? error.message });
      } else {
        response.destroy();
      }
    });
  });
  server.listen(Number(process.env.PORT ?? 3000), "127.0.0.1");
}

async function manage() {
  await mkdir(folder("notes"), { recursive: true });
  await mkdir(folder("files"), { recursive: true });
  cluster.fork();
  cluster.fork();
  let stopping = false;
  cluster.on("exit", () => stopping || cluster.fork());
  // Reload: a new worker for each, the old ones leave once they have answered.
  process.on("SIGHUP", () => {
    for (const worker of Object.values(cluster.workers)) {
      worker.disconnect();
    }
  });
  process.on("SIGTERM", () => {
    stopping = true;
    for (const worker of Object.values(cluster.workers)) {
      worker.kill();
    }
    setTimeout(() => process.exit(0), 100);
  });
}

if (cluster.isPrimary) {
  await manage();
} else {
  serve();
}
