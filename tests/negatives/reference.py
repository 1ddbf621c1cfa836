"""What samplers draw, as naive loops over rows and items; nothing is shared with the package."""

import math


def popularity_shares(counts, left_out, alpha):
    """The probability of each item as a draw of a row that leaves some out."""
    weights = {
        item: max(count, 1) ** alpha
        for item, count in enumerate(counts)
        if item > 0 and item not in left_out
    }
    total = sum(weights.values())
    return {item: weight / total for item, weight in weights.items()}


def batch_share(counts, left_out, item):
    """The share of an item among the targets of training that a row does not leave out."""
    return counts[item] / sum(n for other, n in enumerate(counts) if other not in left_out)


def corrected_loss(target, negatives, shares):
    """The loss of arXiv 2507.09331: the probability of an error, times a loss without the target.

    `-(1 - P) * log(exp s_p / sum_n exp(s_n - log q'(n)))`, with q' the chance of an item that is
    not the target, and P from the same draws.
    """
    scaled = [score - math.log(share) for score, share in zip(negatives, shares, strict=True)]
    others = sum(score.exp() for score in scaled)
    probability = target.exp() / (target.exp() + others / len(scaled))
    return -(1 - probability.detach()) * (target - others.log())


class Queue:
    """First in, first out."""

    def __init__(self, size):
        self.size, self.items = size, []

    def push(self, targets):
        for target in targets:
            self.items.append(target)
            if len(self.items) > self.size:
                self.items.pop(0)
