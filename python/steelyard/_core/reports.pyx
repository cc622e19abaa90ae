"""Reviews of study.h as Python objects: tables, pages, metrics."""

from libc.stdlib cimport calloc, free
from libc.string cimport memcpy, memset

import os

import numpy as np

from steelyard._core.base cimport (Names, View, check, interruptible, names_of, sy_messages_add,
                                   sy_messages_free, sy_messages_new, view)
from steelyard._core.decisions cimport doubles, doubles_of, integers, integers_of, written
from steelyard._core.metrics cimport (comparison_dict, metrics_dict, sy_evaluate_intervals,
                                      sy_metrics_clear)


cdef str taken(char *text):
    try:
        return text.decode("utf-8", "replace")
    finally:
        free(text)


cdef class CoreReview:
    def __dealloc__(self):
        sy_review_clear(&self.review)

    cdef sy_evaluation evaluation(self):
        return sy_review_evaluation(&self.review, NULL if self.costs is None else &self.costs.costs)

    @property
    def positive(self):
        """Index of the positive class of two, or -1."""
        return self.review.positive

    @property
    def priced(self):
        """Whether costs were given."""
        return bool(self.review.priced)

    @property
    def rows(self):
        """Number of rows judged, ignored ones included."""
        return self.review.rows.n

    def metrics(self):
        """The metrics of the stored way as a dictionary, see metrics_dict."""
        return metrics_dict(&self.review.ways[self.review.stored].metrics)

    def unweighted(self):
        """The same with every row counting once; None where there are no row weights."""
        return metrics_dict(&self.review.unweighted) if self.review.has_unweighted else None

    def ways(self):
        """A dictionary for each line of the decision table."""
        return [way_dict(&self.review, i) for i in range(self.review.n_ways)]

    def about(self):
        """What else the review knows, as a dictionary; what is not defined is NaN or None."""
        review = &self.review
        saving = comparison_dict(&review.saving) if review.has_saving else None
        constant = comparison_dict(&review.saving_constant) if review.priced else None
        return {"mean_probability": review.mean_probability,
                "observed_share": review.observed_share, "miss_cost": review.miss_cost,
                "saving": saving, "saving_constant": constant}

    def decisions(self):
        """(rows) class ids decided by the stored way."""
        decisions = np.empty(self.review.rows.n, np.int32)
        cdef View out = written(decisions)
        memcpy(<void *>out.data(), self.review.rows.decisions, decisions.nbytes)
        return decisions

    def text(self, heading=None):
        """The decision table, confusion and figures as text."""
        cdef bytes above = None if heading is None else heading.encode()
        cdef const char *line = NULL if heading is None else <const char *>above
        cdef char *text = NULL
        cdef sy_error error
        cdef sy_status status
        with nogil:
            status = sy_report_review(&self.review, line, self.names.items, self.names.n, &text,
                                      &error)
        check(status, &error)
        return taken(text)

    def intervals(self, int samples, uint64_t seed):
        """(lows, highs, text): 95 % bootstrap intervals of the metrics of the stored way."""
        cdef sy_evaluation rows = self.evaluation()
        cdef sy_metrics low, high
        cdef sy_progress progress = interruptible()
        cdef sy_error error
        cdef sy_status status
        with nogil:
            status = sy_evaluate_intervals(&rows, samples, seed, progress, &low, &high, &error)
        check(status, &error)
        try:
            text = self.intervals_text(&low, &high, samples)
            return metrics_dict(&low), metrics_dict(&high), text
        finally:
            sy_metrics_clear(&low)
            sy_metrics_clear(&high)

    cdef str intervals_text(self, const sy_metrics *low, const sy_metrics *high, int samples):
        cdef const sy_review *review = &self.review
        cdef char *text = NULL
        cdef sy_error error
        check(sy_report_intervals(&review.ways[review.stored].metrics, low, high, samples,
                                  review.priced, review.positive, self.names.items, &text,
                                  &error), &error)
        return taken(text)

    def infinite_rows(self):
        """(count, first): rows of probability 0 for their own class, and the first one's place."""
        cdef const sy_judged_rows *rows = &self.review.rows
        cdef size_t i, count = 0, first = 0
        for i in range(rows.n):
            if rows.ids[i] < 0 or (rows.row_weights != NULL and rows.row_weights[i] == 0):
                continue
            if rows.log_probabilities[i * rows.n_classes + rows.ids[i]] == -float("inf"):
                first = first if count else rows.rows[i]
                count += 1
        return count, first

    def page(self, title, subtitle=None, notes=()):
        """The review as one page of HTML."""
        cdef bytes heading = title.encode()
        cdef bytes below = None if subtitle is None else subtitle.encode()
        cdef View rule = doubles(self.rule)
        cdef sy_evaluation rows = self.evaluation()
        cdef sy_page page
        cdef char *html = NULL
        cdef sy_error error
        cdef sy_status status
        memset(&page, 0, sizeof(page))
        page.title = heading
        page.subtitle = NULL if subtitle is None else <const char *>below
        page.classes, page.n_classes = self.names.items, self.names.n
        page.review = &self.review
        page.rows = &rows if rows.n else NULL
        page.rule = doubles_of(rule)
        page.notes = messages_of(notes)
        try:
            with nogil:
                status = sy_report_page(&page, &html, &error)
        finally:
            sy_messages_free(<sy_messages *>page.notes)
        check(status, &error)
        return taken(html)


def write_file(path, text):
    """Writes a text whole or not at all; FileError."""
    cdef bytes name = os.fsencode(path), written_bytes = text.encode()
    cdef const char *to = name
    cdef const char *start = written_bytes
    cdef size_t size = len(written_bytes)
    cdef sy_error error
    cdef sy_status status
    with nogil:
        status = sy_file_write(to, start, size, &error)
    check(status, &error)


def compare(reviews, names, int samples, uint64_t seed):
    """(text, best, what it is best by, differences) of CoreReviews of the same rows.

    differences: of each (difference, lows, highs) as dictionaries, None of the best.
    """
    cdef CoreReview one = reviews[0]
    cdef Names called = names_of(names)
    cdef const sy_costs *costs = NULL if one.costs is None else &one.costs.costs
    cdef size_t n = len(reviews), i
    cdef sy_review *all_of_them = <sy_review *>calloc(n, sizeof(sy_review))
    cdef sy_review_comparison comparison
    cdef sy_progress progress = interruptible()
    cdef sy_error error
    cdef sy_status status
    if all_of_them == NULL:
        raise MemoryError("out of memory")
    try:
        for i in range(n):
            all_of_them[i] = (<CoreReview>reviews[i]).review
        with nogil:
            status = sy_reviews_compare(all_of_them, n, costs, samples, seed, progress, &comparison,
                                        &error)
        check(status, &error)
        try:
            return told_comparison(all_of_them, called, &comparison)
        finally:
            sy_review_comparison_clear(&comparison)
    finally:
        free(all_of_them)


cdef tuple told_comparison(const sy_review *reviews, Names names,
                           const sy_review_comparison *comparison):
    cdef char *text = NULL
    cdef sy_error error
    cdef size_t i
    measure = {SY_BY_COST: "average_cost", SY_BY_LOG_LOSS: "log_loss", SY_BY_BRIER: "brier"}
    check(sy_report_comparison(names.items, reviews, comparison, NULL, &text, &error), &error)
    differences = [None if i == comparison.best else
                   (metrics_dict(&comparison.differences[i].difference),
                    metrics_dict(&comparison.differences[i].low),
                    metrics_dict(&comparison.differences[i].high)) for i in range(comparison.n)]
    return taken(text), comparison.best, measure[comparison.measure], differences


cdef sy_messages *messages_of(object texts) except NULL:
    cdef bytes line
    cdef sy_messages *messages = sy_messages_new()
    if messages == NULL:
        raise MemoryError("out of memory")
    for text in texts:
        line = text.encode()
        sy_messages_add(messages, "%s", <const char *>line)
    return messages


cdef dict way_dict(const sy_review *review, size_t index):
    cdef const sy_way *way = &review.ways[index]
    metrics = metrics_dict(&way.metrics)
    return {"name": way.name.decode("utf-8", "replace"),
            "remark": way.remark.decode("utf-8", "replace"),
            "stored": index == review.stored,
            "flagged": way.flagged if review.positive >= 0 else float("nan"), **metrics}


cdef CoreReview review_of(sy_review *review, object classes, object names, Costs costs,
                          object rule):
    cdef CoreReview made = CoreReview.__new__(CoreReview)
    cdef const sy_judged_rows *rows
    made.review = review[0]
    memset(review, 0, sizeof(review[0]))
    made.classes, made.names = list(classes), names_of(names)
    made.rule = None if rule is None else np.ascontiguousarray(rule, np.float64)
    made.costs = costs
    if costs is not None and costs.varies:
        rows = &made.review.rows
        made.costs = Costs(costs.fixed, costs.which, copied(rows.cost_values, rows.n,
                                                            rows.n_varying))
    return made


cdef object copied(const double *values, size_t n, size_t columns):
    array = np.empty((n, columns))
    cdef View out = written(array)
    memcpy(<void *>out.data(), values, array.nbytes)
    return array


def review_scores(probabilities, logs, ids, weights, rows, classes, names, Costs costs,
                  int positive, double threshold):
    """The CoreReview of scores.

    The arrays are contiguous: probabilities and logs (n, K) float64, ids (n) int32, weights (n)
    float64 above 0 or None, rows (n) int64 places in the source or None. threshold is NaN for none.
    """
    cdef Names texts = names_of(names)
    cdef View p = doubles(probabilities), logs_view = doubles(logs), actual = integers(ids)
    cdef View weights_view = doubles(weights), places = None if rows is None else view(rows)
    cdef sy_scores scores
    cdef sy_review review
    cdef sy_error error
    cdef sy_status status
    memset(&scores, 0, sizeof(scores))
    scores.n, scores.n_classes = len(ids), texts.n
    scores.classes = texts.items
    scores.ids = integers_of(actual)
    scores.row_weights = doubles_of(weights_view)
    scores.rows = NULL if places is None else <const size_t *>places.data()
    scores.probabilities, scores.log_probabilities = doubles_of(p), doubles_of(logs_view)
    scores.costs = NULL if costs is None else &costs.costs
    scores.positive, scores.threshold = positive, threshold
    with nogil:
        status = sy_review_scores(&scores, &review, &error)
    check(status, &error)
    return review_of(&review, classes, texts, costs, rule_of_scores(costs, positive, threshold))


cdef object rule_of_scores(Costs costs, int positive, double threshold):
    """Costs by which the last of the ways decides; None where they differ by row."""
    from steelyard._core.decisions import cost_of_threshold
    if positive >= 0 and (threshold == threshold or costs is None):
        return cost_of_threshold(threshold if threshold == threshold else 0.5, positive)
    return None if costs is None or costs.varies else costs.fixed
