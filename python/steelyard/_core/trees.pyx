"""Boosted trees that are there already: those of a model, and those of a file of XGBoost's."""

from steelyard._core.base cimport Names, check, names_of
from steelyard._core.models cimport (SY_DECISION_PLAIN, CoreModel, core_model, sy_encoder,
                                     sy_encoder_n_outputs, sy_encoder_output_input, sy_model,
                                     sy_model_encoder, sy_model_new, sy_model_parts,
                                     sy_model_predictor, sy_predictor)

import numpy


cdef class XGBoostFile:
    """The bytes of a model that XGBoost saved, JSON or UBJ. FileError where they are none.

    what: what messages call it.
    """

    def __init__(self, const unsigned char[::1] content, str what):
        cdef size_t size = content.shape[0]
        cdef const void *data = &content[0] if size else NULL
        cdef Names name = names_of([what])
        cdef sy_status status
        cdef sy_error error
        self.what = what
        with nogil:
            status = sy_xgboost_model_read(data, size, name.items[0], &self.model, &error)
        check(status, &error)

    def __dealloc__(self):
        sy_xgboost_model_clear(&self.model)

    @property
    def n_classes(self):
        return self.model.n_classes

    @property
    def n_features(self):
        return self.model.n_features

    @property
    def features(self):
        """Names of the columns, or None where the file has none."""
        if self.model.features == NULL:
            return None
        return [self.model.features[j].decode() for j in range(self.n_features)]

    def to_model(self, classes, features):
        """The CoreModel of the trees, which go over to it: called once. Texts, as many as there
        are classes and features."""
        cdef Names names = names_of(classes), columns = names_of(features)
        cdef sy_encoder *encoder = NULL
        cdef sy_predictor *predictor = self.model.predictor
        cdef sy_model *model = NULL
        cdef sy_model_parts parts
        cdef sy_error error
        check(sy_encoder_raw(columns.items, columns.n, &encoder, &error), &error)
        self.model.predictor = NULL
        parts = sy_model_parts(classes=names.items, n_classes=names.n, class_weights=NULL,
                               rule=NULL, source=SY_DECISION_PLAIN,
                               positive=1 if names.n == 2 else -1, calibration=NULL,
                               trained_prior=NULL, prior=NULL)
        check(sy_model_new(encoder, predictor, &parts, &model, &error), &error)
        return core_model(model)


cdef class Counted:
    """What the nodes of a forest come to."""
    cdef size_t leaves, most_leaves
    cdef int depth


cdef Counted count_nodes(const sy_forest *forest):
    # The children of a node come after it: by the time it is looked at its depth is known.
    cdef int[::1] depths = numpy.zeros(max(forest.n_nodes, 1), numpy.int32)
    cdef Counted counted = Counted()
    cdef size_t tree, end, i, before
    for tree in range(forest.n_trees):
        end = forest.roots[tree + 1] if tree + 1 < forest.n_trees else forest.n_nodes
        before = counted.leaves
        for i in range(forest.roots[tree], end):
            if forest.nodes[i].feature == SY_TREE_LEAF:
                counted.leaves += 1
                counted.depth = max(counted.depth, depths[i])
            else:
                depths[forest.nodes[i].left] = depths[forest.nodes[i].right] = depths[i] + 1
        counted.most_leaves = max(counted.most_leaves, counted.leaves - before)
    return counted


cdef list count_splits(const sy_forest *forest, const sy_encoder *encoder):
    """Of each raw column: on its number, or on any of its texts."""
    cdef size_t i, j
    cdef long long[::1] splits = numpy.zeros(sy_encoder_n_outputs(encoder), numpy.int64)
    for i in range(forest.n_nodes):
        if forest.nodes[i].feature != SY_TREE_LEAF:
            splits[forest.nodes[i].feature] += 1
    found = {}
    for j in range(<size_t>splits.shape[0]):
        column = sy_encoder_output_input(encoder, j)
        found[column] = found.get(column, 0) + splits[j]
    return sorted(found.items())


def trees_of(CoreModel model not None):
    """How many trees, outputs (logits they add to), leaves, most_leaves (of one tree) there are,
    depth (splits above the deepest leaf) and splits ({column: number}); None of another family."""
    cdef const sy_forest *forest = sy_predictor_forest(sy_model_predictor(model.model))
    cdef Counted counted
    if forest == NULL:
        return None
    counted = count_nodes(forest)
    columns = [name for name, _ in model.inputs]
    splits = count_splits(forest, sy_model_encoder(model.model))
    return {"trees": forest.n_trees, "outputs": forest.n_outputs, "leaves": counted.leaves,
            "most_leaves": counted.most_leaves, "depth": counted.depth,
            "splits": {columns[column]: number for column, number in splits}}
