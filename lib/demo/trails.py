"""A network of trails on a terrain, and routes through it of a wanted length and hilliness."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d, maximum_filter, minimum_filter
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import dijkstra, shortest_path
from scipy.spatial import Delaunay

from lib.core.schema import STEP_M
from lib.demo.terrain import Array, Terrain, along_m, load_terrain, resample

TRAIL_SEED: Final = 17_800
JUNCTION_GAP_M: Final = 2_000.0
MARGIN_M: Final = 1_200.0
# Grades (1) at which a trail of each kind starts to avoid the slope, and to zigzag: benched, ordinary, straight up.
AVOIDED_GRADES: Final = (0.07, 0.12, 0.30)
ZIGZAG_GRADES: Final = (0.13, 0.19, 0.42)
KIND_SHARES: Final = (0.35, 0.45, 0.20)
ZIGZAG_WAVE_M: Final = 70.0
# How much a route's search likes (negative) or shuns (positive) climbing.
CLIMB_TASTES: Final = (4.0, 0.0, -0.6)
_MOVES: Final = ((0, 1), (1, 0), (1, 1), (1, -1), (1, 2), (2, 1), (1, -2), (2, -1))


@dataclass(frozen=True, eq=False)
class TrailNetwork:
    """Junctions and the trails between them.

    Parameters
    ----------
    terrain : Terrain
    junctions : ndarray, shape (n, 2)
        Positions (m).
    trails : dict
        Path, shape (k, 2) in metres, of each pair of neighbours (a, b), a < b, from a to b.
    following : ndarray, shape (tastes, n, n)
        The junction before j on the way from i to j, per taste for climbing; negative where i is j.
    length_m, climb_m : ndarray, shape (tastes, n, n)
        Of the way from i to j.
    """

    terrain: Terrain
    junctions: Array
    trails: dict[tuple[int, int], Array]
    following: NDArray[np.int32]
    length_m: Array
    climb_m: Array

    def trail(self, start: int, end: int) -> Array:
        """Give the path from a junction to a neighbour, shape (k, 2) (m)."""
        return self.trails[start, end] if start < end else self.trails[end, start][::-1]

    def way(self, taste: int, via: tuple[int, ...]) -> Array:
        """Give the path through junctions in order, shape (k, 2) (m), a point every 5 m."""
        parts = []
        for start, end in pairwise(via):
            junctions = [end]
            while junctions[-1] != start:
                junctions.append(int(self.following[taste, start, junctions[-1]]))
            hops = junctions[::-1]
            parts += [self.trail(a, b) for a, b in pairwise(hops)]
        return resample(_rounded(np.concatenate(parts)), STEP_M)

    def loop(self, rng: np.random.Generator, start: int, wanted_m: float, climb_m_per_km: float) -> Array:
        """Lay a round from a junction by way of two others, near to a length and a climb.

        Parameters
        ----------
        rng : numpy.random.Generator
            Chooses among rounds that fit about equally well.
        start : int
            Junction.
        wanted_m : float
            Length; what comes out is within some percent of it.
        climb_m_per_km : float
            Hilliness; what comes out is what the country around allows.

        Returns
        -------
        ndarray, shape (k, 2)
            Metres, a point every 5 m.
        """
        length = self.length_m[:, start, :, None] + self.length_m + self.length_m[:, None, :, start]
        climb = self.climb_m[:, start, :, None] + self.climb_m + self.climb_m[:, :, start][:, None, :]
        km = np.maximum(length, 1.0) / 1000
        misfit = np.abs(np.log(km * 1000 / wanted_m)) / 0.03 + np.abs(climb / km - climb_m_per_km) / 6
        # A round hardly longer than twice its longest leg comes home the way it went: that is asked for elsewhere.
        legs = np.broadcast_arrays(self.length_m[:, start, :, None], self.length_m, self.length_m[:, None, :, start])
        misfit += np.where(length < 2.1 * np.maximum.reduce(legs), 6.0, 0.0)
        misfit[:, start, :] = misfit[:, :, start] = np.inf
        taste, a, b = np.unravel_index(np.argmin(misfit + rng.gumbel(0, 0.4, misfit.shape)), misfit.shape)
        return self.way(int(taste), (start, int(a), int(b), start))

    def out_and_back(self, rng: np.random.Generator, start: int, wanted_m: float, climb_m_per_km: float) -> Array:
        """Lay a way out and the same way home; turned where the length is reached. Parameters as for `loop`."""
        length, climb = self.length_m[:, start], self.climb_m[:, start] + self.climb_m[:, :, start]
        km = np.maximum(2 * length, 1.0) / 1000
        misfit = np.where(2 * length < wanted_m, np.inf, 2 * length / wanted_m)
        if not np.isfinite(misfit).any():
            misfit = -length / wanted_m
        misfit = misfit + np.abs(climb / km - climb_m_per_km) / 10
        misfit[:, start] = np.inf
        taste, end = np.unravel_index(np.argmin(misfit + rng.gumbel(0, 0.3, misfit.shape)), misfit.shape)
        out = self.way(int(taste), (start, int(end)))[: max(2, round(wanted_m / 2 / STEP_M) + 1)]
        return np.concatenate([out, out[-2::-1]])


def _rounded(xy: Array) -> Array:
    """Give a path without doubled points, its corners rounded to what legs do (m)."""
    path = resample(xy, STEP_M)
    smooth = gaussian_filter1d(path, 1.5, axis=0, mode="nearest")
    smooth[[0, -1]] = path[[0, -1]]
    return smooth


def _junctions(terrain: Terrain, rng: np.random.Generator) -> Array:
    """Choose summits, valley bottoms and places between, at least `JUNCTION_GAP_M` apart; shape (n, 2) (m)."""
    low, high = minimum_filter(terrain.elevation_m, 11), maximum_filter(terrain.elevation_m, 11)
    special = np.argwhere((terrain.elevation_m == low) | (terrain.elevation_m == high))[:, ::-1]
    special = special * (terrain.dx_m, terrain.dy_m)
    width, height = terrain.size_m
    anywhere = rng.random((6_000, 2)) * (width, height)
    chosen: list[Array] = []
    for xy in np.concatenate([rng.permutation(special), anywhere]):
        inside = MARGIN_M < xy[0] < width - MARGIN_M and MARGIN_M < xy[1] < height - MARGIN_M
        if inside and (not chosen or np.hypot(*(np.array(chosen) - xy).T).min() > JUNCTION_GAP_M):
            chosen.append(xy)
    return np.array(chosen)


def _neighbours(junctions: Array) -> list[tuple[int, int]]:
    """Give the pairs with no third junction in the circle between them (a Gabriel graph: connected, few crossings)."""
    simplices = Delaunay(junctions).simplices
    pairs = {tuple(sorted((int(t[i]), int(t[j])))) for t in simplices for i, j in ((0, 1), (1, 2), (0, 2))}
    kept = []
    for a, b in sorted(pairs):
        centre, radius = (junctions[a] + junctions[b]) / 2, np.hypot(*(junctions[a] - junctions[b])) / 2
        others = np.delete(junctions, [a, b], axis=0)
        if np.hypot(*(others - centre).T).min() > radius:
            kept.append((a, b))
    return kept


def _least_cost(terrain: Terrain, ends: Array, avoided_grade: float, rng: np.random.Generator) -> Array:
    """Find the cheapest path over the grid's posts between two points (2, 2) whose cost grows with the grade."""
    spacing = np.array([terrain.dx_m, terrain.dy_m])
    posts = np.rint(ends / spacing).astype(int)
    lowest = np.maximum(posts.min(axis=0) - 12, 0)
    highest = np.minimum(posts.max(axis=0) + 13, terrain.elevation_m.shape[::-1])
    ground = terrain.elevation_m[lowest[1] : highest[1], lowest[0] : highest[0]]
    # Brush, creeks and boulders that the grid does not show: they make trails wander on even ground.
    friction = np.exp(0.35 * rng.standard_normal(ground.shape))
    number = np.arange(ground.size).reshape(ground.shape)
    rows, columns = ground.shape
    heads, tails, costs = [], [], []
    for up, right in _MOVES:
        here = (slice(0, rows - up), slice(max(0, -right), columns - max(0, right)))
        there = (slice(up, rows), slice(max(0, right), columns - max(0, -right)))
        length = float(np.hypot(up * spacing[1], right * spacing[0]))
        grade = np.abs(ground[there] - ground[here]) / length
        cost = length * (1 + (grade / avoided_grade) ** 2) * (friction[here] + friction[there]) / 2
        heads.append(number[here].ravel())
        tails.append(number[there].ravel())
        costs.append(cost.ravel())
    cells = (np.concatenate(heads), np.concatenate(tails))
    graph = coo_matrix((np.concatenate(costs), cells), shape=(ground.size, ground.size)).tocsr()
    first, last = (int(number[y - lowest[1], x - lowest[0]]) for x, y in posts)
    _, before = dijkstra(graph, directed=False, indices=first, return_predecessors=True)
    path = [last]
    while path[-1] != first:
        path.append(int(before[path[-1]]))
    row, column = np.divmod(np.array(path[::-1]), columns)
    xy = (np.column_stack([column, row]) + lowest) * spacing
    xy[[0, -1]] = ends
    return xy


def _lay_trail(terrain: Terrain, ends: Array, kind: int, rng: np.random.Generator) -> Array:
    """Lay a trail between two points (2, 2): cheap, smooth, winding, with switchbacks where it is steep; (k, 2) (m)."""
    coarse = resample(_least_cost(terrain, ends, AVOIDED_GRADES[kind], rng), STEP_M)
    path = gaussian_filter1d(coarse, 12.0, axis=0, mode="nearest")
    at = np.arange(len(path)) * STEP_M
    taper = np.clip(np.minimum(at, at[-1] - at) / 120.0, 0, 1)[:, None]
    winding = sum(
        amplitude * sigma**0.5 * gaussian_filter1d(rng.standard_normal(path.shape), sigma, axis=0)
        for amplitude, sigma in ((7.0, 6.0), (22.0, 25.0))
    )
    path = ends[0] + (path - path[0]) + np.linspace(0, 1, len(path))[:, None] * (ends[1] - ends[0] - path[-1] + path[0])
    path = path + taper * winding
    grade = np.abs(np.gradient(gaussian_filter1d(terrain.altitude_m(path), 8.0), STEP_M))
    stretch = np.clip(grade / ZIGZAG_GRADES[kind], 1.0, 2.4)
    # A sine of amplitude A and wavelength W is longer than its axis by about sqrt(1 + (2 pi A / W)^2 / 2).
    amplitude = ZIGZAG_WAVE_M / (2 * np.pi) * np.sqrt(2 * (stretch**2 - 1))
    amplitude = gaussian_filter1d(amplitude, 10.0)[:, None] * taper
    along = np.gradient(gaussian_filter1d(path, 10.0, axis=0, mode="nearest"), axis=0)
    across = np.column_stack([-along[:, 1], along[:, 0]]) / np.maximum(np.hypot(*along.T), 1e-9)[:, None]
    pace = np.exp(gaussian_filter1d(rng.standard_normal(len(path)), 20.0) * 20.0**0.5 * 0.5)
    phase = np.cumsum(pace) * 2 * np.pi * STEP_M / ZIGZAG_WAVE_M
    return resample(path + amplitude * across * np.sin(phase)[:, None], STEP_M)


@lru_cache(maxsize=1)
def trail_network() -> TrailNetwork:
    """Lay the trails on the terrain of `lib.demo.terrain.load_terrain`: always the same, whoever runs on them.

    Returns
    -------
    TrailNetwork

    Notes
    -----
    Each trail is the cheapest way between two neighbouring junctions (Dijkstra 1959) over the posts of the grid, its
    cost growing with the square of the grade, smoothed and wound; steep parts get switchbacks that halve their grade.
    """
    terrain = load_terrain()
    rng = np.random.Generator(np.random.PCG64(TRAIL_SEED))
    junctions = _junctions(terrain, rng)
    pairs = _neighbours(junctions)
    kinds = rng.choice(len(KIND_SHARES), size=len(pairs), p=KIND_SHARES)
    trails = {
        pair: _lay_trail(terrain, junctions[list(pair)], int(kind), rng)
        for pair, kind in zip(pairs, kinds, strict=True)
    }
    count = len(junctions)
    length, up = np.zeros((count, count)), np.zeros((count, count))
    for (a, b), path in trails.items():
        rise = np.diff(gaussian_filter1d(terrain.altitude_m(path), 4.0))
        length[a, b] = length[b, a] = along_m(path)[-1]
        up[a, b], up[b, a] = rise[rise > 0].sum(), -rise[rise < 0].sum()
    steepness = np.divide(up + up.T, length, out=np.zeros_like(length), where=length > 0)
    usual = steepness[length > 0].mean()
    following, lengths, climbs = [], [], []
    for taste in CLIMB_TASTES:
        cost = length * np.maximum(1 + taste * (steepness / usual - (taste < 0)), 0.3) * (length > 0)
        ranked, before = shortest_path(cost, directed=False, return_predecessors=True)
        way_length, way_climb = np.zeros_like(length), np.zeros_like(length)
        for start in range(count):
            for end in np.argsort(ranked[start], kind="stable"):
                last = before[start, end]
                if last >= 0:
                    way_length[start, end] = way_length[start, last] + length[last, end]
                    way_climb[start, end] = way_climb[start, last] + up[last, end]
        following.append(before)
        lengths.append(way_length)
        climbs.append(way_climb)
    return TrailNetwork(terrain, junctions, trails, np.array(following), np.array(lengths), np.array(climbs))
