"""The profile and the map of a plan as SVG files of their own."""

from __future__ import annotations

from lib.plan.race_plan import RacePlan
from utils.plan_page.base import TEMPLATES
from utils.plan_page.course_map import course_map
from utils.plan_page.plan_charts import whole_profile


def _style(*names: str) -> str:
    text = "".join((TEMPLATES / name).read_text(encoding="utf-8") for name in names)
    return text.replace("&", "&amp;").replace("<", "&lt;")


def profile_svg(race: RacePlan) -> bytes:
    """Draw the profile with stations and their clocks."""
    return whole_profile(race).svg(_style("chart.css")).encode()


def map_svg(race: RacePlan) -> bytes:
    """Draw the map, coloured by slope."""
    return course_map(race).svg(_style("chart.css", "map.css")).encode()
