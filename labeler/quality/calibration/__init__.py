"""How far the scores of the pass can be believed: what leads decided about flags turns a score into a probability."""
