/** Talks to the agent in a virtual machine over its serial line: a command in base64 a line, its status and output back. */
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** Waits until the agent says that it is ready, or `end` (milliseconds since 1970), or the end of qemu. */
export async function connectAgent(path, qemu, end) {
  let connection;
  while (connection === undefined) {
    if (Date.now() > end || qemu.exitCode !== null) {
      throw new Error("qemu does not start");
    }
    connection = await tryConnect(path);
    if (connection === undefined) {
      await sleep(50);
    }
  }
  const lines = linesOf(connection);
  for (;;) {
    const line = await Promise.race([lines.next(), sleep(Math.max(0, end - Date.now()), undefined, { ref: false })]);
    if (line === undefined) {
      throw new Error("the machine does not come up");
    }
    if (line === "ready") {
      break;
    }
  }
  let queue = Promise.resolve();
  const ask = async (command) => {
    connection.write(`${Buffer.from(command).toString("base64")}\n`);
    const line = await lines.next();
    if (line === undefined) {
      throw new Error("the machine went down");
    }
    const [status = "", output = ""] = line.split(" ");
    const stdout = Buffer.from(output, "base64").toString("utf8");
    return { status: Number(status), signal: null, stdout, stderr: "", timedOut: false };
  };
  return {
    // One serial line: one command after the other.
    run: (command) => {
      const answer = queue.then(() => ask(command));
      queue = answer.catch(() => undefined);
      return answer;
    },
    close: () => connection.destroy(),
  };
}

function tryConnect(path) {
  return new Promise((done) => {
    const socket = connect(path);
    socket.once("connect", () => done(socket));
    socket.once("error", () => done(undefined));
  });
}

/** Lines of a stream, one for each `next`; undefined once it has ended. */
function linesOf(stream) {
  const lines = [];
  const waiting = [];
  let rest = "";
  let ended = false;
  stream.on("data", (chunk) => {
    const parts = (rest + chunk.toString("latin1")).split("\n");
    rest = parts.pop() ?? "";
    for (const part of parts) {
      const line = part.replace(/\r$/, "");
      const next = waiting.shift();
      if (next === undefined) {
        lines.push(line);
      } else {
        next(line);
      }
    }
  });
  stream.on("close", () => {
    ended = true;
    for (const next of waiting.splice(0)) {
      next(undefined);
    }
  });
  stream.on("error", () => undefined);
  return {
    next: () => {
      const line = lines.shift();
      if (line !== undefined || ended) {
        return Promise.resolve(line);
      }
      return new Promise((done) => waiting.push(done));
    },
  };
}
