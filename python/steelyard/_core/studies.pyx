"""Models judged on rows with labels, and rows without labels watched by a model."""

from libc.string cimport memset

from steelyard._core.base cimport (SY_F32, SY_F64, View, check, interruptible, lines, names_of,
                                   sy_messages_check, sy_messages_free, view)
from steelyard._core.boosted cimport BoostedOptions
from steelyard._core.decisions cimport Costs, doubles, doubles_of
from steelyard._core.frames cimport Frame, sy_column_type_name
from steelyard._core.models cimport Rule, copy_numbers, core_model, rule_of
from steelyard._core.metrics cimport sy_objective_parse
from steelyard._core.networks cimport NetworkOptions, Onlooker, result_dict, tell_epoch
from steelyard._core.reports cimport review_of, taken
from steelyard._core.tuning cimport TuneOptions, tuned_dict
from steelyard._core.weights cimport Policy, sy_normalize_parse, sy_policy_set_cost

import os

import numpy


cdef class Labels:
    """Classes of rows: ids (n) int32 of the classes with these names."""

    def __cinit__(self, ids, names):
        cdef Names classes = names_of(names)
        cdef View codes = view(numpy.ascontiguousarray(ids, numpy.uint32))
        cdef sy_labels_options options = sy_labels_options_default()
        cdef sy_status status
        cdef sy_error error
        cdef size_t rows = codes.array.shape[0]
        options.classes, options.n_classes = classes.items, classes.n
        with nogil:
            status = sy_labels_from_names(<const uint32_t *>codes.array.data, rows, classes.items,
                                          classes.n, &options, &self.labels, &error)
        check(status, &error)

    def __dealloc__(self):
        sy_labels_free(self.labels)

    def check_names(self, names):
        """ValueError where the library writes a name otherwise, and so would the model."""
        for k, name in enumerate(names):
            written = sy_labels_classes(self.labels)[k].decode()
            if written != name:
                raise ValueError(f"a class is called {name!r}, which is written {written!r} in a "
                                 "model: labels that are written so would be right")


def review_model(CoreModel model not None, Frame frame not None, ids, row_weights, classes,
                 Costs costs):
    """The CoreReview of a model on labelled rows.

    ids: (n) int32. row_weights: (n) float64 or None. classes: (K) labels as Python has them.
    costs: Costs of the rows, or None: those given to the model, else 0 and 1.
    """
    cdef Names names = names_of(model.classes)
    cdef Labels labels = Labels(ids, [str(k) for k in range(names.n)])  # the model names them
    cdef View weights = doubles(row_weights)
    cdef const double *of_rows = doubles_of(weights)
    cdef const sy_costs *prices = NULL if costs is None else &costs.costs
    cdef sy_frame table = frame.view()
    cdef sy_review review
    cdef sy_status status
    cdef sy_error error
    with nogil:
        status = sy_review_model(model.model, &table, labels.labels, of_rows, prices, &review,
                                 &error)
    check(status, &error)
    varies = bool(model.expressions) or (model.source == "given" and costs is not None
                                         and costs.varies)
    if costs is None and model.source == "given":
        costs = model.given_costs()
    return review_of(&review, classes, names, costs, None if varies else model.cost)


cdef class CoreMonitor:
    """What a model found of rows without labels."""
    cdef sy_monitor monitor
    cdef CoreModel model  # names of columns live in it
    cdef Names names

    def __dealloc__(self):
        sy_monitor_clear(&self.monitor)

    def figures(self):
        """The figures of sy_monitor by name; NaN = not defined."""
        found = self.monitor
        return {"rows": found.rows, "weighted_rows": found.weighted_rows,
                "effective_rows": found.effective_rows, "flagged": found.flagged,
                "missing": found.missing, "unseen": found.unseen, "shift": found.shift,
                "has_profiles": bool(found.has_profiles)}

    def classes(self):
        """Arrays (K): decided, mean_probability; and where the training is known trained_prior,
        prior, prior_low, prior_high."""
        cdef sy_monitor *found = &self.monitor
        cdef size_t n = found.n_classes
        told = {"decided": copy_numbers(found.decided, n),
                "mean_probability": copy_numbers(found.mean_probability, n)}
        if found.has_prior:
            told["trained_prior"] = copy_numbers(found.trained_prior, n)
            told["prior"] = copy_numbers(found.prior.prior, n)
            told["prior_low"] = copy_numbers(found.prior.low, n)
            told["prior_high"] = copy_numbers(found.prior.high, n)
        return told

    def columns(self):
        """A dictionary for each column, those that moved most first."""
        return [column_dict(&self.monitor.columns[i]) for i in range(self.monitor.n_columns)]

    def text(self, heading=None):
        """The screen of `steelyard evaluate` for rows without labels."""
        cdef bytes above = b"" if heading is None else heading.encode()
        cdef const char *line = above
        cdef char *text = NULL
        cdef sy_error error
        check(sy_report_monitor(&self.monitor, NULL if heading is None else line, self.names.items,
                                &text, &error), &error)
        return taken(text)


cdef dict column_dict(const sy_watched_column *column):
    return {"column": column.name.decode(), "type": sy_column_type_name(column.type).decode(),
            "shift": column.psi, "shift_expected": column.psi_expected,
            "shift_by_chance": column.psi_chance,
            "verdict": sy_shift_name(column.shift).decode(),
            "mean_difference": column.mean_difference, "missing": column.missing,
            "missing_trained": column.missing_training, "unseen": column.unseen}


def watch(CoreModel model not None, Frame frame not None, row_weights=None):
    """The CoreMonitor of rows without labels."""
    cdef CoreMonitor made = CoreMonitor.__new__(CoreMonitor)
    cdef View weights = doubles(row_weights)
    cdef const double *of_rows = doubles_of(weights)
    cdef sy_frame table = frame.view()
    cdef sy_status status
    cdef sy_error error
    made.model = model
    made.names = names_of(model.classes)
    with nogil:
        status = sy_monitor_make(model.model, &table, of_rows, NULL, &made.monitor, &error)
    if status:  # what it left there is no monitor
        memset(&made.monitor, 0, sizeof(made.monitor))
    check(status, &error)
    return made


cdef class Objective:
    """What automatic class weights are chosen by."""
    cdef sy_objective objective

    def __cinit__(self, str text not None):
        cdef bytes name = text.encode()
        cdef sy_error error
        check(sy_objective_parse(name, &self.objective, &error), &error)


def held_share_default():
    """The library's own share of rows that is held back from a network."""
    return sy_study_options_default().held_share


cdef class Options:
    """What a study does, and the objects that its options point to."""
    cdef sy_study_options options
    cdef Onlooker onlooker  # None of logistic regression
    cdef bint chooses  # all families are tried
    cdef list kept

    def __cinit__(self):
        self.options = sy_study_options_default()
        self.options.progress = interruptible()
        self.kept = []

    def choose(self, Policy policy, str normalize, str automatic, str calibrate, TuneOptions tune):
        """Weights, a map and a rule; each may be None."""
        cdef bytes name
        cdef Objective objective
        cdef sy_error error
        self.kept += [policy, tune]
        if policy is not None:
            self.options.policy = policy.policy
        if normalize is not None:
            name = normalize.encode()
            check(sy_normalize_parse(name, &self.options.normalize, &error), &error)
        if automatic is not None:
            objective = Objective(automatic)
            self.options.automatic = &objective.objective
            self.kept.append(objective)
        if calibrate is not None:
            name = calibrate.encode()
            check(sy_study_calibration_parse(name, &self.options.calibrate, &error), &error)
        if tune is not None:
            self.options.tune = &tune.options

    def price(self, Costs costs not None, names):
        """Costs; a cell that differs by row is called "ACTUAL:PREDICTED" in the model."""
        cdef Rule rule = rule_of(numpy.where(costs.which >= 0, 0, costs.fixed)
                                 if costs.varies else costs.fixed, len(names))
        cdef bytes expression
        cdef sy_error error
        cells = numpy.argwhere(costs.which >= 0) if costs.varies else []
        for actual, predicted in sorted(map(tuple, cells), key=lambda cell: costs.which[cell]):
            expression = f"{names[actual]}:{names[predicted]}".encode()
            check(sy_cost_rule_set(&rule.rule, actual, predicted, expression, &error), &error)
        self.options.cost_rule = &rule.rule
        self.kept.append(rule)

    def encode(self, int positive, size_t min_count, size_t max_categories):
        """How classes and columns are taken."""
        self.options.positive = positive
        self.options.encoder.min_count = min_count
        self.options.encoder.max_categories = max_categories

    def fit_logistic(self, l2, double tolerance, int max_iterations):
        """Logistic regression is fitted; l2 None = 1 / sum of row weights."""
        self.options.l2 = -1 if l2 is None else l2
        self.options.tolerance = tolerance
        self.options.max_iterations = max_iterations

    def fit_network(self, NetworkOptions network not None, double held_out,
                    Onlooker onlooker not None, bint wide=False):
        """Networks are fitted, in float64 where `wide`, else in float32."""
        self.options.dtype = SY_F64 if wide else SY_F32
        self.options.family = SY_STUDY_MLP
        self.options.network = &network.options
        self.options.held_share = held_out
        self.options.progress = onlooker.progress()
        self.options.epoch, self.options.epoch_context = tell_epoch, &onlooker.watch
        self.onlooker = onlooker
        self.kept.append(network)

    def fit_boosted(self, BoostedOptions boosted not None, double held_out,
                    Onlooker onlooker not None):
        """Boosted trees are grown."""
        self.options.family = SY_STUDY_BOOSTED
        self.options.boosted = &boosted.options
        self.options.held_share = held_out
        self.options.progress = onlooker.progress()
        self.options.epoch, self.options.epoch_context = tell_epoch, &onlooker.watch
        self.onlooker = onlooker
        self.kept.append(boosted)

    def fit_all(self):
        """All families are tried, by the options of each; the best is kept."""
        self.chooses = True

    def checkpoint(self, path, resume, double seconds, str lines not None):
        """Where the training of networks leaves its state; paths may be None. lines: NAME=VALUE of
        each option, which a file that is gone on with must have been written with."""
        self.options.checkpoint.seconds = seconds
        self.options.checkpoint.path = self.keep_text(path)
        self.options.checkpoint.resume = self.keep_text(resume)
        self.options.checkpoint.options = self.keep_text(lines)

    cdef const char *keep_text(self, text):
        if text is None:
            return NULL
        encoded = os.fsencode(text)
        self.kept.append(encoded)
        return <const char *>encoded

    def test(self, str kind, value, seed):
        """How rows are judged: "none", "folds" (how many), "share", "mask" or "other"."""
        self.options.seed = seed
        self.options.test = {"none": SY_TEST_NONE, "folds": SY_TEST_FOLDS, "share": SY_TEST_SHARE,
                             "mask": SY_TEST_MASK, "other": SY_TEST_OTHER}[kind]
        if kind == "folds":
            self.options.folds = value
        elif kind == "share":
            self.options.share = value


def set_policy_costs(Policy policy not None, cost, names):
    """Gives the policy "cost" its costs (K, K)."""
    cdef Names classes = names_of(names)
    cdef View numbers = doubles(cost)
    cdef sy_error error
    check(sy_policy_set_cost(policy.policy, doubles_of(numbers), classes.n, classes.items, &error),
          &error)


cdef class CoreStudy:
    """A study that was run."""
    cdef sy_study study
    cdef Costs costs
    cdef readonly CoreModel model
    cdef readonly CoreReview train
    cdef readonly CoreReview test  # None without a test
    cdef readonly dict families  # those that were tried; None where one was asked for
    cdef readonly str families_text  # the same as a table

    def __dealloc__(self):
        self.study.model = NULL  # the CoreModel has it
        sy_study_clear(&self.study)

    @property
    def messages(self):
        """Warnings and remarks in the order found."""
        return lines(self.study.messages)

    @property
    def policy(self):
        """Text of the policy of class weights."""
        return self.study.policy.decode("utf-8", "replace")

    def fit(self):
        """How the fit of the model that is kept ended."""
        result = self.study.fit
        return {"objective": result.objective, "gradient_norm": result.gradient_norm,
                "iterations": result.iterations, "converged": bool(result.converged),
                "solver": result.solver.decode(), "l2": self.study.l2,
                "seconds": self.study.fit_seconds}

    def network(self):
        """How the training of the network or trees that are kept went, or None of another family;
        with scores_only, and with the rival (None where none was judged)."""
        if self.study.family not in (SY_STUDY_MLP, SY_STUDY_BOOSTED):
            return None
        rival = self.study.rival
        told = {"log_loss": rival.log_loss, "logistic_log_loss": rival.logistic_log_loss,
                "difference": rival.difference, "low": rival.low, "high": rival.high}
        return {**result_dict(&self.study.training), "rival": told if rival.judged else None,
                "scores_only": self.study.scores_only.decode("utf-8", "replace")}

    @property
    def family(self):
        """Name of the family that is kept."""
        return sy_study_family_name(self.study.family).decode()

    def tuned(self):
        """What tuning found, or None."""
        if not self.study.tuned:
            return None
        return {"tuned_for": self.study.tuned_for.decode(), **tuned_dict(&self.study.tuned_rule)}

    def text(self, rows, columns):
        """The screen of `steelyard fit`."""
        cdef char *text = NULL
        cdef sy_error error
        cdef sy_study whole = self.whole()
        check(sy_report_study(&whole, rows, columns, -1, &text, &error), &error)
        return taken(text)

    def page(self, str title not None):
        """The study as one page of HTML."""
        cdef bytes heading = title.encode()
        cdef char *html = NULL
        cdef sy_error error
        cdef sy_study whole = self.whole()
        check(sy_report_study_page(&whole, heading, NULL if self.costs is None else
                                   &self.costs.costs, &html, &error), &error)
        return taken(html)

    cdef sy_study whole(self):
        """The study with its reviews, which the CoreReviews hold; a view."""
        cdef sy_study whole = self.study
        whole.model = self.model.model
        whole.train = self.train.review
        if self.test is not None:
            whole.test = self.test.review
        return whole


def run_study(Options options not None, Frame frame not None, ids, names, classes, row_weights,
              groups, Costs costs, mask=None, Frame test_frame=None, test_ids=None,
              test_row_weights=None, held_mask=None):
    """The CoreStudy of labelled rows.

    ids: (n) int32 places among the K `names`; `classes` are the labels as Python has them.
    row_weights: (n) float64; groups: (n) uint32; mask: (n) uint8, 1 = test row; held_mask: (n)
    uint8, 1 = held back from networks; or None.
    costs: those that Options.price was given, or None.
    """
    cdef Labels labels = Labels(ids, names), test_labels
    cdef View weights = doubles(row_weights), test_weights = doubles(test_row_weights)
    cdef View of_groups = view(groups) if groups is not None else None
    cdef View of_mask = view(mask) if mask is not None else None
    cdef View of_held = view(held_mask) if held_mask is not None else None
    cdef sy_frame table = frame.view(), test_table
    cdef sy_study_data data
    cdef CoreStudy made = CoreStudy.__new__(CoreStudy)
    cdef sy_families families
    cdef sy_status status
    cdef sy_error error
    memset(&families, 0, sizeof(families))
    labels.check_names(names)
    memset(&data, 0, sizeof(data))
    data.frame, data.labels, data.row_weights = &table, labels.labels, doubles_of(weights)
    if of_groups is not None:
        data.groups = <const uint32_t *>of_groups.array.data
    if of_mask is not None:
        data.test_mask = <const uint8_t *>of_mask.array.data
    if of_held is not None:
        data.held_mask = <const uint8_t *>of_held.array.data
    if test_frame is not None:
        test_labels = Labels(test_ids, names)
        test_table = test_frame.view()
        data.test_frame, data.test_labels = &test_table, test_labels.labels
        data.test_row_weights = doubles_of(test_weights)
    if costs is not None and costs.varies:
        data.cost_values = doubles_of(costs.values_view)
    with nogil:
        if options.chooses:
            status = sy_study_choose(&data, &options.options, &made.study, &families, &error)
        else:
            status = sy_study_run(&data, &options.options, &made.study, &error)
    made.families = families_dict(&families) if families.n else None
    made.families_text = families_told(&families) if families.n else ""
    sy_families_clear(&families)
    if status:
        memset(&made.study, 0, sizeof(made.study))
    if options.onlooker is not None:
        options.onlooker.check()
    check(status, &error)
    finish(made, classes, names, costs)
    return made


cdef str families_told(const sy_families *families):
    cdef char *text = NULL
    cdef sy_error error
    check(sy_report_families(families, &text, &error), &error)
    return taken(text)


cdef dict families_dict(const sy_families *families):
    cdef size_t i
    cdef const sy_family_trial *trial
    tried = {}
    for i in range(families.n):
        trial = &families.trials[i]
        tried[sy_study_family_name(trial.family).decode()] = {
            "trouble": trial.trouble.decode("utf-8", "replace"), "value": trial.value,
            "log_loss": trial.metrics.log_loss, "average_cost": trial.metrics.average_cost,
            "difference": trial.difference, "low": trial.low, "high": trial.high,
            "seconds": trial.seconds} if trial.judged else {
            "trouble": trial.trouble.decode("utf-8", "replace")}
    kept = families.trials[families.chosen].family
    return {"chosen": sy_study_family_name(kept).decode(), "by": families.measure.decode(),
            "greater_is_better": bool(families.greater_is_better), "rows": families.rows,
            "tried": tried}


cdef int finish(CoreStudy made, classes, names, Costs costs) except -1:
    """Hands the model and the reviews to objects of their own."""
    cdef sy_error error
    made.costs = costs
    made.model = core_model(made.study.model)
    check(sy_messages_check(made.study.messages, &error), &error)
    rule = None if made.model.expressions else made.model.cost
    made.train = review_of(&made.study.train, classes, names, costs, rule)
    if made.study.test.n_ways:
        made.test = review_of(&made.study.test, classes, names, costs, rule)
    return 0
