"""Policies, class weights, weights of positions, audits."""

from libc.stdlib cimport free

from steelyard._core.base cimport Names, View, check, lines, output, view
from steelyard._core.labels cimport (ClassCounts, Counter, LabelArray, sy_counts_classes,
                                     sy_counts_n_classes, sy_counts_n_labels)


cdef class Policy:
    """How counts become weights; made by parse, explicit or by_position."""

    def __dealloc__(self):
        sy_policy_free(self.policy)

    @staticmethod
    def parse(str text not None):
        """From the text of a policy."""
        cdef Policy made = Policy()
        cdef sy_error error
        cdef bytes written = text.encode()
        check(sy_policy_parse(written, &made.policy, &error), &error)
        return made

    @staticmethod
    def explicit(list names not None, weights, default=None):
        """Weights (n) float64 of named classes; `default` for all that are not named."""
        cdef Policy made = Policy()
        cdef Names written = Names(names, "strict")
        cdef View numbers = view(weights)
        cdef bint has_default = default is not None
        cdef sy_error error
        check(sy_policy_explicit(written.items, <const double *>numbers.data(), written.n,
                                 has_default, default if has_default else 0.0, &made.policy,
                                 &error), &error)
        return made

    @staticmethod
    def by_position(weights):
        """Weights (K) float64 in the order of the classes."""
        cdef Policy made = Policy()
        cdef View numbers = view(weights)
        cdef sy_error error
        check(sy_policy_by_position(<const double *>numbers.data(), numbers.array.shape[0],
                                    &made.policy, &error), &error)
        return made

    @property
    def text(self):
        """The policy as `parse` reads it."""
        return sy_policy_text(self.policy).decode("utf-8", "replace")

    @property
    def needs_cost(self):
        """Whether this is the policy "cost" and has no costs yet."""
        return bool(sy_policy_needs_cost(self.policy))

    def set_cost(self, cost, ClassCounts counts not None):
        """Gives the policy "cost" its (K, K) float64 costs."""
        cdef View numbers = view(cost)
        cdef sy_error error
        check(sy_policy_set_cost(self.policy, <const double *>numbers.data(),
                                 sy_counts_n_classes(counts.counts),
                                 sy_counts_classes(counts.counts), &error), &error)


cdef sy_normalize normalize_of(str normalize) except *:
    cdef sy_normalize parsed = SY_NORMALIZE_NONE
    cdef sy_error error
    cdef bytes text
    if normalize is not None:
        text = normalize.encode()
        check(sy_normalize_parse(text, &parsed, &error), &error)
    return parsed


def weigh(Policy policy not None, str normalize, ClassCounts counts not None, weights):
    """Writes class weights into `weights`, float64 of shape (K) or (L, 2)."""
    cdef View numbers = output(weights)
    cdef sy_normalize scaling = normalize_of(normalize)
    cdef sy_error error
    check(sy_counts_weights(policy.policy, scaling, counts.counts, <double *>numbers.array.data,
                            &error), &error)


def weigh_positions(Counter counter not None, class_weights, LabelArray labels not None, weights):
    """Writes the weight of each position or cell into `weights`, float32 or float64."""
    cdef View classes = view(class_weights)
    cdef View written = output(weights)
    cdef sy_error error
    cdef sy_status status
    with nogil:
        status = sy_label_weights(counter.counter, <const double *>classes.array.data,
                                  &labels.array, <void *>written.array.data, written.array.dtype,
                                  &error)
    check(status, &error)


cdef tuple audit_row(const sy_audit_class *c):
    return c.count, c.rows, c.share, c.weight, c.weight_share


cdef dict audit_values(const sy_audit *audit):
    return {"classes": [audit_row(&audit.classes[k]) for k in range(audit.n_classes)],
            "rows": audit.rows, "weighted_rows": audit.weighted_rows,
            "imbalance_ratio": audit.imbalance_ratio, "effective_rows": audit.effective_rows}


cdef class CoreAudit:
    """The audit of class weights, as the library made it."""

    cdef sy_audit audit
    cdef sy_label_audits labels
    cdef ClassCounts counts
    cdef bytes policy

    def __init__(self, Policy policy, ClassCounts counts not None, weights):
        """`policy` None is unknown; weights are float64 of shape (K) or (L, 2)."""
        cdef View numbers = view(weights)
        cdef const sy_policy *known = NULL if policy is None else policy.policy
        cdef sy_error error
        self.counts = counts
        self.policy = b"given weights" if policy is None else sy_policy_text(known)
        if sy_counts_n_labels(counts.counts) > 0:
            check(sy_label_audits_make(known, counts.counts, <const double *>numbers.data(),
                                       &self.labels, &error), &error)
        else:
            check(sy_audit_make(known, sy_counts_classes(counts.counts), counts.counts,
                                <const double *>numbers.data(),
                                sy_counts_n_classes(counts.counts), &self.audit, &error), &error)

    def __dealloc__(self):
        sy_audit_clear(&self.audit)
        sy_label_audits_clear(&self.labels)

    @property
    def warnings(self):
        """Lines of what is suspicious."""
        if sy_counts_n_labels(self.counts.counts) > 0:
            return lines(self.labels.warnings)
        return lines(self.audit.warnings)

    def values(self):
        """Its numbers as a dict; of several labels a row, a list of one for each."""
        if sy_counts_n_labels(self.counts.counts) == 0:
            return audit_values(&self.audit)
        return [audit_values(&self.labels.labels[l]) for l in range(self.labels.n_labels)]

    def text(self):
        """The audit as a table."""
        cdef char *text = NULL
        cdef sy_error error
        if sy_counts_n_labels(self.counts.counts) > 0:
            check(sy_report_label_audits(self.counts.counts, &self.labels, self.policy, &text,
                                         &error), &error)
        else:
            check(sy_report_audit(self.counts.counts, &self.audit, self.policy,
                                  sy_counts_classes(self.counts.counts), &text, &error), &error)
        try:
            return text.decode("utf-8", "replace")
        finally:
            free(text)
