"""Training in several processes: RecBole's `--nproc`, on GPUs and on CPUs.

All ranks go through the same batches in the same order, draw the same negatives and hold the same
memory. Each scores its share of a batch's rows; what comes of it is exchanged, so that the
numbers are those of one process, whatever the number of ranks.
"""
