"""The examination of a page finds what it looks for."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.journeys.test_every_page import Look, faults_of

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

PAGE = """<!doctype html><html lang="zh-CN" class="view-{view}"><head><title>一页</title><style>
body {{ margin: 0; font: {font}px/1.6 sans-serif; color: #000; background: #fff }}
button, .alone {{ display: inline-block; min-width: 64px; min-height: 64px; color: #000 }}
{style}</style></head><body><main><h1>一页</h1>
<form action="/preferences"><input type="hidden" name="view"></form>{body}</main></body></html>"""
NORMAL, ELDER = Look("normal", 360), Look("elder", 360)
SMALL = "<button style='min-height: 40px; height: 40px'>签到</button>"
GOOD = "<button>报名</button><p>写在<a href='#'>句子里</a>的链接。</p>"


@pytest.mark.parametrize(
    ("look", "body", "style", "found"),
    [
        (NORMAL, GOOD, "", ""),
        (ELDER, GOOD, "", ""),
        (NORMAL, SMALL, "", "target 64x40"),
        (ELDER, "<button style='min-height: 50px'>好</button>", "", "target 64x50"),
        (NORMAL, "<p><a href='#'>单独的链接</a></p>", "", "target"),
        (NORMAL, "<p>文字</p>", "p { width: 400px }", "px wide at"),
        (NORMAL, "<p>文字</p>", "p { width: 350px }", "px wide at 320"),
        (
            NORMAL,
            "<button>上</button><br><button>下</button>",
            "button { margin: -12px 0 }",
            "overlap",
        ),
        (NORMAL, "<p>文字</p>", "p { color: #999 }", "color-contrast"),
        (ELDER, "<p>文字</p>", "p { color: #6b6b6b }", "color-contrast-enhanced"),
        (NORMAL, "<p>文字</p>", "body { font-size: 16px }", "body text of 16 px"),
        (
            NORMAL,
            "<p>报名到11月29日&nbsp;周日</p>",
            "p { width: 7em }",
            "broken in the middle: 11月29日",
        ),
        (NORMAL, "<p>开放09:00-17:30</p>", "p { width: 4em }", "broken in the middle: 09:00-17:30"),
        (NORMAL, "<img src='data:,'>", "", "image-alt"),
        (NORMAL, "<input class='alone'>", "", "label"),
    ],
)
def test_it_finds(chrome: Browser, look: Look, body: str, style: str, found: str):
    page = chrome.new_page(viewport={"width": 360, "height": 740})
    size = 21 if look.view == "elder" else 17
    page.set_content(PAGE.format(view=look.view, font=size, style=style, body=body))
    faults = faults_of(page, look)
    page.close()
    if found:
        assert any(found in fault for fault in faults), faults
    else:
        assert faults == []


def test_it_misses_no_switch(chrome: Browser):
    page = chrome.new_page(viewport={"width": 360, "height": 740})
    page.set_content("<!doctype html><html lang='zh-CN' class='view-normal'><title>空</title>")
    assert "no switch of the reading view" in faults_of(page, NORMAL)
    page.close()
