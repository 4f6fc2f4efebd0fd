"""Where the demo district is: one centre, two institutes, ten stations, grid points. All invented."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from portal.core.access import SYSTEM
from portal.core.db import db
from portal.org import actions
from portal.org.actions import StationDetails
from portal.org.models import Level, Station, Vocabulary
from portal.org.models_units import CivilizedUnit
from portal.org.queries import term
from portal.people.models_teams import Team

DISTRICT = "新河区"

# Institute -> communities with residents and street address.
STREETS: dict[str, tuple[tuple[str, int, str], ...]] = {
    "东湾街道": (
        ("和平社区", 6200, "和平路 18 号"),
        ("桥头社区", 5400, "桥头街 3 号"),
        ("榕树社区", 7100, "榕树里 25 号"),
        ("灯塔社区", 4800, "灯塔路 66 号"),
        ("东园社区", 5900, "东园巷 9 号"),
    ),
    "清溪街道": (
        ("清溪社区", 6600, "清溪大道 120 号"),
        ("水厂社区", 4300, "水厂路 7 号"),
        ("向阳社区", 7800, "向阳街 51 号"),
        ("书院社区", 5200, "书院前街 2 号"),
        ("南坡社区", 3900, "南坡路 88 号"),
    ),
}

# Community -> points below its station: name, type. The first station has none.
POINTS: dict[str, tuple[tuple[str, str], ...]] = {
    "桥头社区": (("桥头暖蜂能量驿站", "rider_rest"), ("桥头第一网格服务点", "grid")),
    "榕树社区": (("榕树文化广场", "square"),),
    "清溪社区": (("清溪便民服务大厅", "hall"), ("清溪第二网格服务点", "grid")),
    "书院社区": (("书院文明书房", "bookroom"), ("书院实践工坊", "workshop")),
}

TEAMS = ("金牌帮帮团", "小红帽义工队", "心晨陪伴队", "老街坊巡逻队")
UNITS = ("新河区图书馆", "新河供水公司", "新河实验学校", "东湾卫生服务中心")

_WEEK = tuple((weekday, 8 * 60 + 30, 17 * 60 + 30) for weekday in range(5))
_EVERY_DAY = tuple((weekday, 9 * 60, 21 * 60) for weekday in range(7))


@dataclass(slots=True)
class Places:
    """The stations that were made, the first one first."""

    centre: Station
    institutes: list[Station] = field(default_factory=list)
    stations: list[Station] = field(default_factory=list)
    points: list[Station] = field(default_factory=list)

    @property
    def everywhere(self) -> list[Station]:
        """All of them."""
        return [self.centre, *self.institutes, *self.stations, *self.points]


def make(now: datetime) -> Places:
    """Create the district's stations, teams and civilized units."""
    centre = _station(None, Level.CENTRE, f"{DISTRICT}新时代文明实践中心", "市民广场 1 号", now)
    places = Places(centre)
    for street, communities in STREETS.items():
        institute = _station(
            centre.id, Level.INSTITUTE, f"{street}文明实践所", f"{street}办事处一楼", now
        )
        places.institutes.append(institute)
        for community, residents, address in communities:
            station = _station(
                institute.id,
                Level.STATION,
                f"{community}文明实践站",
                address,
                now,
                community=community,
                population=residents,
            )
            places.stations.append(station)
            _points(places, station, community, now)
    for name, station in zip(TEAMS, places.stations, strict=False):
        db.session.add(Team(name=name, station_id=station.id))
    db.session.add_all(CivilizedUnit(name=name) for name in UNITS)
    return places


def _points(places: Places, station: Station, community: str, now: datetime) -> None:
    for name, type_code in POINTS.get(community, ()):
        type_row = term(Vocabulary.POINT_TYPE, type_code)
        places.points.append(
            _station(
                station.id,
                Level.POINT,
                name,
                station.address,
                now,
                community=community,
                point_type_id=type_row.id if type_row else None,
            )
        )


def _station(  # noqa: PLR0913  a station has these parts
    parent_id: int | None,
    level: Level,
    name: str,
    address: str,
    now: datetime,
    *,
    community: str = "",
    population: int = 0,
    point_type_id: int | None = None,
) -> Station:
    details = StationDetails(
        name=name,
        level=level,
        community=community,
        address=f"{DISTRICT}{address}",
        directions="公交 12 路、36 路到门口",
        phone="0755-0000" + f"{sum(map(ord, name)) % 1000:03d}",
        summary="有困难可以来坐坐，有时间可以来帮忙。备有饮水、充电、雨伞、老花镜和急救箱。",
        population=population,
        point_type_id=point_type_id,
        hours=_EVERY_DAY if level == Level.POINT else (*_WEEK, (5, 9 * 60, 12 * 60)),
    )
    return actions.create_station(parent_id, details, actor=SYSTEM, now=now)
