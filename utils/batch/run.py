"""A parquet for every athlete on every course, and their summary.

Through Dask, see `utils.batch.cluster`. An interrupted batch resumes with the same command: files that are whole and
were made of the same inputs are not made again. Files of courses and athletes that are gone stay, but not in the
summary.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import cache, partial
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final

from tqdm import tqdm

from lib.athlete.bundle import MAX_FILE_BYTES
from lib.athlete.effort import parse_effort
from lib.core import schema as c
from lib.core.files import check_place, write_atomically
from utils.batch.athletes import keep, kept, made
from utils.batch.cluster import Fleet, cluster, each
from utils.batch.files import SUMMARY, Source, one_line, read_source, stored, write_summary
from utils.batch.predict_pairs import AT_ONCE, Network, Outcome, Pair, fingerprint, predict_pairs

MAX_COURSE_BYTES: Final = 50_000_000
MAX_SESSIONS_BYTES: Final = 500_000_000
_SHOWN: Final = 20

Connect = Callable[[], Fleet]
"""Starts the cluster when it is first asked."""


def chunks(
    courses: Mapping[str, Path],
    athletes: Sequence[Source],
    out: Path,
    network: Network,
    effort: str | None,
    settle: Callable[[Outcome], None],
) -> Iterator[list[Pair]]:
    """Pairs that are to be predicted, up to `AT_ONCE` together; of others `settle` is told what became of them.

    Large files come first, so that no long one is left at the end. A course is read once, when its turn comes.
    """
    largest_first = sorted(courses.items(), key=lambda item: (-item[1].stat().st_size, item[0]))
    read = (read_source(path, label, MAX_COURSE_BYTES) for label, path in largest_first)
    grid = ((athlete, course) for course in read for athlete in athletes)
    while chunk := list(islice(grid, AT_ONCE)):
        unknown: list[Pair] = []
        for athlete, course in chunk:
            error = athlete.error or course.error
            inputs = fingerprint(athlete, course, network, effort)
            if error is not None:
                settle(Outcome(athlete.label, course.label, error=one_line(error)))
            elif there := stored(out / file_of(athlete.label, course.label), inputs):
                settle(Outcome(athlete.label, course.label, there))
            else:
                unknown.append(Pair(athlete, course, inputs))
        if unknown:
            yield unknown


def file_of(athlete: str, course: str) -> str:
    """Where the steps of a pair go, in the batch's folder."""
    return f"{athlete}/{course}.parquet"


def _row(outcome: Outcome) -> dict[str, Any]:
    """The summary's row of a pair."""
    file = None if outcome.totals is None else file_of(outcome.athlete, outcome.course)
    names = {c.ATHLETE: outcome.athlete, c.COURSE: outcome.course, c.FILE: file, c.ERROR: outcome.error}
    return names | (outcome.totals or {})


def run_batch(
    courses: Mapping[str, Path],
    athletes: Mapping[str, Path],
    out: Path,
    network: Network,
    effort: str | None = None,
    scheduler: str | None = None,
    workers: int | None = None,
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
    effort : str, optional
        See `lib.athlete.effort.effort_for`.
    scheduler, workers
        See `utils.batch.cluster.cluster`. Nothing is started, and no scheduler asked, where nothing is to be predicted.

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
                write_atomically(out / file_of(outcome.athlete, outcome.course), outcome.content)
                predicted += 1
            rows.append(_row(outcome))
            bar.update()

        work = chunks(courses, sources, out, network, effort, settle)
        first = next(work, None)
        if first is not None:
            for outcome in each(connect(), predict_pairs, chain([first], work), _failed, effort):
                settle(outcome)
    write_summary(rows, out / SUMMARY)
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


def checked_effort(asked: str | None) -> str | None:
    """The effort without its synonyms; a word that means nothing is refused before anything is computed."""
    return None if parse_effort(asked) is None else asked


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
