"""A calendar of the arrivals of a race plan for the crew (iCalendar, RFC 5545)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from lib.core import schema as c
from lib.core.durations import h_mm_ss
from lib.plan.race_plan import RacePlan
from lib.race.clock import arrivals, date_text
from lib.report.export.marks import mark_lines, marks, plan_key
from lib.report.export.timeline import known_start


def _minute(when: datetime) -> datetime:
    """The nearest minute, in UTC: calendars show no seconds."""
    return (when.astimezone(UTC) + timedelta(seconds=30)).replace(second=0, microsecond=0)


def calendar_bytes(race: RacePlan) -> bytes:
    """Make a calendar with an event for the start, every station and the finish.

    An event lasts from the lower to the upper end of the interval that is meant to contain 80% of arrivals. A runner
    and a station of a race always have the same identifier: a plan made again, with check-ins too, replaces the events
    that a calendar has, and two runners' events stand side by side.

    Raises
    ------
    InputError
        If the start is not known.
    """
    from icalendar import Calendar, Event, vGeo  # here: what serves a model does without

    start = known_start(race, "A calendar")
    key = plan_key(race)
    calendar = Calendar()
    calendar.add("prodid", "-//trailcast//race plan//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", race.course.name)

    def event(
        place_step: int, summary: str, begin: datetime, end: datetime, text: str, place: tuple[float, float]
    ) -> None:
        entry = Event()
        entry.add("uid", f"{key}-{place_step}@trailcast")
        entry.add("dtstamp", datetime.now(UTC).replace(microsecond=0))
        entry.add("dtstart", _minute(begin))
        entry.add("dtend", max(_minute(end), _minute(begin) + timedelta(minutes=1)))
        entry.add("summary", summary)
        entry.add("description", text)
        entry.add("geo", vGeo(place))
        entry.add("transp", "TRANSPARENT")
        calendar.add_component(entry)

    named, units = marks(race), race.config.units
    columns = race.course.columns
    first = (float(columns[c.LATITUDE][0]), float(columns[c.LONGITUDE][0]))
    event(0, f"{race.course.name}: start", start, start + timedelta(minutes=1),
          f"{date_text(start)}. Finish expected after {h_mm_ss(race.finish_s)}.", first)  # fmt: skip
    for mark in named:
        low, high = arrivals(start, [max(mark.low_s, 0.0), mark.high_s])
        text = "\n".join(mark_lines(race, mark))
        name = f"{mark.name} ({units.long} {units.distance(mark.place * c.STEP_M)})"
        event(mark.place, name, low, high, text, (mark.lat, mark.lon))
    return calendar.to_ical()
