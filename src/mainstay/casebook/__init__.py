"""One person's encrypted file: store, keys, consent."""
