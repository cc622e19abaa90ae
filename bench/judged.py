"""What probabilities of unseen rows are worth: for the row `quality`."""

import numpy

LEAST = 1e-15  # of a probability, so that no log-loss is infinite
FIGURES = ("log-loss", "AP", "cost 5:1", "cost 1/share")


def figures(probabilities, actual, shares, rare):
    """The figures above of (n, K) probabilities.

    actual: (n) classes; shares: (K) of the classes in training; rare: (K) whether a class is. AP is
    the average precision of the rarer of two classes, else the mean over the classes judged. A
    mistake costs 5 in a row of a rare class and 1 in others; or 1 / (K share) of the row's class.
    Decided by least expected cost.
    """
    own = probabilities[numpy.arange(len(actual)), actual]
    prices = numpy.where(rare, 5.0, 1.0), 1 / (len(shares) * shares)
    costs = [paid(probabilities, actual, price) for price in prices]
    return -numpy.log(numpy.maximum(own, LEAST)).mean(), precision(probabilities, actual, shares), \
        *costs


def paid(probabilities, actual, price):
    """Average cost where a mistake in a row of class k costs price[k]."""
    said = (probabilities * price).argmax(1)
    return (price[actual] * (said != actual)).mean()


def precision(probabilities, actual, shares):
    """Average precision, see above."""
    from sklearn.metrics import average_precision_score

    classes = [int(shares.argmin())] if len(shares) == 2 else numpy.unique(actual)
    return numpy.mean([average_precision_score(actual == k, probabilities[:, k])
                       for k in classes])
