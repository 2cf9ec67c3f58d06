"""What earlier results are worth: errors by how many there are, how old the latest is, how alike the most alike."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from lib.athlete.results_level import LevelParams
from lib.evaluation.result_tables import ResultTable
from lib.evaluation.result_targets import KnownRaces, Predicted, ask, predict, targets_of
from lib.evaluation.results import figures, last_years, of_level

BY_NUMBER, BY_AGE, BY_SIZE = "number", "age", "size"
_EDGES: Final = {
    BY_NUMBER: ((0.5, 1.5, 2.5, 4.5, 9.5, np.inf), ("1", "2", "3 to 4", "5 to 9", "10 and more")),
    BY_AGE: ((0.0, 0.8, 1.2, 2.2, np.inf), ("under 10 months", "about 1 year", "to 2 years", "more")),
    BY_SIZE: ((-0.01, 0.05, 0.15, 0.3, 0.6, np.inf), ("5%", "15%", "30%", "60%", "more")),
}
_FEWEST: Final = 20


def groups_of(table: ResultTable, params: LevelParams, known: KnownRaces | None = None) -> pd.DataFrame:
    """Errors and intervals of predictions of the last year of each file, by what was known of the runner.

    Parameters
    ----------
    table : ResultTable
        Results of all years.
    params : LevelParams
        The numbers of the level.
    known : KnownRaces, optional
        What is known of races; without it no race is known by name.

    Returns
    -------
    DataFrame
        ``by`` (`BY_NUMBER`, `BY_AGE`, `BY_SIZE`), ``group``, ``n``, ``mape``, ``coverage80``, ``half_width_pct``;
        groups with fewer than 20 results are left out.
    """
    asked = [ask(table, part, known) for part in targets_of(table, last_years(table))]
    columns = ["by", "group", "n", "mape", "coverage80", "half_width_pct"]
    if not asked:
        return pd.DataFrame(columns=columns)
    found = of_level(params, Predicted.joined([predict(params, each) for each in asked]))
    true = table.log_s[np.concatenate([each.targets.row for each in asked])]
    values = {
        BY_NUMBER: np.concatenate([np.full(each.cost.shape[0], each.past.size.shape[1]) for each in asked]),
        BY_AGE: np.concatenate([each.coming.year - each.past.year[:, -1] for each in asked]),
        BY_SIZE: np.concatenate([each.nearest_log_size for each in asked]),
    }
    rows = []
    for by, (edges, names) in _EDGES.items():
        group = np.digitize(values[by], edges) - 1
        for number, name in enumerate(names):
            chosen = group == number
            if chosen.sum() >= _FEWEST:
                n, mape, _, coverage80, width80_pct = figures(true[chosen], found.where(chosen))
                rows.append((by, name, n, mape, coverage80, width80_pct / 2.0))
    return pd.DataFrame(rows, columns=columns)
