"""Model: files, predictions of every kind of table, other rules, judged and watched."""

import copy
import pickle
import threading

import numpy as np
import pytest

import steelyard
from steelyard._core.frames import frame_of
from steelyard._core.fits import fit_logistic
from steelyard.models import Model, model_of

RNG = np.random.default_rng(11)
ROWS = 400
TABLE = {
    "amount": RNG.normal(50, 20, ROWS),
    "phase": RNG.choice(["climb", "descent", "cruise"], ROWS).astype(object),
    "night": RNG.random(ROWS) < 0.3,
    "count": RNG.integers(0, 9, ROWS),
    "day": np.datetime64("2020-01-01") + RNG.integers(0, 900, ROWS),
}
TABLE["amount"][::17] = np.nan
TABLE["phase"][::19] = None
SCORE = np.nan_to_num(TABLE["amount"]) / 20 + (TABLE["phase"] == "climb") - 3
IDS = (SCORE + RNG.logistic(size=ROWS) > 0).astype(np.int32)
NEW = {name: values[:7] for name, values in TABLE.items()}


def made(labels=("ok", "fraud"), X=TABLE, ids=IDS, **given):
    options = {"class_weights": None, "sample_weight": None, "l2": None, "tolerance": 1e-8,
               "max_iterations": 1000, "start": None, "min_count": 1, "max_categories": 64,
               "cost": None, "positive": 1, **given}
    names = [str(label) for label in labels]
    core, _ = fit_logistic(frame_of(X), ids, len(labels), names, **options)
    return model_of(core, np.array(labels))


MODEL = made()


# --- files ---


def test_a_model_is_the_same_from_file_bytes_pickle_and_copy(tmp_path):
    path = tmp_path / "fraud.onnx"
    MODEL.save(path)
    assert path.read_bytes() == MODEL.to_bytes()
    others = [Model.load(path), Model.load(str(path)), Model.from_bytes(MODEL.to_bytes()),
              pickle.loads(pickle.dumps(MODEL)), copy.copy(MODEL), copy.deepcopy(MODEL)]
    for other in others:
        assert other.to_bytes() == MODEL.to_bytes()
        assert np.array_equal(other.predict_proba(TABLE), MODEL.predict_proba(TABLE))


def test_files_that_are_no_models(tmp_path):
    with pytest.raises(steelyard.FileError, match="none.onnx"):
        Model.load(tmp_path / "none.onnx")
    with pytest.raises(OSError):
        MODEL.save(tmp_path / "no such folder" / "m.onnx")
    for content in (b"", b"no model", MODEL.to_bytes()[:-1], MODEL.to_bytes()[:500]):
        with pytest.raises(ValueError):
            Model.from_bytes(content)
    with pytest.raises(TypeError, match="Model.load"):
        Model("fraud.onnx")


# --- labels ---


@pytest.mark.parametrize("labels", [[3, 7], [False, True], [0.5, 2.0], [-1, 1],
                                    np.array([1, 2], np.uint8), np.array([0, 1], np.float32)])
def test_labels_that_were_no_texts_come_back(labels):
    model = pickle.loads(pickle.dumps(made(labels)))
    predicted = model.predict(TABLE)
    assert predicted.dtype == np.array(labels).dtype
    assert set(predicted.tolist()) == set(np.array(labels).tolist())
    assert model.classes.tolist() == np.array(labels).tolist()


def test_texts_stay_texts():
    assert made(["007", "8"]).predict(TABLE).dtype.kind == "U"


@pytest.mark.parametrize("note", ["int64; rm", "object", "int8", "bool", "float128"])
def test_a_note_that_lies_is_not_believed(note):
    model = made(["a", "300"])
    model._core.set_note("python labels", note)
    assert Model.from_bytes(model.to_bytes()).classes.tolist() == ["a", "300"]


# --- predictions ---


def test_probabilities_are_of_the_classes_in_their_order():
    p, logs = MODEL.predict_proba(TABLE), MODEL.predict_log_proba(TABLE)
    assert p.shape == (ROWS, 2) and np.allclose(p.sum(1), 1) and np.allclose(np.exp(logs), p)
    assert np.array_equal(MODEL.predict(TABLE) == "fraud", p[:, 1] > 0.5)
    assert p[IDS == 1, 1].mean() > p[IDS == 0, 1].mean()


def test_columns_go_by_name():
    turned = dict(reversed(TABLE.items()))
    turned["more"] = np.zeros(ROWS)
    assert np.array_equal(MODEL.predict_proba(turned), MODEL.predict_proba(TABLE))


def test_texts_unseen_in_training_are_no_text_of_training():
    strange = {**NEW, "phase": np.array(["taxi"] * 7, object)}
    p = MODEL.predict_proba(strange)
    assert np.isfinite(p).all() and not np.array_equal(p, MODEL.predict_proba(NEW))


def test_what_is_not_finite_is_missing():
    p = [MODEL.predict_proba({**NEW, "amount": np.full(7, value)})
         for value in (np.nan, np.inf, -np.inf)]
    assert np.array_equal(p[0], p[1]) and np.array_equal(p[0], p[2])


@pytest.mark.parametrize("change, says", [
    ({"amount": None}, "no column 'amount'"),
    ({"amount": None, "amuont": np.zeros(7)}, "nearest is 'amuont'"),
    ({"phase": np.zeros(7)}, "'phase' was text in training"),
    ({"amount": np.array(["a"] * 7, object)}, "'amount' was a number in training"),
    ({"amount": np.zeros(3)}, "rows"),
])
def test_columns_that_do_not_fit_are_named(change, says):
    columns = {name: values for name, values in {**NEW, **change}.items() if values is not None}
    with pytest.raises(ValueError, match=says):
        MODEL.predict(columns)


def test_no_rows_give_no_predictions():
    none = {name: values[:0] for name, values in TABLE.items()}
    assert MODEL.predict(none).shape == (0,) and MODEL.predict_proba(none).shape == (0, 2)


def test_texts_that_are_all_missing_are_missing():
    given = {**NEW, "phase": np.full(7, None, object)}
    empty = {**NEW, "phase": np.full(7, "", object)}
    assert np.array_equal(MODEL.predict_proba(given), MODEL.predict_proba(empty))


def test_an_array_without_names_is_refused_where_columns_have_names():
    with pytest.raises(ValueError, match="no column 'amount'"):
        MODEL.predict(np.zeros((3, 5)))


def test_pandas_in_pandas_out():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(TABLE, index=np.arange(ROWS) + 1000)
    predicted, p = MODEL.predict(frame), MODEL.predict_proba(frame)
    assert predicted.index.equals(frame.index) and p.index.equals(frame.index)
    assert list(p.columns) == ["ok", "fraud"]
    assert np.array_equal(p, MODEL.predict_proba(TABLE))
    assert list(made([3, 7]).predict_proba(frame).columns) == [3, 7]


def test_one_row_is_as_the_same_row_among_others():
    p = MODEL.predict_proba(TABLE)
    for i in range(0, ROWS, 41):
        row = {name: values[i] for name, values in TABLE.items()}
        assert list(MODEL.predict_proba_row(row).values()) == p[i].tolist()
        assert MODEL.predict_row(row) == MODEL.predict(TABLE)[i]
    row["amount"] = row["phase"] = None
    missing = {name: np.array([value]) for name, value in row.items()}
    missing["amount"] = np.array([np.nan])
    missing["phase"] = np.array([""], object)
    assert list(MODEL.predict_proba_row(row).values()) == MODEL.predict_proba(missing)[0].tolist()


def test_texts_are_dates_where_the_model_knows_dates():
    texts = np.array([str(day) for day in TABLE["day"]], object)
    told = {**TABLE, "day": texts}
    assert np.array_equal(MODEL.predict_proba(told), MODEL.predict_proba(TABLE))
    row = {name: values[5] for name, values in told.items()}
    assert list(MODEL.predict_proba_row(row).values()) == MODEL.predict_proba(TABLE)[5].tolist()
    texts[3], texts[4] = None, ""
    assert np.isfinite(MODEL.predict_proba(told)).all()
    texts[3] = "31 May"
    with pytest.raises(ValueError, match="'day' was a date in training"):
        MODEL.predict(told)
    with pytest.raises(ValueError, match="'day' was a date in training"):
        MODEL.predict_row({**row, "day": "31 May"})


def test_a_row_that_does_not_fit_is_named():
    row = {name: values[0] for name, values in TABLE.items()}
    with pytest.raises(ValueError, match="no column 'amount'"):
        MODEL.predict_row({"phase": "climb"})
    with pytest.raises(ValueError, match="'amount' was a number"):
        MODEL.predict_row({**row, "amount": "much"})
    with pytest.raises(ValueError, match="'phase' was text"):
        MODEL.predict_row({**row, "phase": 3})


def test_threads_share_a_model():
    row = {name: values[3] for name, values in TABLE.items()}
    alone = MODEL.predict_proba(TABLE), MODEL.predict_proba_row(row)
    wrong = []

    def work():
        for _ in range(20):
            if not np.array_equal(MODEL.predict_proba(TABLE), alone[0]):
                wrong.append("block")
            if MODEL.predict_proba_row(row) != alone[1]:
                wrong.append("row")

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


# --- other rules ---


def test_costs_and_thresholds_decide():
    p = MODEL.predict_proba(TABLE)[:, 1]
    for other in (MODEL.with_cost({("fraud", "ok"): 4}), MODEL.with_cost("fraud:ok=4"),
                  MODEL.with_cost([[0, 1], [4, 0]])):
        assert np.array_equal(other.predict(TABLE) == "fraud", p > 0.2)
        assert "given costs" in other.decision and other.cost.tolist() == [[0, 1], [4, 0]]
    typed = MODEL.with_threshold(0.37)
    assert np.array_equal(typed.predict(TABLE) == "fraud", p >= 0.37)
    assert "0.370" in typed.decision
    assert MODEL.decision == made().decision  # it never changes


def test_decide_prices_each_row():
    p = MODEL.predict_proba(TABLE)[:, 1]
    assert np.array_equal(MODEL.decide(TABLE), MODEL.predict(TABLE))
    assert np.array_equal(MODEL.decide(TABLE, "fraud:ok=4") == "fraud", p > 0.2)
    price = RNG.uniform(0.1, 9, ROWS)
    by_row = MODEL.decide(TABLE, {("fraud", "ok"): price})
    assert np.array_equal(by_row == "fraud", p * price > 1 - p)


def test_priors():
    assert MODEL.trained_prior == pytest.approx({"ok": 1 - IDS.mean(), "fraud": IDS.mean()})
    rare = MODEL.with_prior({"ok": 0.99, "fraud": 0.01})
    odds = MODEL.predict_proba(TABLE) * [0.99 / (1 - IDS.mean()), 0.01 / IDS.mean()]
    assert rare.predict_proba(TABLE) == pytest.approx(odds / odds.sum(1, keepdims=True))
    assert rare.prior == {"ok": 0.99, "fraud": 0.01}
    assert rare.with_prior().predict_proba(TABLE) == pytest.approx(MODEL.predict_proba(TABLE))
    few = np.flatnonzero((IDS == 0) | (RNG.random(ROWS) < 0.2))
    seen = rare.with_prior(rows={name: values[few] for name, values in TABLE.items()})
    assert seen.prior["fraud"] == pytest.approx(IDS[few].mean(), abs=0.1)


def test_calibration_is_kept_and_mends():
    half = np.arange(ROWS) % 2 == 0
    rows = [{name: values[part] for name, values in TABLE.items()} for part in (half, ~half)]
    bold = made(X=rows[0], ids=IDS[half], l2=0.0)
    y = np.where(IDS, "fraud", "ok")
    for kind in ("temperature", "vector", "isotonic"):
        mended = bold.calibrated(rows[1], y[~half], kind)
        again = Model.from_bytes(mended.to_bytes())
        assert again.calibration == kind and again.decision == bold.decision
        losses = [model.evaluate(rows[1], y[~half]).metrics.log_loss for model in (bold, again)]
        assert losses[1] < losses[0] + (1e-12 if kind != "isotonic" else 0.05)
    twice = bold.with_prior({"ok": 0.9, "fraud": 0.1}).calibrated(rows[1], y[~half])
    assert twice.prior["ok"] == 0.9
    assert twice.with_prior().to_bytes() == bold.calibrated(rows[1], y[~half]).to_bytes()


@pytest.mark.parametrize("change, says", [
    (lambda m: m.with_cost("fraud:yes=4"), "yes"),
    (lambda m: m.with_cost([[1, 0], [0, 1]]), "less"),
    (lambda m: m.with_threshold(float("nan")), "nan"),
    (lambda m: m.with_prior({"ok": 1.0}), "'fraud' is left out"),
    (lambda m: m.with_prior([0.5, 0.6]), "1"),
    (lambda m: m.with_prior([0.5, 0.5], rows=TABLE), "give one"),
    (lambda m: m.calibrated(TABLE, np.where(IDS, "fraud", "ok"), "platt"), "'platt'"),
    (lambda m: m.calibrated(TABLE, ["ok"] * 3), "3"),
])
def test_rules_that_make_no_sense(change, says):
    with pytest.raises(ValueError, match=says):
        change(MODEL)


def test_a_threshold_is_for_two_classes():
    three = made(["a", "b", "c"], ids=(RNG.integers(0, 3, ROWS)).astype(np.int32), positive=-1)
    assert three.positive is None
    with pytest.raises(ValueError, match="two classes"):
        three.with_threshold(0.5)


# --- judged, watched, shown ---


def test_evaluate_judges_by_the_rule_inside():
    y = np.where(IDS, "fraud", "ok")
    report = MODEL.evaluate(TABLE, y)
    assert report.metrics.accuracy == pytest.approx((MODEL.predict(TABLE) == y).mean())
    priced = MODEL.with_cost("fraud:ok=4").evaluate(TABLE, y)
    missed = ((MODEL.decide(TABLE, "fraud:ok=4") == "ok") & (IDS == 1)).sum()
    alarms = ((MODEL.decide(TABLE, "fraud:ok=4") == "fraud") & (IDS == 0)).sum()
    assert priced.metrics.average_cost == pytest.approx((4 * missed + alarms) / ROWS)
    assert "<- stored" in str(priced)


def test_a_weight_in_evaluate_is_so_many_copies():
    y, copies = np.where(IDS, "fraud", "ok"), RNG.integers(0, 3, ROWS)
    repeated = {name: np.repeat(values, copies) for name, values in TABLE.items()}
    weighed = MODEL.evaluate(TABLE, y, sample_weight=copies).metrics
    assert weighed.log_loss == pytest.approx(
        MODEL.evaluate(repeated, np.repeat(y, copies)).metrics.log_loss)


def test_evaluate_at_costs_by_row():
    y, price = np.where(IDS, "fraud", "ok"), RNG.uniform(0.1, 9, ROWS)
    costs = {("fraud", "ok"): price}
    report = MODEL.with_cost("fraud:ok=4").evaluate(TABLE, y, cost=costs)
    decided = MODEL.decide(TABLE, costs) == "fraud"
    spent = np.where(IDS == 1, ~decided * price, decided)
    assert report.metrics.average_cost == pytest.approx(spent.mean())


def test_labels_that_are_no_classes_are_named():
    y = np.where(IDS, "fraud", "ok").astype(object)
    y[5] = "frued"
    with pytest.raises(ValueError, match="position 5.*'frued'.*did you mean 'fraud'"):
        MODEL.evaluate(TABLE, y)
    with pytest.raises(ValueError, match="3"):
        MODEL.evaluate(TABLE, ["ok"] * 3)


def test_monitor_tells_what_moved():
    same = MODEL.monitor(TABLE)
    assert same.rows == ROWS and same.shift == 0
    assert same.per_class["fraud"]["prior"] == pytest.approx(IDS.mean(), abs=0.05)
    moved = MODEL.monitor({**TABLE, "amount": TABLE["amount"] + 60})
    assert moved.columns[0]["column"] == "amount" and moved.columns[0]["verdict"] == "large"
    assert "amount" in str(moved) and "amount" in moved._repr_html_()
    doubled = MODEL.monitor(TABLE, sample_weight=np.full(ROWS, 2.0))
    assert doubled.weighted_rows == 2 * ROWS


def test_what_is_shown():
    weighed = made(class_weights=[1, 4])
    assert "fraud at p >= 0.200" in str(weighed) and "fraud at p >= 0.200" in repr(weighed)
    assert weighed.class_weights == {"ok": 1, "fraud": 4}
    assert weighed.positive == "fraud" and weighed.features == list(TABLE)
    assert weighed.coefficients["amount"] > 0
    shown = made(["<b>", "&"])._repr_html_()
    assert "&lt;b&gt;" in shown and "<b>&" not in shown


# --- tables of every kind ---


def random_table(rng, rows):
    columns = {"number": rng.normal(size=rows), "narrow": rng.normal(size=rows).astype(np.float32),
               "count": rng.integers(-5, 90, rows), "flag": rng.random(rows) < 0.4,
               "day": np.datetime64("2021-03-01") + rng.integers(0, 400, rows),
               "word": rng.choice(["a", "b", "é", "longer than twelve"], rows).astype(object)}
    columns["number"][rng.random(rows) < 0.1] = np.nan
    columns["word"][rng.random(rows) < 0.1] = None
    return {name: columns[name] for name in rng.permutation(list(columns))}


def kinds_of(columns):
    pandas, polars = pytest.importorskip("pandas"), pytest.importorskip("polars")
    pyarrow = pytest.importorskip("pyarrow")
    frame = pandas.DataFrame(columns)
    category = frame.assign(word=frame["word"].astype("category"))
    table = pyarrow.table({name: pyarrow.array(values, from_pandas=name in ("number", "word"))
                           for name, values in columns.items()})
    return {"pandas": frame, "category": category, "polars": polars.from_arrow(table),
            "pyarrow": table, "nullable": frame.convert_dtypes(),
            "stream": pyarrow.RecordBatchReader.from_batches(table.schema, table.to_batches(70))}


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("kind", ["pandas", "category", "polars", "pyarrow", "nullable", "stream"])
def test_every_kind_of_table_gives_the_same_model(seed, kind):
    if kind in ("polars", "pyarrow", "stream"):
        pytest.importorskip("steelyard._arrow")
    rng = np.random.default_rng(seed)
    columns, ids = random_table(rng, 300), rng.integers(0, 2, 300).astype(np.int32)
    model = made(X=columns, ids=ids)
    assert made(X=kinds_of(columns)[kind], ids=ids).to_bytes() == model.to_bytes()
    p = model.predict_proba(kinds_of(columns)[kind])
    assert np.array_equal(np.asarray(p), model.predict_proba(columns))
