"""Networks: options of their training, the epochs as they go, what a trained one looks like."""

from libc.stdlib cimport calloc, free
from posix.time cimport CLOCK_MONOTONIC, clock_gettime, timespec

import numpy

from steelyard._core.base cimport check
from steelyard._core.losses cimport sy_loss_options_default
from steelyard._core.models cimport CoreModel, sy_model_predictor

from steelyard._core.losses import COST_USES

# Declared here without Cython's own look at the exception, which is to stay set.
cdef extern from "Python.h":
    int PyErr_CheckSignals()

# Steps of small networks take microseconds, and the interpreter may be another thread's: so seldom
# it is asked for (seconds).
cdef double LOOK_EVERY = 0.02

WORDS = ("activation", "norm", "optimizer", "schedule")
NUMBERS = ("dropout", "embedding_width", "learning_rate", "momentum", "weight_decay", "clip",
           "warm_up", "epochs", "batch_size", "patience", "reweight_from", "restarts")


cdef class NetworkOptions:
    """Options as sy_network_options has them, by name; those left out are the library's own.

    hidden: tuple of units. activation, norm, optimizer, schedule: words. balanced_sampling: bool.
    loss: a dictionary of parts (text or None), smoothing, cost_use and weigh_by_prediction.
    """

    def __cinit__(self):
        self.options = sy_network_options_default()
        self.loss = sy_loss_options_default(0)
        self.options.loss = &self.loss

    def __init__(self, tuple hidden=None, bint balanced_sampling=False, loss=None, **others):
        cdef sy_error error
        self.options.balanced_sampling = balanced_sampling
        if hidden is not None:
            self.read_hidden(hidden)
        self.read_words({name: others.pop(name) for name in WORDS if name in others})
        values = self.values()
        for name in others:
            if name not in NUMBERS:
                raise TypeError(f"a network has no option {name!r}")
        self.take_numbers(**{name: others.get(name, values[name]) for name in NUMBERS})
        if loss is not None:
            self.parts = read_loss(&self.loss, loss)
        check(sy_network_options_check(&self.options, &error), &error)

    def __dealloc__(self):
        free(self.hidden)

    def values(self):
        """The options by name."""
        cdef size_t i
        cdef sy_network_options *o = &self.options
        return {"hidden": tuple(o.hidden[i] for i in range(o.n_hidden)),
                "activation": sy_activation_name(o.activation).decode(),
                "norm": sy_layer_norm_name(o.norm).decode(), "dropout": o.dropout,
                "embedding_width": o.embedding_width,
                "optimizer": sy_optimizer_name(o.optimizer).decode(),
                "learning_rate": o.learning_rate, "momentum": o.momentum,
                "weight_decay": o.weight_decay, "clip": o.clip,
                "schedule": sy_schedule_name(o.schedule).decode(), "warm_up": o.warm_up,
                "epochs": o.epochs, "batch_size": o.batch_size, "patience": o.patience,
                "reweight_from": o.reweight_from,
                "balanced_sampling": bool(o.balanced_sampling), "restarts": o.restarts}

    def take_numbers(self, double dropout, size_t embedding_width, double learning_rate,
                     double momentum, double weight_decay, double clip, double warm_up, int epochs,
                     size_t batch_size, int patience, int reweight_from, int restarts):
        """All numbers at once."""
        cdef sy_network_options *o = &self.options
        o.dropout, o.embedding_width, o.learning_rate = dropout, embedding_width, learning_rate
        o.momentum, o.weight_decay, o.clip, o.warm_up = momentum, weight_decay, clip, warm_up
        o.epochs, o.batch_size, o.patience = epochs, batch_size, patience
        o.reweight_from, o.restarts = reweight_from, restarts

    cdef int read_hidden(self, tuple hidden) except -1:
        cdef size_t i, n = len(hidden)
        free(self.hidden)
        self.options.hidden = self.hidden = <size_t *>calloc(n + 1, sizeof(size_t))
        if self.hidden == NULL:
            raise MemoryError("out of memory")
        for i in range(n):
            self.hidden[i] = hidden[i]
        self.options.n_hidden = n
        return 0

    cdef int read_words(self, words) except -1:
        cdef sy_error error
        cdef bytes word
        cdef sy_network_options *o = &self.options
        for name, text in words.items():
            word = text.encode()
            if name == "activation":
                check(sy_activation_parse(word, &o.activation, &error), &error)
            elif name == "norm":
                check(sy_layer_norm_parse(word, &o.norm, &error), &error)
            elif name == "optimizer":
                check(sy_optimizer_parse(word, &o.optimizer, &error), &error)
            else:
                check(sy_schedule_parse(word, &o.schedule, &error), &error)
        return 0


cdef bytes read_loss(sy_loss_options *to, loss):
    cdef bytes parts = loss["parts"].encode() if loss["parts"] else None
    if parts is not None:
        to.parts = parts
    to.smoothing = loss["smoothing"]
    to.cost_use = COST_USES[loss["cost_use"]]
    to.weigh_by_prediction = loss["weigh_by_prediction"]
    return parts


cdef double seconds_now() noexcept nogil:
    cdef timespec time
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec + 1e-9 * time.tv_nsec


cdef bint look_for_signals(void *context) noexcept with gil:
    cdef Watch *watch = <Watch *>context
    watch.looked = seconds_now()
    # A handler's exception stays set: check() of the base hands it on once the call has ended.
    return watch.ends or PyErr_CheckSignals() != 0


cdef bint seldom(void *context, const char *stage, double fraction) noexcept nogil:
    cdef Watch *watch = <Watch *>context
    if not watch.ends and seconds_now() - watch.looked < LOOK_EVERY:
        return False
    return look_for_signals(context)


cdef class Onlooker:
    """Looks for Ctrl-C now and then, and calls `tell` with the numbers of each epoch: fit, fits,
    and then those of sy_epoch in their order. What it raises ends the training."""

    def __init__(self, tell=None):
        self.tell = tell
        self.watch.onlooker = <void *>self
        self.watch.looked = seconds_now()

    cdef sy_progress progress(self):
        cdef sy_progress made
        made.call = seldom
        made.context = &self.watch
        return made

    cdef int check(self) except -1:
        """Raises what the function that was told raised."""
        if self.raised is not None:
            raised, self.raised = self.raised, None
            raise raised
        return 0


cdef void tell_epoch(void *context, int fit, int fits, const sy_epoch *epoch) noexcept with gil:
    cdef Onlooker onlooker = <Onlooker>(<Watch *>context).onlooker
    if onlooker.tell is None or onlooker.raised is not None:
        return
    try:
        onlooker.tell(fit, fits, epoch.restart, epoch.epoch, epoch.learning_rate, epoch.loss,
                      epoch.held_loss, epoch.held_accuracy, bool(epoch.best), epoch.seconds,
                      epoch.rows_per_second, epoch.seconds_left)
    except BaseException as error:
        onlooker.raised = error
        onlooker.watch.ends = True


cdef dict result_dict(const sy_training_result *result):
    cdef size_t i, n = result.n_curve
    cdef const sy_epoch *c = result.curve
    curve = {"restart": numpy.array([c[i].restart for i in range(n)], int),
             "epoch": numpy.array([c[i].epoch for i in range(n)], int),
             "learning_rate": numpy.array([c[i].learning_rate for i in range(n)], float),
             "loss": numpy.array([c[i].loss for i in range(n)], float),
             "held_loss": numpy.array([c[i].held_loss for i in range(n)], float),
             "held_accuracy": numpy.array([c[i].held_accuracy for i in range(n)], float)}
    return {"loss": result.loss, "held_loss": result.held_loss, "epochs": result.epochs,
            "best_epoch": result.best_epoch, "steps": result.steps,
            "stopped_early": bool(result.stopped_early),
            "trouble": result.trouble.decode("utf-8", "replace"), "curve": curve}


def shape_of(CoreModel model not None):
    """What a network looks like: inputs (of its first layer), hidden, outputs, activation, norm,
    embeddings ([(encoded column, codes, width)]), members, parameters (of all of them); None of a
    model of another family."""
    cdef const sy_predictor *predictor = sy_model_predictor(model.model)
    cdef const sy_network_shape *shape = sy_predictor_shape(predictor)
    cdef const sy_embedding *embedding
    cdef size_t i, inputs
    if shape == NULL:
        return None
    inputs = shape.n_features - shape.n_embeddings
    for i in range(shape.n_embeddings):
        inputs += shape.embeddings[i].width
    members = sy_predictor_n_members(predictor)
    return {"inputs": inputs, "hidden": tuple(shape.hidden[i] for i in range(shape.n_hidden)),
            "outputs": shape.n_outputs, "activation": sy_activation_name(shape.activation).decode(),
            "norm": sy_layer_norm_name(shape.norm).decode(),
            "embeddings": [(shape.embeddings[i].column, shape.embeddings[i].n_values,
                            shape.embeddings[i].width) for i in range(shape.n_embeddings)],
            "members": members, "parameters": members * sy_network_n_parameters(shape)}


def network_defaults():
    """The library's own options of networks, by name."""
    return NetworkOptions().values()
