"""Answers as sentences, figures and files; one figure grammar for page, file and paper."""
