"""Made-up trials."""

from recbole_fn.tune.records import Record


def entry(epoch, score, time):
    """A validation."""
    result = {"ndcg@10": score, "recall@10": 2 * score}
    return {"epoch": epoch, "score": score, "result": result, "seconds": 1.0, "time": time}


def trial(number, scores, status="finished", **keys):
    """A trial with scores; it starts at the second of its number, and takes one for an epoch."""
    epochs = [entry(epoch, score, number + epoch + 0.5) for epoch, score in enumerate(scores)]
    done, ended = status == "finished", number + len(scores) + 0.9
    return Record(number, keys or {"x": number}, float(number), epochs, done, status, "", ended)
