"""Items whose right answer is known, and items that a person is asked twice: mixed in without a sign, never votes."""
