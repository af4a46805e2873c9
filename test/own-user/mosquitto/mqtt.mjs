/** A client of MQTT 3.1.1, as much of it as a test needs: OASIS MQTT Version 3.1.1, chapters 2 and 3. */
import { connect } from "node:net";

const text = (value) => Buffer.concat([Buffer.from([value.length >> 8, value.length & 255]), Buffer.from(value)]);

function packet(first, ...parts) {
  const body = Buffer.concat(parts);
  const length = [];
  let left = body.length;
  do {
    length.push((left % 128) | (left >= 128 ? 128 : 0));
    left = Math.floor(left / 128);
  } while (left > 0);
  return Buffer.concat([Buffer.from([first, ...length]), body]);
}

/** Connects; `next` waits for what contains a text. */
export function client(name, host = "127.0.0.1") {
  return new Promise((resolve, reject) => {
    const socket = connect(1883, host, () =>
      socket.write(packet(0x10, text("MQTT"), Buffer.from([4, 2, 0, 60]), text(name))),
    );
    let heard = Buffer.alloc(0);
    socket.setTimeout(10_000, () => socket.destroy(new Error("no answer")));
    socket.on("error", reject);
    socket.on("data", (data) => {
      heard = Buffer.concat([heard, data]);
      if (heard[0] === 0x20 && heard.length >= 4) {
        resolve({
          subscribe: (topic) => socket.write(packet(0x82, Buffer.from([0, 1]), text(topic), Buffer.from([0]))),
          publish: (topic, message, retain = false) =>
            socket.write(packet(retain ? 0x31 : 0x30, text(topic), Buffer.from(message))),
          heard: (message) => heard.includes(message),
          end: () => socket.destroy(),
        });
      }
    });
  });
}
