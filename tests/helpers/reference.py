"""False-negative training (UFNRec, arXiv 2208.04116) with dictionaries and loops, for reading.

Nothing here is shared with the package; the tests hold the package against it, visit by visit.
A row is one training instance: a history and the target that came next.
"""

import math

import torch


class ReferenceMemory:
    """What each row remembers."""

    def __init__(self, flip_after):
        self.flip_after = flip_after
        self.hard = {}  # row -> its hard negatives, distinct, in slot order
        self.counts = {}  # (row, item) -> visits in which the item was remembered

    def inject_remembered(self, row, drawn):
        """Remembered items replace the first draws; those remembered too often are flipped.

        A draw that repeats a remembered item of the row is masked: an item has one label in a row.
        """
        items, flipped = list(drawn), [False] * len(drawn)
        remembered = self.hard.get(row, [])
        for slot, item in enumerate(remembered):
            self.counts[row, item] = self.counts.get((row, item), 0) + 1
            items[slot] = item
            flipped[slot] = self.counts[row, item] > self.flip_after
        masked = [slot >= len(remembered) and item in remembered for slot, item in enumerate(items)]
        return items, flipped, masked

    def update(self, row, items, hard):
        """The row remembers the items of its hard slots, each once."""
        self.hard[row] = []
        for item, is_hard in zip(items, hard, strict=False):
            if is_hard and item not in self.hard[row]:
                self.hard[row].append(item)

    def fade(self):
        """The counts of what no row remembers now are halved, down to nothing."""
        for (row, item), count in list(self.counts.items()):
            if item not in self.hard.get(row, []):
                self.counts[row, item] = count // 2
                if count < 2:
                    del self.counts[row, item]


def bce(logit, label):
    """-label * log sigmoid(logit) - (1 - label) * log(1 - sigmoid(logit)), for one pair."""
    logit = torch.as_tensor(logit)
    return -label * log_sigmoid(logit) - (1 - label) * log_sigmoid(-logit)


def log_sigmoid(logit):
    return -torch.log1p(torch.exp(-logit)) if logit > 0 else logit - torch.log1p(torch.exp(logit))


def mine(logits, flipped, masked):
    """A slot is hard when it is strictly above the target, not flipped and not masked."""
    target, negatives = logits[0], logits[1:]
    return [
        bool(score > target) and not flip and not mask
        for score, flip, mask in zip(negatives, flipped, masked, strict=False)
    ]


def labels(flipped, taught, strategy, masked=None):
    """The label of each slot (the teacher's probability where soft), None where it is left out."""
    extracted = {
        "flip": lambda logit: 1.0,
        "soft": lambda logit: 1 / (1 + math.exp(-float(logit))),
        "drop": lambda logit: None,
    }[strategy]
    return [
        None if mask else extracted(logit) if flip else 0.0
        for flip, logit, mask in zip(
            flipped, taught, masked or [False] * len(flipped), strict=False
        )
    ]


def bce_loss(all_logits, all_labels, positive_weight=1.0):
    """Twice the mean over all pairs of all rows; the first candidate is the target, label 1."""
    terms = []
    for logits, row in zip(all_logits, all_labels, strict=False):
        for logit, label in zip(logits, [1.0, *row], strict=False):
            if label is not None:
                terms.append(positive_weight * label * bce(logit, 1) + (1 - label) * bce(logit, 0))
    return 2 * sum(terms) / len(terms)


def bpr_loss(all_logits, all_labels):
    """Each candidate as a positive against each other one as a negative, by their chances."""
    total, weights = 0.0, 0.0
    for logits, row in zip(all_logits, all_labels, strict=False):
        pairs = [(s, y) for s, y in zip(logits, [1.0, *row], strict=False) if y is not None]
        for i, (positive, is_positive) in enumerate(pairs):
            for j, (negative, label) in enumerate(pairs):
                if i != j:
                    weight = is_positive * (1 - label)
                    total -= weight * log_sigmoid(positive - negative)
                    weights += weight
    return total / weights if weights else torch.tensor(0.0)


def softmax_terms(logits, row):
    """A term and its weight for each positive; other positives are not in its denominator."""
    pairs = [(s, y) for s, y in zip(logits, [1.0, *row], strict=False) if y is not None]
    terms = []
    for i, (positive, label) in enumerate(pairs):
        if label > 0:
            others = [torch.exp(s) * (1 - y) for j, (s, y) in enumerate(pairs) if j != i]
            terms.append((torch.log(torch.exp(positive) + sum(others)) - positive, label))
    return terms


def softmax_loss(all_logits, all_labels):
    """The weighted mean of the terms of all rows."""
    terms = [
        term for pair in zip(all_logits, all_labels, strict=False) for term in softmax_terms(*pair)
    ]
    return sum(term * weight for term, weight in terms) / sum(weight for _, weight in terms)


def consistency(all_student, all_teacher, all_flipped):
    """The mean over the flipped slots; 0 if there are none. Logits here are of negatives."""
    terms = []
    for student, teacher, flipped in zip(all_student, all_teacher, all_flipped, strict=False):
        for ours, theirs, flip in zip(student, teacher, flipped, strict=False):
            if flip:
                terms.append(bce(ours, 1 / (1 + math.exp(-float(theirs)))))
    return sum(terms) / len(terms) if terms else torch.tensor(0.0)


class ReferenceTeacher:
    """A weighted mean of the student's past weights, number by number."""

    def __init__(self, weights, decay):
        self.weights, self.decay, self.steps = [list(w) for w in weights], decay, 0

    def update(self, student):
        self.steps += 1
        decay = min(self.decay, (1 + self.steps) / (10 + self.steps))
        for mine, theirs in zip(self.weights, student, strict=False):
            for i, value in enumerate(theirs):
                mine[i] += (1 - decay) * (value - mine[i])


class ReferenceRun:
    """Trains a model row by row and pair by pair, with a memory and a teacher as above.

    `score(model, row, items)` gives the logits of a row's items.
    """

    def __init__(
        self,
        model,
        teacher,
        optimizer,
        score,
        targets,
        flip_after,
        weight,
        decay,
        base_loss=bce_loss,
        strategy="flip",
        compares=False,
    ):
        self.model, self.teacher, self.optimizer, self.score = model, teacher, optimizer, score
        self.targets, self.weight, self.decay = targets, weight, decay
        self.memory = ReferenceMemory(flip_after)
        self.base_loss, self.strategy, self.compares = base_loss, strategy, compares
        self.steps, self.started, self.num_flipped, self.num_masked = 0, False, 0, 0

    def start(self):
        self.started = True
        self.teacher.load_state_dict(self.model.state_dict())

    def visit(self, rows, draws):
        """One batch: the summed loss, and the weights moved by one step."""
        all_logits, all_taught, all_flipped, all_masked = [], [], [], []
        for row, drawn in zip(rows, draws, strict=False):
            items = list(drawn)
            flipped, masked = [False] * len(drawn), [False] * len(drawn)
            if self.started:
                items, flipped, masked = self.memory.inject_remembered(row, drawn)
            logits = self.score(self.model, row, [self.targets[row], *items])
            with torch.no_grad():
                target, *taught = self.score(self.teacher, row, [self.targets[row], *items])
            if self.strategy == "soft" and self.compares:  # in a choice of two, it or the target
                taught = [logit - target for logit in taught]
            if self.started:
                self.memory.update(row, items, mine(logits, flipped, masked))
            all_logits.append(logits)
            all_taught.append(taught)
            all_flipped.append(flipped)
            all_masked.append(masked)
        self.num_flipped += sum(map(sum, all_flipped))
        self.num_masked += sum(map(sum, all_masked))
        slots = zip(all_flipped, all_taught, all_masked, strict=False)
        rows = [labels(flips, taught, self.strategy, mask) for flips, taught, mask in slots]
        loss = self.base_loss(all_logits, rows)
        if self.strategy == "flip":
            negatives = [logits[1:] for logits in all_logits]
            loss = loss + self.weight * consistency(negatives, all_taught, all_flipped)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        if self.started:
            self.move_teacher()
        return loss.item()

    def move_teacher(self):
        self.steps += 1
        decay = min(self.decay, (1 + self.steps) / (10 + self.steps))
        with torch.no_grad():
            for mine, theirs in zip(
                self.teacher.parameters(), self.model.parameters(), strict=False
            ):
                mine += (1 - decay) * (theirs - mine)
