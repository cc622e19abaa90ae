# Networks: the options of their training, what is seen of it, and what a trained one looks like.
from libc.stddef cimport size_t
from libc.stdint cimport int64_t, uint64_t

from steelyard._core.base cimport sy_error, sy_progress, sy_status
from steelyard._core.losses cimport sy_loss_options
from steelyard._core.models cimport sy_predictor

cdef extern from "<steelyard/model.h>" nogil:
    ctypedef enum sy_activation:
        pass

    ctypedef enum sy_layer_norm:
        pass

    ctypedef struct sy_embedding:
        size_t column
        size_t n_values
        size_t width

    ctypedef struct sy_network_shape:
        size_t n_features
        size_t n_outputs
        const size_t *hidden
        size_t n_hidden
        sy_activation activation
        sy_layer_norm norm
        const sy_embedding *embeddings
        size_t n_embeddings

    sy_status sy_activation_parse(const char *text, sy_activation *activation, sy_error *error)
    const char *sy_activation_name(sy_activation activation)
    sy_status sy_layer_norm_parse(const char *text, sy_layer_norm *norm, sy_error *error)
    const char *sy_layer_norm_name(sy_layer_norm norm)
    size_t sy_network_n_parameters(const sy_network_shape *shape)
    const sy_network_shape *sy_predictor_shape(const sy_predictor *predictor)
    size_t sy_predictor_n_members(const sy_predictor *predictor)

cdef extern from "<steelyard/fit.h>" nogil:
    ctypedef enum sy_optimizer:
        pass

    ctypedef enum sy_schedule:
        pass

    sy_status sy_optimizer_parse(const char *text, sy_optimizer *optimizer, sy_error *error)
    const char *sy_optimizer_name(sy_optimizer optimizer)
    sy_status sy_schedule_parse(const char *text, sy_schedule *schedule, sy_error *error)
    const char *sy_schedule_name(sy_schedule schedule)

    ctypedef struct sy_network_options:
        const size_t *hidden
        size_t n_hidden
        sy_activation activation
        sy_layer_norm norm
        double dropout
        size_t embedding_width
        sy_optimizer optimizer
        double learning_rate
        double momentum
        double weight_decay
        double clip
        sy_schedule schedule
        double warm_up
        int epochs
        size_t batch_size
        int patience
        int reweight_from
        bint balanced_sampling
        int restarts
        const sy_loss_options *loss

    sy_network_options sy_network_options_default()
    sy_status sy_network_options_check(const sy_network_options *options, sy_error *error)

    ctypedef struct sy_epoch:
        int restart
        int epoch
        double learning_rate
        double loss
        double held_loss
        double held_accuracy
        bint best
        double seconds
        double rows_per_second
        double seconds_left

    ctypedef struct sy_training_result:
        double loss
        double held_loss
        int epochs
        int best_epoch
        uint64_t steps
        bint stopped_early
        char trouble[256]
        sy_epoch *curve
        size_t n_curve


# How a network is trained, and what the options point to.
cdef class NetworkOptions:
    cdef sy_network_options options
    cdef sy_loss_options loss
    cdef size_t *hidden
    cdef bytes parts

    cdef int read_words(self, words) except -1
    cdef int read_hidden(self, tuple hidden) except -1


# Puts a loss (a dictionary of parts, smoothing, cost_use, weigh_by_prediction) into options that
# point to the bytes returned, if there are any.
cdef bytes read_loss(sy_loss_options *to, loss)


# What can be read of an Onlooker without the interpreter.
cdef struct Watch:
    void *onlooker
    bint ends      # the training is to end
    double looked  # seconds of the clock when signals were last looked for


# Who looks on while networks are trained: signals are looked for, epochs told.
cdef class Onlooker:
    cdef object tell    # called with the numbers of an epoch, or None
    cdef object raised  # what it raised, or None
    cdef Watch watch

    cdef sy_progress progress(self)
    cdef int check(self) except -1


# For sy_study_options.epoch; its context is the `watch` of an Onlooker.
cdef void tell_epoch(void *context, int fit, int fits, const sy_epoch *epoch) noexcept with gil

# How a training ended, with its curve as arrays.
cdef dict result_dict(const sy_training_result *result)
