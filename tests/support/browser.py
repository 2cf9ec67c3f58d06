"""A real browser for tests of pages: what goes wrong in it is collected, and what it requests."""

from __future__ import annotations

import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class _Text(HTMLParser):
    """What of a page is text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.said: list[str] = []
        self.within = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.within = tag

    def handle_endtag(self, tag: str) -> None:
        self.within = ""

    def handle_data(self, data: str) -> None:
        if self.within not in ("style", "script"):
            self.said.append(data)


def parsed(html: str) -> _Text:
    found = _Text()
    found.feed(html)
    return found


def text_of(html: str) -> str:
    return " ".join(" ".join(parsed(html).said).split())


def metric_lengths(said: str) -> list[str]:
    """Where a text tells kilometres, metres, or paces of a kilometre."""
    return re.findall(r".{0,20}(?:\d km\b|\d m\b|min/km|\((?:k?m)\)|[Kk]ilomet).{0,20}", said)


def pages_of(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


class Opened:
    """A page in a browser, and what went wrong with it."""

    def __init__(self, browser: Browser, html: str, folder: Path, **how: Any) -> None:
        (folder / "page.html").write_text(html, encoding="utf-8")
        self.context: BrowserContext = browser.new_context(**({"viewport": {"width": 1000, "height": 900}} | how))
        self.page: Page = self.context.new_page()
        self.troubles: list[str] = []
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))
        self.page.on("console", lambda said: self.troubles.append(said.text))
        self.page.on("dialog", lambda dialog: (self.troubles.append(dialog.message), dialog.dismiss()))
        self.address = (folder / "page.html").as_uri()
        self.page.on("request", self._asked)
        self.page.goto(self.address)

    def _asked(self, request: Any) -> None:
        if not request.url.startswith("data:") and request.url != self.address:
            self.troubles.append(request.url)

    def pdf(self) -> bytes:
        return self.page.pdf(prefer_css_page_size=True, print_background=True)

    def close(self) -> None:
        self.context.close()
        assert self.troubles == []
