"""Chromium without a window, driven over WebDriver by plain HTTP: as little as the tests need."""

import base64
import json
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
             "--disable-background-networking", "--disable-component-update", "--disable-sync"]
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # how WebDriver names an element
KEYS = {"Right": "\ue014", "Left": "\ue012", "Home": "\ue011", "End": "\ue010", "Tab": "\ue004",
        "PageUp": "\ue00e", "Space": "\ue00d", "Backspace": "\ue003", "All": "\ue009a\ue009"}


def programs():
    """Paths of the driver and of Chromium; None where one is missing."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    driver = shutil.which("chromedriver")
    return (driver, browser) if driver and browser else None


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Browser:
    """One browser with one page; close() ends it."""

    def __init__(self):
        driver, browser = programs()
        self.port, self.profile = free_port(), tempfile.mkdtemp(prefix="steelyard-chromium-")
        self.process = subprocess.Popen([driver, f"--port={self.port}"],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            self.wait()
            options = {"binary": browser, "args": [*ARGUMENTS, f"--user-data-dir={self.profile}"]}
            asked = {"browserName": "chrome", "goog:chromeOptions": options,
                     "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}}
            made = self.call("POST", "/session", {"capabilities": {"alwaysMatch": asked}})
            self.session = "/session/" + made["sessionId"]
        except BaseException:
            self.end()
            raise

    def wait(self):
        for _ in range(200):
            try:
                self.call("GET", "/status")
                return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError("chromedriver does not answer")

    def call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data, method=method,
                                         headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(error.read().decode()[:1000]) from error

    def end(self):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)

    def close(self):
        try:
            self.call("DELETE", self.session)
        finally:
            self.end()

    # --- the page ---

    def open(self, path):
        self.call("POST", self.session + "/url", {"url": "file://" + path})

    def run(self, script, *arguments):
        """The value that a script returns."""
        return self.call("POST", self.session + "/execute/sync",
                         {"script": script, "args": list(arguments)})

    def command(self, name, **parameters):
        return self.call("POST", self.session + "/goog/cdp/execute",
                         {"cmd": name, "params": parameters})

    def log(self, kind):
        """What was logged since the last call: "browser" or "performance"."""
        return self.call("POST", self.session + "/se/log", {"type": kind})

    def window(self, width, height=900):
        self.command("Emulation.setDeviceMetricsOverride", width=width, height=height,
                     deviceScaleFactor=1, mobile=width < 500)

    def media(self, scheme="light", kind=""):
        self.command("Emulation.setEmulatedMedia", media=kind,
                     features=[{"name": "prefers-color-scheme", "value": scheme},
                               {"name": "prefers-reduced-motion", "value": "reduce"}])

    def find(self, selector):
        found = self.call("POST", self.session + "/element",
                          {"using": "css selector", "value": selector})
        return f"{self.session}/element/{found[ELEMENT]}"

    def keys(self, selector, *names):
        """Presses keys, named as in KEYS or written out, on an element."""
        text = "".join(KEYS.get(name, name) for name in names)
        self.call("POST", self.find(selector) + "/value", {"text": text})

    def type(self, selector, text):
        """Writes over what a field holds."""
        self.keys(selector, "All", text)

    def click(self, selector):
        self.call("POST", self.find(selector) + "/click", {})

    def label(self, selector):
        """The name that assistive technology is given."""
        return self.call("GET", self.find(selector) + "/computedlabel")

    def picture(self, path):
        """The whole page as it is seen, for people."""
        size = self.command("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}
        taken = self.command("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)
        with open(path, "wb") as file:
            file.write(base64.b64decode(taken["data"]))
