/** A small PHP site: a page, a form, a session. */
import { strict as assert } from "node:assert";
import { eventually, place, workload } from "../client.mjs";
import { run } from "./fastcgi.mjs";

const site = "/var/www/php";

await workload("php-fpm", async () => {
  place(`${site}/page.php`, "<?php echo 'PHP ', PHP_MAJOR_VERSION, ' ', htmlspecialchars($_POST['name'] ?? 'nobody');");
  place(`${site}/count.php`, "<?php session_start(); echo $_SESSION['n'] = ($_SESSION['n'] ?? 0) + 1;");
  const page = await eventually("a page", () => run(`${site}/page.php`));
  assert.equal(page.body, "PHP 8 nobody");
  const form = { method: "POST", type: "application/x-www-form-urlencoded", body: Buffer.from("name=%3CAnna%3E") };
  assert.equal((await run(`${site}/page.php`, form)).body, "PHP 8 &lt;Anna&gt;");
  const first = await run(`${site}/count.php`);
  const cookie = first.headers["set-cookie"].split(";")[0].replace("phpsessid", "PHPSESSID");
  assert.equal(first.body + (await run(`${site}/count.php`, { cookie })).body, "12", "the session is kept");
  assert.equal((await run(`${site}/missing.php`)).status, 404);
});
