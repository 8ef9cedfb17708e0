"""A ZIP of images, in the ImageFolder layout (see parsing/imagefolder.py)."""
