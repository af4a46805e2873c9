"""Bookshop: a second-hand bookshop's web application, written the way such applications often are, holes included.

Deliberately vulnerable. Each hole is marked with HOLE. It is made for Cloison's demonstration and refuses to start
anywhere but in a throw-away box.
"""

import json
import os
import secrets
import subprocess
import sys
import time
import urllib.request

import redis
from flask import Flask, abort, g, redirect, render_template, request, send_file, url_for
from werkzeug.security import check_password_hash, generate_password_hash


def inside_a_box():
    """The marker is made by the box, the other file by any systemd that was booted in a container."""
    return os.path.exists("/run/cloison/box") and os.path.exists("/run/systemd/container")


if not inside_a_box():
    sys.exit("bookshop: this application is vulnerable on purpose and starts only inside a Cloison box")

STATE = "/var/lib/bookshop"
SESSIONS = f"{STATE}/sessions"
COVERS = f"{STATE}/covers"
THUMBS = f"{STATE}/thumbs"

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 20 * 1024 * 1024
app.secret_key = os.environ["BOOKSHOP_SECRET"]
db = redis.Redis(unix_socket_path="/run/valkey-bookshop/valkey.sock", decode_responses=True)

for directory in (SESSIONS, COVERS, THUMBS):
    os.makedirs(directory, exist_ok=True)


# --- sessions: one small file each -----------------------------------------------------------------------------------


def session_file(sid):
    if not sid.isalnum():
        abort(400)
    return f"{SESSIONS}/{sid}.json"


def open_session(user):
    sid = secrets.token_hex(16)
    path = session_file(sid)
    with open(f"{path}.new", "w", encoding="utf-8") as file:
        json.dump({"user": user, "since": int(time.time())}, file)
    os.rename(f"{path}.new", path)
    response = redirect(url_for("index"))
    response.set_cookie("sid", sid, httponly=True, samesite="Lax")
    return response


@app.before_request
def load_session():
    g.user = None
    sid = request.cookies.get("sid")
    if sid:
        try:
            with open(session_file(sid), encoding="utf-8") as file:
                g.user = json.load(file)["user"]
        except FileNotFoundError:
            pass


def need_user():
    if g.user is None:
        abort(401)
    return g.user


# --- accounts --------------------------------------------------------------------------------------------------------


@app.post("/register")
def register():
    name, password = request.form["name"], request.form["password"]
    if not name.isalnum() or len(password) < 8:
        abort(400)
    if not db.hsetnx(f"user:{name}", "password", generate_password_hash(password)):
        abort(409)
    db.hset(f"user:{name}", mapping={"since": int(time.time()), "card": f"4000 0000 0000 {secrets.randbelow(10000):04}"})
    return open_session(name)


@app.post("/login")
def login():
    stored = db.hget(f"user:{request.form['name']}", "password")
    if stored is None or not check_password_hash(stored, request.form["password"]):
        abort(403)
    return open_session(request.form["name"])


@app.post("/logout")
def logout():
    need_user()
    os.unlink(session_file(request.cookies["sid"]))
    return redirect(url_for("index"))


# --- books -----------------------------------------------------------------------------------------------------------


@app.get("/")
def index():
    query = request.args.get("q", "").lower()
    books = [db.hgetall(key) for key in sorted(db.scan_iter("book:*"))]
    found = [book for book in books if query in f"{book['title']} {book['author']}".lower()]
    return render_template("index.html", books=found, query=query)


@app.post("/books")
def add_book():
    seller = need_user()
    number = db.incr("books")
    upload = request.files["cover"]
    cover = f"{number}-{os.path.basename(upload.filename or 'cover')}"
    upload.save(f"{COVERS}/{number}.upload")
    os.rename(f"{COVERS}/{number}.upload", f"{COVERS}/{cover}")
    said = make_thumbnail(f"{COVERS}/{cover}", request.form.get("size", "120x180"), f"{THUMBS}/{number}.png")
    db.hset(
        f"book:{number:06}",
        mapping={
            "number": number,
            "title": request.form["title"],
            "author": request.form["author"],
            "cover": cover,
            "seller": seller,
        },
    )
    return render_template("added.html", number=number, cover=cover, said=said), (422 if said else 201)


def make_thumbnail(source, size, target):
    # HOLE (command injection): the size comes from the form and is pasted into a shell command.
    command = f"convert '{source}' -resize {size} -strip {target}"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, timeout=20, errors="replace")
    return "" if done.returncode == 0 else f"the converter said: {done.stdout}{done.stderr}"


@app.get("/cover")
def cover():
    # HOLE (path traversal): "../" in the name leads out of the covers.
    path = os.path.join(COVERS, request.args["name"])
    if not os.path.isfile(path):
        abort(404)
    return send_file(path, mimetype="application/octet-stream")


@app.get("/thumb/<int:number>")
def thumb(number):
    return send_file(f"{THUMBS}/{number}.png")


@app.post("/preview")
def preview():
    need_user()
    # HOLE (server-side request forgery): the server fetches whatever address the visitor names.
    with urllib.request.urlopen(request.form["url"], timeout=2) as page:
        return render_template("preview.html", url=request.form["url"], text=page.read(4096).decode("utf-8", "replace"))


@app.get("/health")
def health():
    db.ping()
    return "ok\n"
