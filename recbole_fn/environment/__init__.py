"""The packages this one builds on: which versions work, their warnings, and how Ray starts."""
