"""What training computes: candidate scores, losses and the teacher."""
