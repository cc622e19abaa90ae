"""sy_loss_new and sy_loss_evaluate over arrays, read where they lie."""

from libc.string cimport memset

from steelyard._core.base cimport (SY_F64, View, check, output, sy_array, sy_error, sy_status,
                                   view)

BASES = {"softmax": SY_LOSS_SOFTMAX, "sigmoid": SY_LOSS_SIGMOID}
COST_USES = {None: SY_COST_UNUSED, "argmax": SY_COST_ARGMAX, "expected": SY_COST_EXPECTED}
REDUCTIONS = {
    "weighted-mean": SY_REDUCTION_WEIGHTED_MEAN,
    "sum": SY_REDUCTION_SUM,
    "mean": SY_REDUCTION_MEAN,
    "nonzero-mean": SY_REDUCTION_NONZERO_MEAN,
    "divisor": SY_REDUCTION_DIVISOR,
    "none": SY_REDUCTION_NONE,
}


def loss_parts():
    """How the parts of losses are written, each with its formula."""
    parts = {}
    while sy_loss_part_form(len(parts)) != NULL:
        form = sy_loss_part_form(len(parts)).decode()
        parts[form] = sy_loss_part_formula(len(parts)).decode()
    return parts


cdef const double *numbers(array, size_t n, str what, list held) except? NULL:
    """Where n contiguous float64 begin, or NULL for None; their view is kept in `held`."""
    cdef View seen
    if array is None:
        return NULL
    if array.size != n or not array.flags.c_contiguous:
        raise ValueError(f"{what}: {array.size} numbers of shape {array.shape}; {n} in C order "
                         "would be right")
    seen = view(array)
    if seen.array.dtype != SY_F64:
        raise ValueError(f"{what}: {array.dtype}; float64 would be right")
    held.append(seen)
    return <const double *>seen.data()


cdef bint same_layout(const sy_array *one, const sy_array *other) noexcept:
    cdef size_t axis
    if one.dtype != other.dtype or one.n_axes != other.n_axes:
        return False
    for axis in range(one.n_axes):
        if one.shape[axis] != other.shape[axis]:
            return False
        if one.strides[axis] != other.strides[axis] and one.shape[axis] > 1:
            return False
    return True


cdef View derivative(array, const sy_array *logits):
    """The view of an array that a derivative is written into."""
    cdef View seen = view(array)
    if not same_layout(&seen.array, logits):
        raise ValueError("a derivative goes into an array of the type, shape and strides of the "
                         "logits")
    return seen


cdef View room(array, View logits, size_t n):
    cdef View seen = output(array)
    if <size_t>array.size != n or seen.array.dtype != logits.array.dtype:
        raise ValueError(f"losses go into {n} numbers of the type of the logits")
    return seen


cdef class CoreLoss:
    def __init__(self, size_t n_classes, *, base="softmax", class_weights=None, slopes=None,
                 offsets=None, margins=None, double scale=1, parts=None, counts=None,
                 double smoothing=0, cost_use=None, cost=None, bint weigh_by_prediction=False,
                 reduction="weighted-mean", double divisor=0):
        cdef sy_loss_options options = sy_loss_options_default(n_classes)
        cdef sy_error error
        cdef list held = []
        cdef sy_loss *made = NULL
        cdef bytes text
        self.n_classes = n_classes
        self.sigmoid = base == "sigmoid"
        options.base = BASES[base]
        options.class_weights = numbers(class_weights, n_classes * (1 + self.sigmoid),
                                        "class weights", held)
        options.slopes = numbers(slopes, n_classes, "slopes", held)
        options.offsets = numbers(offsets, n_classes, "offsets", held)
        options.margins = numbers(margins, n_classes, "margins", held)
        options.scale = scale
        options.counts = numbers(counts, n_classes, "counts", held)
        options.smoothing = smoothing
        options.cost_use = COST_USES[cost_use]
        options.cost = numbers(cost, n_classes * n_classes, "cost", held)
        options.weigh_by_prediction = weigh_by_prediction
        options.reduction = REDUCTIONS[reduction]
        options.divisor = divisor
        if parts is not None:
            text = parts.encode()
            options.parts = text
        check(sy_loss_new(&options, &made, &error), &error)
        sy_loss_free(self.loss)
        self.loss = made

    def __dealloc__(self):
        sy_loss_free(self.loss)

    def evaluate(self, logits, labels, size_t class_axis, *, mask=None, row_weights=None,
                 ignore=None, row_costs=None, gradient=None, hessian=None, losses=None):
        """(value, total weight) of a batch; fills those of gradient, hessian and losses given.

        Labels with as many axes as the logits have their classes on an axis, others are ids.
        """
        cdef View z = view(logits), y = view(labels), m = None, w = None, c = None, out
        cdef View slope = None, curvature = None, each = None
        cdef sy_loss_batch batch
        cdef sy_loss_result result
        cdef sy_error error
        cdef sy_status status
        if self.loss == NULL:
            raise ValueError("this loss was never made")
        memset(&batch, 0, sizeof(batch))
        batch.logits = z.array
        batch.class_axis = class_axis
        batch.labels.kind = SY_LABEL_INDEX
        if y.array.n_axes == z.array.n_axes:
            batch.labels.kind = SY_LABEL_MULTI_HOT if self.sigmoid else SY_LABEL_ONE_HOT
        batch.labels.values = y.array
        batch.has_ignore = ignore is not None
        batch.ignore = ignore if batch.has_ignore else 0
        if mask is not None:
            m = view(mask)
            batch.labels.mask = &m.array
        if row_weights is not None:
            w = view(row_weights)
            batch.labels.row_weights = &w.array
        if row_costs is not None:
            c = view(row_costs)
            batch.row_costs = &c.array
        result.value = result.total_weight = 0
        result.gradient = result.hessian = result.losses = NULL
        if gradient is not None:
            slope = derivative(gradient, &z.array)
            result.gradient = <void *>slope.data()
        if hessian is not None:
            curvature = derivative(hessian, &z.array)
            result.hessian = <void *>curvature.data()
        if losses is not None:
            each = room(losses, z, logits.size // self.n_classes)
            result.losses = <void *>each.data()
        with nogil:
            status = sy_loss_evaluate(self.loss, &batch, &result, &error)
        check(status, &error)
        return result.value, result.total_weight
