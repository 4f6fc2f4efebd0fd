"""Tables and uploads for the tests of imports."""

from __future__ import annotations

import io

import xlsxwriter

from portal.core import clock, sheets
from portal.core.db import write
from portal.imports import actions, sorts
from portal.imports.models import Sort

PERSONS = ("姓名", "手机号", "出生日期", "做志愿者", "纸质同意书日期", "监护人姓名", "监护人手机号",
           "监护人同意", "身份证号", "同意收集身份证号")  # fmt: skip
POSTS = ("岗位名称", "在哪个场所", "场所类型", "每周排班", "服务承诺", "有风险")
ACTIVITIES = ("名称", "日期", "开始", "结束", "具体地点", "类别", "要几名志愿者", "多少人参加")
HEADERS = {Sort.PERSONS: PERSONS, Sort.POSTS: POSTS, Sort.ACTIVITIES: ACTIVITIES}


def workbook(header, *rows):
    """Return a workbook; days and times become cells of that kind."""
    stream = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "default_date_format": "yyyy-mm-dd hh:mm",
        "remove_timezone": True,
    }
    with xlsxwriter.Workbook(stream, options) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate((header, *rows)):
            sheet.write_row(number, 0, row)
    return stream.getvalue()


def csv(header, *rows, encoding="utf-8"):
    return "\r\n".join(",".join(row) for row in (header, *rows)).encode(encoding)


def lines(sort, *rows, header=None):
    content = workbook(header or HEADERS[sort], *rows)
    return sheets.read(content, sorts.SORTS[sort].columns(), sorts.BOUNDS)


def judged(sort, station, actor, *rows, header=None):
    found = lines(sort, *rows, header=header)
    return sorts.SORTS[sort].check(found.lines, station.id, actor=actor, now=clock.now())


def kept(sort, station, actor, *rows):
    return write(actions.keep, sort, station.id, lines(sort, *rows), actor=actor, now=clock.now())


def send(browser, sort, station, content, name="表格.xlsx"):
    return browser.client.post(
        f"/desk/imports/{sort}",
        data={
            "station": station.public_id,
            "file": (io.BytesIO(content), name),
            "csrf_token": browser.token(),
        },
        content_type="multipart/form-data",
    )
