"""Arrays and tables as the columns that models read."""

import numpy as np
import pytest

from steelyard._core.frames import Frame, frame_of
from steelyard._core.fits import fit_logistic

RNG = np.random.default_rng(3)
NUMBERS = RNG.normal(size=(200, 4))
IDS = (NUMBERS[:, 0] + RNG.logistic(size=200) > 0).astype(np.int32)


def fitted(X, names=None, ids=IDS):
    model, _ = fit_logistic(frame_of(X, names), ids, 2, ["no", "yes"], None, None, None, 1e-8, 1000,
                            None, 1, 64, None, -1)
    return model


def test_columns_of_an_array_are_called_by_their_place():
    assert frame_of(NUMBERS).names == ["x0", "x1", "x2", "x3"]
    assert frame_of(NUMBERS, ["a", "b", "c", "d"]).names == ["a", "b", "c", "d"]


@pytest.mark.parametrize("change", [
    np.asfortranarray,
    lambda X: np.repeat(np.repeat(X, 2, axis=0), 3, axis=1)[::2, ::3],
    lambda X: X[::-1][::-1],
    lambda X: X.astype(">f8"),
    lambda X: X.tolist(),
    lambda X: X.astype(object),
    lambda X: np.ascontiguousarray(X.T).T,
], ids=["fortran", "strided", "reversed", "big-endian", "list", "objects", "transposed"])
def test_however_numbers_lie_the_model_is_the_same(change):
    given = fitted(NUMBERS).coefficients()
    assert np.array_equal(fitted(change(NUMBERS)).coefficients(), given)


def test_a_read_only_array_is_read():
    locked = NUMBERS.copy()
    locked.flags.writeable = False
    assert np.array_equal(fitted(locked).coefficients(), fitted(NUMBERS).coefficients())


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.int8, np.int32, np.int64, np.uint16,
                                   np.bool_, np.longdouble])
def test_every_number_is_read(dtype):
    whole = RNG.integers(0, 2, (200, 3))
    narrow = fitted(whole.astype(dtype)).coefficients()
    assert narrow == pytest.approx(fitted(whole.astype(float)).coefficients(), rel=1e-5)


def test_integers_are_fitted_in_float64():
    whole = RNG.integers(0, 50, (200, 3))
    assert np.array_equal(fitted(whole).coefficients(), fitted(whole.astype(float)).coefficients())


def test_a_mapping_has_columns_of_every_kind():
    columns = {"number": NUMBERS[:, 0], "flag": NUMBERS[:, 1] > 0,
               "day": np.array(["2020-01-01", "NaT"] * 100, "M8[D]"),
               "word": np.array(["a", "b", None, "a"] * 50, object)}
    model = fitted(columns)
    assert model.inputs == [("number", "number"), ("flag", "boolean"), ("day", "date"),
                            ("word", "text")]


def test_objects_have_columns_of_one_kind_each():
    mixed = np.empty((200, 2), object)
    mixed[:, 0], mixed[:, 1] = NUMBERS[:, 0], np.array(["a", "b"] * 100)
    assert fitted(mixed).inputs == [("x0", "number"), ("x1", "text")]


@pytest.mark.parametrize("X, says", [
    (NUMBERS[0], r"shape \(4,\): two axes.*X.reshape\(1, -1\)"),
    (NUMBERS[None], "two axes"),
    (3.0, "X"),
    (NUMBERS.astype(complex), "complex128"),
    ([[1, 2], [3]], "different lengths"),
    ({"a": NUMBERS[:, 0], "b": NUMBERS[:3, 0]}, "column 'b' has 3 rows"),
    ({"a": NUMBERS}, "column 'a' has shape"),
    ({"a": NUMBERS[:, 0].astype("m8[s]")}, "column 'a'.*m8|timedelta"),
    ({"a": NUMBERS[:, 0].astype(complex)}, "column 'a'.*complex128"),
    ({"a\0b": NUMBERS[:, 0]}, "zero character"),
    ({"a": np.array(["x\0y"] * 200, object)}, "zero character"),
])
def test_what_is_no_table_is_refused(X, says):
    with pytest.raises(ValueError, match=says):
        frame_of(X)


def test_names_must_be_as_many_as_columns():
    with pytest.raises(ValueError, match="2 names for 4 columns"):
        frame_of(NUMBERS, ["a", "b"])


def test_a_column_of_another_length_is_refused():
    with pytest.raises(ValueError, match="column 'a' has 2 rows"):
        Frame(3).add_numbers("a", np.zeros(2))
    with pytest.raises(ValueError, match="float32 or float64"):
        Frame(3).add_numbers("a", np.zeros(3, np.int8))


def test_no_rows_and_no_columns():
    with pytest.raises(ValueError, match="no rows|rows"):
        fitted(NUMBERS[:0], ids=IDS[:0])
    with pytest.raises(ValueError):
        fitted(NUMBERS[:, :0])


@pytest.mark.parametrize("change", [
    lambda x: x[::-1],
    lambda x: np.repeat(x, 3)[::3],
    lambda x: np.frombuffer(b"-" + x.tobytes(), dtype=np.uint8)[1:].view("f8"),
    lambda x: np.asfortranarray(np.stack([x, x], axis=1))[:, 1],
], ids=["backwards", "strided", "unaligned", "column"])
def test_however_a_column_lies_it_is_the_same_numbers(change):
    column = change(NUMBERS[:, 0].copy())
    given = {"a": column, "b": NUMBERS[:, 1]}
    copied = {"a": np.ascontiguousarray(column).copy(), "b": NUMBERS[:, 1]}
    model = fitted(copied)
    assert np.array_equal(fitted(given).coefficients(), model.coefficients())
    assert np.array_equal(model.score(frame_of(given))[0], model.score(frame_of(copied))[0])


def test_a_column_that_repeats_one_number_is_that_number():
    model = fitted({"a": NUMBERS[:, 0], "b": NUMBERS[:, 1]})
    given, copied = ({"a": a, "b": NUMBERS[:, 1]} for a in (np.broadcast_to(2.0, 200),
                                                            np.full(200, 2.0)))
    assert np.array_equal(model.score(frame_of(given))[0], model.score(frame_of(copied))[0])


def test_scales_lead_back_to_raw_numbers():
    X = NUMBERS * [1, 10, 0.1, 5] + [0, 3, 0, 1]
    model = fitted(X)
    shifts, scales = model.scales()
    assert shifts == pytest.approx(X.mean(0)) and scales == pytest.approx(X.std(0))
    raw = model.coefficients()[0] / scales
    logit = X @ raw + model.intercepts()[0] - raw @ shifts
    assert model.score(frame_of(X))[0][:, 1] == pytest.approx(1 / (1 + np.exp(-logit)))
    assert model.output_inputs == [0, 1, 2, 3]
