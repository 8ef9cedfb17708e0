"""Second opinions: an item goes to somebody who never saw it, who is shown neither label nor suggestion."""
