"""The processes of a run: who they are, how they start, meet and bring numbers together.

All ranks go through the same batches in the same order, draw the same negatives and hold the same
memory. Each scores its shard of a batch's rows; what comes of it is exchanged, so that the numbers
are those of one process, whatever the number of ranks.
"""
