"""A table of what each slider of an explorer changes, moved by itself."""

from __future__ import annotations

from lib.core.durations import h_mm_ss, signed
from lib.report.compare_tables import dark_share
from lib.report.tables import Text
from utils.explorer.explorer import Explorer

_HOT_C = 30
_STOP_MIN = 10
_HOUR_MIN = 60


def what_if(explored: Explorer) -> dict[str, Text]:
    """Move each slider by itself and back again; the explorer is left as it was.

    Parameters
    ----------
    explored : Explorer
        As its sliders stand.

    Returns
    -------
    dict of list of str
        What was moved, the finish, how much later it is, mean heart rate (bpm), and where there is a start, the share
        of the time in the dark.
    """
    moves: list[tuple[str, object, object]] = [("as it stands", explored.effort, explored.effort.value)]
    moves += [(f"effort: {name}", explored.effort, value) for name, value in explored.effort.options[1:4]]
    for slider in explored.stops:
        name = slider.description.removesuffix(", min")
        moves.append((f"{_STOP_MIN} min more at {name}", slider, min(slider.value + _STOP_MIN, slider.max)))
    moves.append((f"{_HOT_C} °C", explored.temperature, _HOT_C))
    if explored.start is not None:
        later = (explored.start.value + _HOUR_MIN) % (24 * 60)
        known = [minutes for _, minutes in explored.start.options]
        moves.append(("an hour later", explored.start, min(known, key=lambda minutes: abs(minutes - later))))
    first_s = explored.race.finish_s
    rows = []
    for name, slider, value in moves:
        was, slider.value = slider.value, value
        race = explored.race
        dark = [f"{dark_share(race):.0%}"] if race.start is not None else []
        rows.append(
            [
                name,
                h_mm_ss(race.finish_s),
                signed(race.finish_s - first_s),
                f"{race.mean_heart_rate_bpm:.0f}",
                *dark,
            ]
        )
        slider.value = was
    names = ["moved", "finish", "later", "heart rate (bpm)", *(["in the dark"] if explored.start is not None else [])]
    return dict(zip(names, (list(column) for column in zip(*rows, strict=True)), strict=True))
