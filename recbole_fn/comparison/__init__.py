"""Compares variants under equal conditions: the same data, split, seeds and evaluation.

A variant is a name and a few keys over a configuration that all variants share
(`variants.VARIANTS`). Each (data set, model, variant, seed) is a job. A job runs in its own
process, so its peak memory is its own. Files of the output folder:

`common.yaml`: the keys of the property files, by which a later call recognises the comparison.
`comparison.json`: the jobs of the last call (`results.comparison_file.ComparisonFile`).
`jobs/<data set>-<model>-<variant>-<seed>.json`: a finished job (`results.job_result.JobResult`).
`jobs/<the same>.npz`: the ranks of its test targets (`results.target_ranks.TargetRanks`).
`jobs/<the same>.log`: the log of a job, of its last process.
`jobs/checkpoints/<the same>.pth`, `-last.pth`: its best and last checkpoint, from which it goes on.
`jobs/checkpoints/<the same>-uni100.pth`: its best weights in a further ranking (`BestWeights`).
`jobs/checkpoints/<the same>.json`: its epochs so far (`epoch_notes.EpochNotes`).
`jobs/<the same>.status.json`: the progress of a job (`status`), while it runs.
`.lock`: locked while a comparison runs in the folder.
`comparison.csv`: a line for each (data set, model, variant, metric), see `results.statistics.Row`.
`comparison.md`, `report.html`: the same to read, see `recbole_fn.report`.

The split does not depend on the seed: RecBole splits sequential data in time order alone, and
refuses random splits (`order: RO`).
"""
