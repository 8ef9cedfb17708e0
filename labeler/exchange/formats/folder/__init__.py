"""A folder of images on this machine, in the ImageFolder layout (see parsing/imagefolder.py)."""
