# loss.h, and the loss object that losses.py and torch.py run.
from libc.stdint cimport int64_t

from steelyard._core.base cimport sy_array, sy_error, sy_status

cdef extern from "<steelyard/labels.h>" nogil:
    ctypedef enum sy_label_kind:
        SY_LABEL_INDEX
        SY_LABEL_ONE_HOT
        SY_LABEL_MULTI_HOT

    ctypedef struct sy_label_array:
        sy_label_kind kind
        sy_array values
        const sy_array *mask
        const sy_array *row_weights

cdef extern from "<steelyard/loss.h>" nogil:
    ctypedef enum sy_loss_base:
        SY_LOSS_SOFTMAX
        SY_LOSS_SIGMOID

    ctypedef enum sy_cost_use:
        SY_COST_UNUSED
        SY_COST_ARGMAX
        SY_COST_EXPECTED

    ctypedef enum sy_reduction:
        SY_REDUCTION_WEIGHTED_MEAN
        SY_REDUCTION_SUM
        SY_REDUCTION_MEAN
        SY_REDUCTION_NONZERO_MEAN
        SY_REDUCTION_DIVISOR
        SY_REDUCTION_NONE

    ctypedef struct sy_loss_options:
        sy_loss_base base
        size_t n_classes
        const double *class_weights
        const double *slopes
        const double *offsets
        const double *margins
        double scale
        const char *parts
        const double *counts
        double smoothing
        sy_cost_use cost_use
        const double *cost
        bint weigh_by_prediction
        sy_reduction reduction
        double divisor

    sy_loss_options sy_loss_options_default(size_t n_classes)

    ctypedef struct sy_loss:
        pass

    sy_status sy_loss_new(const sy_loss_options *options, sy_loss **loss, sy_error *error)
    void sy_loss_free(sy_loss *loss)
    const char *sy_loss_part_form(size_t index)
    const char *sy_loss_part_formula(size_t index)

    ctypedef struct sy_loss_batch:
        sy_array logits
        size_t class_axis
        sy_label_array labels
        bint has_ignore
        int64_t ignore
        const sy_array *row_costs

    ctypedef struct sy_loss_result:
        double value
        double total_weight
        void *gradient
        void *hessian
        void *losses

    sy_status sy_loss_evaluate(const sy_loss *loss, const sy_loss_batch *batch,
                               sy_loss_result *result, sy_error *error)


# A loss that was checked, over sy_loss; many threads may evaluate it at once.
cdef class CoreLoss:
    cdef sy_loss *loss
    cdef readonly size_t n_classes
    cdef readonly bint sigmoid
