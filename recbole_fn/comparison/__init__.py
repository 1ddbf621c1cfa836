"""Compares variants under equal conditions: the same data, split, seeds and evaluation.

A variant is a name and a few keys over a configuration that all variants share
(`variants.VARIANTS`). Each (data set, model, variant, seed) is a job in a process of its own, so
its peak memory is its own. What a job leaves in the output folder, and all that a report needs, is:

`common.yaml`: the keys of the property files, by which a later call recognises the comparison.

`jobs/<data set>-<model>-<variant>-<seed>.json`, there once the job has finished:

    dataset, model, variant, seed    what the job is
    keys                         keys over `common.yaml` that it was given: the command line's, the
                                 variant's, the seed, and what all variants share
    config                       RecBole's final configuration, every key
    valid, test                  {metric: value}, of the best validation (rounded as
                                 `metric_decimal_place` says) and of the test (not rounded)
    valid_metric                 the metric that validation scores are, such as "ndcg@10"
    best_epoch, epochs           from 0; and the number of epochs trained
    extraction_started           the epoch, from 0; null if it never did
    seconds_per_epoch            mean over the epochs, training alone, without validation
    seconds                      of the whole job, data and evaluation included
    peak_memory_bytes            of the process, Python and all packages included
    peak_gpu_memory_bytes        of PyTorch on the GPU; null without one
    num_parameters               trainable numbers of the model, without a teacher
    history                      for each epoch {"epoch", "seconds", "train_loss" (RecBole's: the
                                 sum over batches), "valid_score" (null where not validated),
                                 "extraction": null or {"hard", "flipped", "flipped_share",
                                 "base_loss", "consistency_loss"}, see `EpochReport.figures`}
    training_set                 a hash of its rows: equal for all variants of a data set and a seed
    ranks                        name of the file of ranks beside it; null where RecBole samples
                                 candidates by itself (`mode: uni100`)
    extracted                    what extraction has found by the end of training; null where it
                                 never started. Pairs are of a training row and an item:
                                 {"visits": pairs by the number of visits in which the row
                                 remembered the item, from 0,
                                 "popularity": {"interactions", "flipped", "hard"}: users' items in
                                 training, flipped pairs, and pairs that are only hard, by tenths
                                 of the catalogue, the most popular items first,
                                 "held_out": {"flipped", "hard"}, each a `HeldOutShare`,
                                 "examples": of a few users {"user", "history", "flipped",
                                 "valid", "test"}, tokens; of the history the last ones, of the
                                 flipped items the most often remembered ones}

`jobs/<the same>.npz`: `users` and `items` (tokens of the data set), `ranks` (1 is the best,
1 + items scored higher than the target), `history_lengths` (items that the model is shown) and
`popularity` (users who have had the item in training), a row for each test row, of equal length;
and `recommended`, for each item of the catalogue in how many lists of the best
`ranks.LIST_LENGTH` items of a test row it is.

`jobs/<the same>.log`: all that the job said; of a job that failed it is all there is.

`jobs/<the same>.status.json`: what the job is doing (`status`), there while it runs.

`.lock`: locked while a comparison runs in the folder.

`comparison.json`: {"baseline", "notes", "jobs"}: what the last call compared, the jobs by name.

`comparison.csv`: `tables.COLUMNS`, a row for each (data set, model, variant, metric).
`comparison.md`: the same as tables to read.
`report.html`: all of it as a page, see `recbole_fn.report`.

The split does not depend on the seed: RecBole splits sequential data in time order alone, and
refuses random splits (`order: RO`) of it.
"""
