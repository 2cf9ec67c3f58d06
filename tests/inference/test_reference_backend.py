"""Without a network, a prediction is the reference, cold and on the way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lib.athlete.bundle import load_bundle
from lib.athlete.reference import reference
from lib.core import schema as c
from lib.course.terrain_features import course_columns
from lib.inference.reference_backend import reference_backend
from lib.inference.rollout import Start, predict, predict_many
from tests.support.races import MODEL


def test_it_says_what_the_reference_says() -> None:
    bundle = load_bundle(MODEL / "normalizers.json")
    course = course_columns(300 + 40 * np.sin(np.arange(1003) / 30))
    ref = reference(bundle.athlete, bundle.prior, course)
    said = predict(reference_backend(bundle), bundle, course)
    assert said[c.DURATION] == pytest.approx(ref.duration_s, rel=1e-12)
    assert said[c.HEART_RATE] == pytest.approx(ref.heart_rate_bpm, rel=1e-12)
    assert said[c.CADENCE] == pytest.approx(np.full(1003, ref.cadence_rpm), rel=1e-12)
    done = {name: values[:400] for name, values in said.items()} | {c.DURATION: 1.2 * said[c.DURATION][:400]}
    underway = predict_many(reference_backend(bundle), bundle, [replace(Start(course), so_far=done)])[0]
    # Over the next row steps go over from what was done to what is said.
    assert underway[c.DURATION][405:] == pytest.approx(ref.duration_s[405:], rel=0.002)
    assert underway[c.DURATION][400:].sum() == pytest.approx(ref.duration_s[400:].sum())
