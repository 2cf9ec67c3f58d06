"""A parquet for every athlete on every course, and their summary.

Through Dask, see `utils.batch.cluster`. An interrupted batch resumes with the same command: files that are whole and
were made of the same inputs are not made again. Files of courses and athletes that are gone stay, but not in the
summary.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import cache, partial
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final

from tqdm import tqdm

from lib.athlete.bundle import MAX_FILE_BYTES
from lib.core import schema as c
from lib.core.errors import InputError
from lib.core.files import check_place, write_atomically, write_together
from lib.core.processes import cores
from lib.core.units import units_of
from lib.race.config import stations_text
from utils.batch.athletes import keep, kept, made
from utils.batch.cluster import Fleet, cluster, each
from utils.batch.files import SUMMARY, Source, one_line, read_source, stored, write_summary
from utils.batch.plan_pairs import ENDINGS, plan_pairs
from utils.batch.predict_pairs import AT_ONCE, Network, Outcome, Pair, fingerprint, predict_pairs
from utils.plan_page.index_page import index_page

MAX_COURSE_BYTES: Final = 50_000_000
MAX_SESSIONS_BYTES: Final = 500_000_000
_SHOWN: Final = 20
_TASKS_EACH: Final = 4
"""At least so many for each worker, so that none is left alone with a long one."""
_ELSEWHERE: Final = 32
"""Workers that a cluster is taken to have, before it is asked."""

Connect = Callable[[], Fleet]
"""Starts the cluster when it is first asked."""


def pairs_at_once(pairs: int, workers: int) -> int:
    """Pairs of a task: many, as each costs the client its time, but so few that all workers are busy to the end."""
    return max(1, min(AT_ONCE, pairs // (_TASKS_EACH * workers)))


def chunks(
    courses: Mapping[str, Path],
    athletes: Sequence[Source],
    out: Path,
    network: Network,
    said: Mapping[str, str],
    settle: Callable[[Outcome], None],
    at_once: int,
    endings: Sequence[str],
) -> Iterator[list[Pair]]:
    """Pairs that are to be predicted, up to so many together; of others `settle` is told what became of them.

    Large files come first, so that no long one is left at the end. A course is read once, when its turn comes.
    """
    largest_first = sorted(courses.items(), key=lambda item: (-item[1].stat().st_size, item[0]))
    read = (_course(path, label) for label, path in largest_first)
    grid = ((athlete, course) for course in read for athlete in athletes)
    while chunk := list(islice(grid, at_once)):
        unknown: list[Pair] = []
        for athlete, course in chunk:
            error = athlete.error or course.error
            inputs, file = fingerprint(athlete, course, network, said), out / file_of(athlete.label, course.label)
            if error is not None:
                settle(Outcome(athlete.label, course.label, error=one_line(error)))
            elif all(_beside(file, ending).is_file() for ending in endings) and (there := stored(file, inputs)):
                settle(Outcome(athlete.label, course.label, there))
            else:
                unknown.append(Pair(athlete, course, inputs))
        if unknown:
            yield unknown


def _course(path: Path, label: str) -> Source:
    """A course, with the stations in the CSV of its name, if there is one."""
    source, beside = read_source(path, label, MAX_COURSE_BYTES), path.with_suffix(".csv")
    if source.error is not None or not beside.is_file():
        return source
    try:
        return replace(source, stations=stations_text(str(beside)))
    except InputError as error:
        return Source(label, error=str(error))


def _beside(file: Path, ending: str) -> Path:
    """Another file of a pair; a name may have dots of its own."""
    return file.with_name(file.name.removesuffix(".parquet") + ending)


def file_of(athlete: str, course: str) -> str:
    """Where the steps of a pair go, in the batch's folder."""
    return f"{athlete}/{course}.parquet"


def _row(outcome: Outcome, out: Path) -> dict[str, Any]:
    """The summary's row of a pair."""
    file, page = None, None
    if outcome.totals is not None:
        file = file_of(outcome.athlete, outcome.course)
        there = _beside(out / file, ENDINGS[0])
        page = there.relative_to(out).as_posix() if there.is_file() else None
    names = {c.ATHLETE: outcome.athlete, c.COURSE: outcome.course, c.FILE: file, c.PAGE: page, c.ERROR: outcome.error}
    return names | (outcome.totals or {})


def _keep(outcome: Outcome, out: Path) -> None:
    """Write what was predicted; of an earlier prediction nothing stays beside it."""
    file = out / file_of(outcome.athlete, outcome.course)
    assert outcome.content is not None
    files = {_beside(file, ending): content for ending, content in outcome.files.items()}
    write_together(files | {file: outcome.content})
    for ending in ENDINGS:
        if ending not in outcome.files:
            _beside(file, ending).unlink(missing_ok=True)


def run_batch(
    courses: Mapping[str, Path],
    athletes: Mapping[str, Path],
    out: Path,
    network: Network,
    said: Mapping[str, str] | None = None,
    scheduler: str | None = None,
    workers: int | None = None,
    plans: bool = False,
) -> tuple[list[dict[str, Any]], int]:
    """Predict every athlete on every course, but what is there already.

    Parameters
    ----------
    courses, athletes : mapping
        Label → GPX file, label → bundle or parquet of sessions; from `utils.batch.files.files_in`.
    out : Path
        Folder for results: ``athlete/course.parquet`` for each pair, and the summary.
    network : Network
        What predicts.
    said : mapping of str to str, optional
        What is the same for all, as `lib.race.config.race_config` takes it.
    scheduler, workers
        See `utils.batch.cluster.cluster`. Nothing is started, and no scheduler asked, where nothing is to be predicted.
    plans : bool
        Whether each pair gets the files of `utils.batch.plan_pairs.ENDINGS` too.

    Returns
    -------
    rows : list of dict
        As in the summary; what could not be predicted has an error.
    predicted : int
        How many were predicted now; the others were there, or have an error.

    Raises
    ------
    InputError
        If nothing can be written there, or as `utils.batch.cluster`.
    """
    endings, said = ENDINGS if plans else (), dict(said or {})
    at_once = pairs_at_once(len(courses) * len(athletes), _ELSEWHERE if scheduler else workers or cores())
    for path in (out / SUMMARY, *(out / file_of(athlete, course) for athlete in athletes for course in courses)):
        check_place(path)
    rows: list[dict[str, Any]] = []
    predicted = 0
    with ExitStack() as stack:
        connect = cache(lambda: _connected(stack, scheduler, workers, network))
        sources = bundles(athletes, out, network, connect)
        bar = stack.enter_context(tqdm(desc="pairs", unit=" pairs", total=len(courses) * len(athletes)))

        def settle(outcome: Outcome) -> None:
            nonlocal predicted
            if outcome.content is not None:
                _keep(outcome, out)
                predicted += 1
            rows.append(_row(outcome, out))
            bar.update()

        work = chunks(courses, sources, out, network, said, settle, at_once, endings)
        first = next(work, None)
        if first is not None:
            function = plan_pairs if plans else predict_pairs
            for outcome in each(connect(), function, chain([first], work), _failed, said):
                settle(outcome)
    write_summary(rows, out / SUMMARY)
    page = index_page("Athletes and courses", rows, network.bundle, units_of(said.get("units", "")))
    write_atomically((out / SUMMARY).with_suffix(".html"), page.encode())
    return rows, predicted


def bundles(athletes: Mapping[str, Path], out: Path, network: Network, connect: Connect) -> list[Source]:
    """Athletes' bundles; those that are given as sessions are made, a task each, and kept in ``out/athlete``.

    Sessions are read only when their turn comes; that of many athletes takes its time, so it has a bar of its own.
    """
    sources = {
        label: read_source(path, label, MAX_FILE_BYTES) for label, path in athletes.items() if not _sessions(path)
    }
    recorded = [(label, path) for label, path in athletes.items() if _sessions(path)]

    def unmade() -> Iterator[list[Source]]:
        for label, path in recorded:
            source = read_source(path, label, MAX_SESSIONS_BYTES)
            there = source if source.error else kept(out / label, network, source)
            if there is None:
                asked[label] = source
                yield [source]
            else:
                sources[label] = there
                bar.update()

    asked: dict[str, Source] = {}
    with tqdm(desc="athletes", unit=" athletes", total=len(recorded), disable=not recorded) as bar:
        work = unmade()
        first = next(work, None)
        if first is not None:
            for bundle in each(connect(), made, chain([first], work), _unmade):
                if bundle.error is None:
                    keep(out / bundle.label, network, asked[bundle.label], bundle)
                del asked[bundle.label]
                sources[bundle.label] = bundle
                bar.update()
    return [sources[label] for label in athletes]


def _sessions(path: Path) -> bool:
    return path.suffix.lower() == ".parquet"


def _unmade(athlete: Source, reason: str) -> Source:
    return Source(athlete.label, error=reason)


def _failed(pair: Pair, reason: str) -> Outcome:
    return Outcome(pair.athlete.label, pair.course.label, error=reason)


def _connected(stack: ExitStack, scheduler: str | None, workers: int | None, network: Network) -> Fleet:
    return Fleet(stack.enter_context(cluster(scheduler, workers)), network, partial(tqdm.write, file=sys.stderr))


def report(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """A line for each reason why pairs failed: how many, one of them, and the reason."""
    by_reason: dict[str, list[str]] = {}
    for row in rows:
        if row[c.ERROR] is not None:
            by_reason.setdefault(row[c.ERROR], []).append(f"{row[c.ATHLETE]} on {row[c.COURSE]}")
    lines = [
        f"{pairs[0]}{f' and {len(pairs) - 1} more' if len(pairs) > 1 else ''}: {reason}"
        for reason, pairs in by_reason.items()
    ]
    left = len(lines) - _SHOWN
    return [*lines[:_SHOWN], *([f"{left} more reasons stand in {SUMMARY}"] if left > 0 else [])]
