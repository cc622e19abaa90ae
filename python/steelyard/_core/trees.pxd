# Boosted trees that are there already: those of a model, and those of a file of XGBoost's.
from libc.stddef cimport size_t
from libc.stdint cimport uint32_t

from steelyard._core.base cimport sy_error, sy_status
from steelyard._core.models cimport sy_encoder, sy_predictor

cdef extern from "<steelyard/features.h>" nogil:
    sy_status sy_encoder_raw(const char *const *names, size_t n, sy_encoder **encoder,
                             sy_error *error)

cdef extern from "<steelyard/model.h>" nogil:
    ctypedef struct sy_tree_node:
        uint32_t feature
        uint32_t left
        uint32_t right

    const uint32_t SY_TREE_LEAF

    ctypedef struct sy_forest:
        size_t n_outputs
        const sy_tree_node *nodes
        size_t n_nodes
        const size_t *roots
        size_t n_trees

    const sy_forest *sy_predictor_forest(const sy_predictor *predictor)

cdef extern from "<steelyard/fit.h>" nogil:
    ctypedef struct sy_xgboost_model:
        sy_predictor *predictor
        size_t n_features
        char **features
        size_t n_classes

    sy_status sy_xgboost_model_read(const void *bytes, size_t size, const char *what,
                                    sy_xgboost_model *model, sy_error *error)
    void sy_xgboost_model_clear(sy_xgboost_model *model)


# What XGBoost saved, read, and what it is called.
cdef class XGBoostFile:
    cdef sy_xgboost_model model
    cdef readonly str what
