"""The command line: parse, call the story, render."""
