"""An earlier edition of a race corrects the pacing law: what runners of about this finish did there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lib.athlete.pacing_law import SEGMENT_STEPS
from lib.core.schema import STEP_M
from lib.course.course import Course
from lib.race.edition import Edition

Floats = NDArray[np.float64]
Arrivals = Callable[[Floats, Floats], Floats]
"""The law: of goals (G,) in s and places (K,) in m, the race times (G, K) at which they are reached (s)."""


@dataclass(frozen=True)
class EditionRule:
    """How far an earlier edition is believed.

    With n runners near the goal an edition of this very course is believed 1 / (1 + edition_noise + runner_noise / n),
    in units of how races differ
    from the law.

    Parameters
    ----------
    edition_noise, runner_noise : float
        How editions of a race, and runners of an edition, scatter; as variances over that of races.
    near : float
        Runners count by exp(-d²/2), with d the difference of the logarithms of finish and goal over this.
    year : float
        Each further year back counts e to the minus this.
    misfit : float
        Scatter of the legs' times about the law at which an edition counts half: it was another course.
    other_course : float
        What 5% of difference in length adds to `edition_noise`; it grows with the square of the difference.
    other_length : float
        From this difference in length on (share) its points are moved along the course until the legs fit the law.
    few : float
        With fewer runners near the goal than this the mean is taken, with more the median.
    """

    edition_noise: float = 0.1
    runner_noise: float = 4.0
    near: float = 0.1
    year: float = 0.2
    misfit: float = 0.25
    other_course: float = 0.5
    other_length: float = 0.02
    few: float = 10.0


_ON_THE_DAY: Final = EditionRule(near=0.4)


@dataclass(frozen=True, eq=False)
class Correction:
    """What an edition says of goals: residuals of the law, as shares of the race time.

    Parameters
    ----------
    planned, residual : ndarray, shape (G, J)
        Share of the race time at which the law plans its points, and what finishers were later (+) than that.
    precision : ndarray, shape (G,)
        How much it is believed.
    near : ndarray, shape (G,)
        Runners near the goal.
    """

    planned: Floats
    residual: Floats
    precision: Floats
    near: Floats


def aligned_m(edition: Edition, length_m: float, arrivals: Arrivals, rule: EditionRule) -> tuple[Floats, float]:
    """Where its points lie on this course (m), and how its legs scatter about the law.

    By share of the course; where its length differs by `rule.other_length` or more, moved by a piecewise linear shift
    of five knots that makes the legs fit the law, held back by the square of the shift over half the difference.
    """
    share = edition.km / edition.km[-1]
    finish_s = edition.elapsed_s[:, -1]
    low, high = np.quantile(finish_s, [0.2, 0.8])
    usual = (finish_s >= low) & (finish_s <= high)
    usual |= ~usual.any()  # of two runners neither is in the middle
    seen = np.nanmean if usual.sum() < 3 else np.nanmedian
    known = np.isfinite(edition.elapsed_s[usual]).any(axis=0)
    done = seen((edition.elapsed_s / finish_s[:, None])[usual][:, known], axis=0)
    leg = np.maximum(np.diff(done), 1e-4)
    grid = np.linspace(0.0, 1.0, 401)
    law = arrivals(np.array([np.median(finish_s)]), grid * length_m)[0]
    law = law / law[-1]
    at = share[known]
    knots = np.linspace(0.0, 1.0, 7)

    def scatter(shift: Floats) -> float:
        moved = at + np.interp(at, knots, np.concatenate([[0.0], shift, [0.0]]))
        if np.any(np.diff(moved) <= 0.2 * np.diff(at)):
            return np.inf
        planned = np.maximum(np.diff(np.interp(moved, grid, law)), 1e-5)
        ratio, weight = np.log(leg / planned), 0.5 * (leg + planned)
        off = np.clip(np.abs(ratio - (weight * ratio).sum() / weight.sum()), 0.0, 1.0)
        return float((weight * off**2).sum() / weight.sum())

    shift = np.zeros(5)
    other = abs(float(np.log(edition.km[-1] * 1000.0 / length_m)))
    if other >= rule.other_length and at.size > 2:
        held = 0.03 / (0.5 * other) ** 2 / shift.size
        shift = _descend(lambda s: scatter(s) + held * float((s**2).sum()), shift)
    moved = share + np.interp(share, knots, np.concatenate([[0.0], shift, [0.0]]))
    return moved * length_m, float(np.sqrt(min(scatter(shift), 1.0)))


def _descend(loss: Callable[[Floats], float], start: Floats) -> Floats:
    """Coordinate descent with halving steps: deterministic, and good enough for five numbers."""
    best, least = start, loss(start)
    moves = [np.eye(start.size)[k] for k in range(start.size)]
    moves += [moves[k] + moves[k + 1] for k in range(start.size - 1)] + [np.ones(start.size)]
    for size in (0.02, 0.01, 0.005, 0.0025):
        for _ in range(6):
            before = least
            for move in moves:
                for sign in (-size, size):
                    value = loss(best + sign * move)
                    if value < least - 1e-9:
                        best, least = best + sign * move, value
            if least == before:
                break
    return best


def correction(
    edition: Edition, goals_s: ArrayLike, length_m: float, arrivals: Arrivals, rule: EditionRule = EditionRule()
) -> Correction:
    """Find what an earlier edition says of goals.

    Parameters
    ----------
    edition : Edition
    goals_s : array_like, shape (G,)
        Goals on this course (s).
    length_m : float
        Of this course as the organizers give it, or of the track.
    arrivals : Arrivals
        The law on this course, with its stops.
    rule : EditionRule
    """
    goals_s = np.atleast_1d(np.asarray(goals_s, dtype=np.float64))
    at_m, misfit = aligned_m(edition, length_m, arrivals, rule)
    finish_s = edition.elapsed_s[:, -1]
    nodes_s = np.unique(np.quantile(finish_s, np.linspace(0.0, 1.0, 16)))
    nodes = arrivals(nodes_s, at_m) / nodes_s[:, None]
    planned = _between(np.log(nodes_s), nodes, np.log(finish_s))
    residual = edition.elapsed_s / finish_s[:, None] - planned
    residual[:, [0, -1]] = 0.0
    for line, where in zip(residual, planned, strict=True):
        known = np.isfinite(line)
        line[~known] = np.interp(where[~known], where[known], line[known])
    log_finish = np.log(finish_s / (edition.km[-1] * 1000.0) * length_m)
    weight = np.exp(-0.5 * ((np.log(goals_s)[:, None] - log_finish) / rule.near) ** 2)
    near = weight.sum(axis=1)
    mean = weight @ residual / np.maximum(near, 1e-12)[:, None]
    middle = _weighted_median(residual, weight) if residual.shape[0] >= rule.few else mean
    value = np.where((near < rule.few)[:, None], mean, 0.5 * (mean + middle))
    trust = np.exp(-rule.year * max(edition.years_before - 1.0, 0.0)) / (1.0 + (misfit / rule.misfit) ** 4)
    other = float(np.log(edition.km[-1] * 1000.0 / length_m))
    noise = rule.edition_noise + rule.other_course * (other / 0.05) ** 2
    precision = trust / (noise + rule.runner_noise / np.maximum(near, 1e-9))
    return Correction(arrivals(goals_s, at_m) / goals_s[:, None], value, precision, near)


def _between(nodes: Floats, values: Floats, at: Floats) -> Floats:
    """Rows of `values` (M, J), linear between `nodes` (M,), at (N,)."""
    if nodes.size == 1:
        return np.repeat(values, at.size, axis=0)
    left = np.clip(np.searchsorted(nodes, at) - 1, 0, nodes.size - 2)
    part = ((at - nodes[left]) / (nodes[left + 1] - nodes[left]))[:, None]
    return values[left] * (1.0 - part) + values[left + 1] * part


def _weighted_median(values: Floats, weight: Floats) -> Floats:
    """Medians (G, J) of values (N, J) by weights (G, N)."""
    out = np.empty((weight.shape[0], values.shape[1]))
    for j in range(values.shape[1]):
        order = np.argsort(values[:, j], kind="stable")
        summed = np.cumsum(weight[:, order] + 1e-12, axis=1)
        first = (summed < 0.5 * summed[:, -1:]).sum(axis=1)
        out[:, j] = values[order[np.minimum(first, order.size - 1)], j]
    return out


def shift_s(corrections: Sequence[Correction], planned: Floats, goals_s: Floats) -> tuple[Floats, Floats]:
    """How much later (s) than the law finishers of goals (G,) reach places that it plans at shares (G, K) of the goal.

    Also the weight (G,) of all editions together, from 0 to 1.
    """
    total, summed = np.zeros(goals_s.size), np.zeros(planned.shape)
    for one in corrections:
        rows = [np.interp(p, k, r) for p, k, r in zip(planned, one.planned, one.residual, strict=True)]
        summed += one.precision[:, None] * np.stack(rows)
        total += one.precision
    return summed / (1.0 + total)[:, None] * goals_s[:, None], total / (1.0 + total)


def corrected_edges_s(
    corrections: Sequence[Correction], edges_s: Floats, stopped_s: Floats, goals_s: Floats
) -> tuple[Floats, Floats]:
    """Moving times (G, S + 1) at the edges of segments, corrected; none is more than 3.3 times as fast as planned.

    Parameters
    ----------
    edges_s : ndarray, shape (G, S + 1)
        Moving times by the law (s).
    stopped_s : ndarray, shape (G, S + 1)
        What is stood before each edge (s).
    goals_s : ndarray, shape (G,)
        Race times (s).

    Returns
    -------
    edges_s : ndarray, shape (G, S + 1)
    weight : ndarray, shape (G,)
        How much the editions count, from 0 to 1.
    """
    later_s, weight = shift_s(corrections, (edges_s + stopped_s) / goals_s[:, None], goals_s)
    leg_s = np.diff(edges_s, axis=1)
    moved_s = np.maximum(leg_s + np.diff(later_s, axis=1), 0.3 * leg_s)
    moved_s *= edges_s[:, -1:] / moved_s.sum(axis=1, keepdims=True)
    return np.concatenate([np.zeros((goals_s.size, 1)), np.cumsum(moved_s, axis=1)], axis=1), weight


def correct(
    arrivals: Arrivals,
    course: Course,
    editions: Sequence[Edition],
    duration_s: Floats,
    stops: Mapping[int, float],
) -> tuple[Floats, float]:
    """Correct a plan by earlier editions.

    Parameters
    ----------
    arrivals : Arrivals
        The law on this course, with its stops.
    course : Course
        T steps.
    editions : sequence of Edition
    duration_s : ndarray, shape (T,)
        Planned moving time of each step (s).
    stops : mapping of int to float
        Planned stops (s), by the step at whose end they are.

    Returns
    -------
    factor : ndarray, shape (T,)
        What becomes of each step's time; the moving time of the whole stays.
    weight : float
        How much the editions count, from 0 to 1.
    """
    goals_s = np.array([duration_s.sum() + sum(stops.values())])
    edge = np.unique(np.append(np.arange(0, course.steps, SEGMENT_STEPS), course.steps))
    edges_s = np.concatenate([[0.0], np.cumsum(duration_s)])[edge]
    stopped_s = np.array([sum(s for step, s in stops.items() if step + 1 < end) for end in edge.tolist()], np.float64)
    corrections = [correction(edition, goals_s, course.steps * STEP_M, arrivals) for edition in editions]
    moved_s, weight = corrected_edges_s(corrections, edges_s[None], stopped_s[None], goals_s)
    factor = np.diff(moved_s[0]) / np.diff(edges_s)
    return np.repeat(factor, np.diff(edge)), float(weight[0])


def corrected_on_the_day(
    arrivals: Arrivals, editions: Sequence[Edition], goals_s: Floats, law_s: Floats, length_m: float
) -> tuple[Floats, float]:
    """Race times (G, K) of goals (G,) that the law has, corrected by editions, and how much these count (0 to 1).

    On the day one does not know which goal a runner is on the way to: many runners of the edition say how it is run.
    """
    corrections = [correction(one, goals_s, length_m, arrivals, _ON_THE_DAY) for one in editions]
    later_s, weight = shift_s(corrections, law_s / goals_s[:, None], goals_s)
    return np.maximum.accumulate(law_s + later_s, axis=1), float(np.median(weight))
