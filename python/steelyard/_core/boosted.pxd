# Boosted trees: the options they are grown by.
from libc.stdint cimport uint64_t

from steelyard._core.base cimport sy_error, sy_status
from steelyard._core.losses cimport sy_loss_options

cdef extern from "<steelyard/fit.h>" nogil:
    ctypedef enum sy_grow_policy:
        pass

    sy_status sy_grow_policy_parse(const char *text, sy_grow_policy *policy, sy_error *error)
    const char *sy_grow_policy_name(sy_grow_policy policy)

    ctypedef struct sy_boosted_options:
        int rounds
        int early_stopping_rounds
        double learning_rate
        int max_depth
        int max_leaves
        sy_grow_policy grow_policy
        double min_child_weight
        double gamma
        double reg_lambda
        double reg_alpha
        double max_delta_step
        double subsample
        double colsample_bytree
        double colsample_bylevel
        double colsample_bynode
        int max_bin
        const sy_loss_options *loss

    sy_boosted_options sy_boosted_options_default()
    sy_status sy_boosted_options_check(const sy_boosted_options *options, sy_error *error)
    const char *sy_xgboost_version()
    sy_status sy_xgboost_locate(const char *path, sy_error *error)


# How trees are grown, and what the options point to.
cdef class BoostedOptions:
    cdef sy_boosted_options options
    cdef sy_loss_options loss
    cdef bytes parts
