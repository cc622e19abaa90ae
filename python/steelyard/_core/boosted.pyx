"""Boosted trees: the options they are grown by."""

from steelyard._core.base cimport check
from steelyard._core.losses cimport sy_loss_options_default
from steelyard._core.networks cimport read_loss


cdef class BoostedOptions:
    """Options as sy_boosted_options has them, by name; those left out are the library's own.

    grow_policy: a word. loss: a dictionary as NetworkOptions takes it, or None.
    """

    def __cinit__(self):
        self.options = sy_boosted_options_default()
        self.loss = sy_loss_options_default(0)
        self.options.loss = &self.loss

    def __init__(self, str grow_policy=None, loss=None, **others):
        cdef sy_error error
        cdef bytes word
        if grow_policy is not None:
            word = grow_policy.encode()
            check(sy_grow_policy_parse(word, &self.options.grow_policy, &error), &error)
        values = self.values()
        del values["grow_policy"]
        for name in others:
            if name not in values:
                raise TypeError(f"boosted trees have no option {name!r}")
        self.take_numbers(**{**values, **others})
        if loss is not None:
            self.parts = read_loss(&self.loss, loss)
        check(sy_boosted_options_check(&self.options, &error), &error)

    def values(self):
        """The options by name."""
        cdef sy_boosted_options *o = &self.options
        return {"rounds": o.rounds, "early_stopping_rounds": o.early_stopping_rounds,
                "learning_rate": o.learning_rate, "max_depth": o.max_depth,
                "max_leaves": o.max_leaves,
                "grow_policy": sy_grow_policy_name(o.grow_policy).decode(),
                "min_child_weight": o.min_child_weight, "gamma": o.gamma,
                "reg_lambda": o.reg_lambda, "reg_alpha": o.reg_alpha,
                "max_delta_step": o.max_delta_step, "subsample": o.subsample,
                "colsample_bytree": o.colsample_bytree, "colsample_bylevel": o.colsample_bylevel,
                "colsample_bynode": o.colsample_bynode, "max_bin": o.max_bin}

    def take_numbers(self, int rounds, int early_stopping_rounds, double learning_rate,
                     int max_depth, int max_leaves, double min_child_weight, double gamma,
                     double reg_lambda, double reg_alpha, double max_delta_step, double subsample,
                     double colsample_bytree, double colsample_bylevel, double colsample_bynode,
                     int max_bin):
        """All numbers at once."""
        cdef sy_boosted_options *o = &self.options
        o.rounds, o.early_stopping_rounds = rounds, early_stopping_rounds
        o.learning_rate, o.max_depth, o.max_leaves = learning_rate, max_depth, max_leaves
        o.min_child_weight, o.gamma = min_child_weight, gamma
        o.reg_lambda, o.reg_alpha, o.max_delta_step = reg_lambda, reg_alpha, max_delta_step
        o.subsample, o.max_bin = subsample, max_bin
        o.colsample_bytree, o.colsample_bylevel = colsample_bytree, colsample_bylevel
        o.colsample_bynode = colsample_bynode


def boosted_defaults():
    """The library's own options of boosted trees, by name."""
    return BoostedOptions().values()


def locate_xgboost(bytes path):
    """Names a further place of XGBoost's library, for where it is in none of the usual ones."""
    cdef sy_error error
    check(sy_xgboost_locate(path, &error), &error)


def xgboost_version():
    """Version of XGBoost that trees are grown with; None where there is none."""
    cdef const char *version = sy_xgboost_version()
    return None if version == NULL else version.decode()
