/** What PHP's first workload never did: uploads, errors, regular expressions that compile, includes, names, a new log, a dead worker. */
import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { eventually, killWorker, place, rotateLog, workload } from "../client.mjs";
import { fpm, run } from "./fastcgi.mjs";

const site = "/var/www/php";

await workload("php-fpm", async () => {
  place(`${site}/lib/part.php`, "<?php return fn($x) => strrev($x);");
  place(
    `${site}/use.php`,
    "<?php $f = require 'lib/part.php'; echo $f('abc'), preg_replace('/(\\d+)x/', '[$1]', '12x'), ' ', date('Y') > 2000;",
  );
  place(`${site}/upload.php`, "<?php $f = $_FILES['f']; echo $f['size'], ' ', md5_file($f['tmp_name']);");
  place(`${site}/broken.php`, "<?php nothing_like_this();");
  place(
    `${site}/host.php`,
    "<?php echo gethostbyname('localhost'), ' ', strlen(random_bytes(9)), ' ', strlen(tempnam(sys_get_temp_dir(), 'x')) > 0;",
  );
  assert.equal((await eventually("an include", () => run(`${site}/use.php`))).body, "cba[12] 1");
  const content = "c".repeat(300_000);
  const body = Buffer.from(
    `--b\r\nContent-Disposition: form-data; name="f"; filename="f.txt"\r\nContent-Type: text/plain\r\n\r\n${content}\r\n--b--\r\n`,
  );
  const sent = await run(`${site}/upload.php`, { method: "POST", type: "multipart/form-data; boundary=b", body });
  assert.match(sent.body, /^300000 [0-9a-f]{32}$/, "an upload");
  assert.equal((await run(`${site}/broken.php`)).status, 500, "an error");
  assert.equal((await run(`${site}/host.php`)).body, "127.0.0.1 9 1", "a name, random bytes, a temporary file");
  await Promise.all(Array.from({ length: 20 }, () => run(`${site}/use.php`)));

  const main = execFileSync("systemctl", ["show", "--value", "-p", "MainPID", `${fpm}.service`], {
    encoding: "utf8",
  });
  await killWorker(Number(main));
  await eventually("with a new worker", () => run(`${site}/use.php`));
  await rotateLog(
    `/var/log/${fpm}.log`,
    () => process.kill(Number(main), "SIGUSR1"),
    () => run(`${site}/use.php`),
    { create: true },
  );
  execFileSync("systemctl", ["reload", `${fpm}.service`]);
  await eventually("after a reload", () => run(`${site}/use.php`));
});
