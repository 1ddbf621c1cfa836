"""The packages this one works with: which versions, their warnings, and how Ray starts."""
