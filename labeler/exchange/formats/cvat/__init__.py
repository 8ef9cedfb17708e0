"""CVAT for images 1.1: one XML file that lists pictures with their boxes, outlines and tags, beside the pictures.

Numbers are pixels from the top left. A turned box is an outline in a polygons project, as is an upright one, and is
left out where boxes are asked for, unless it is turned by right angles. In a boxes project an outline becomes the box
around it. Where a project asks for classes of the picture, its tags are the label.

Note: what is neither (lines, points, ellipses, cuboids, skeletons, masks) is left out and counted by its
kind, as are attributes and groups. CVAT lists every picture of a task, so one without any object counts as one where
nothing is to be seen; without any tag it has no label, as no class says "none".
"""

from labeler.exchange.formats.base import Format
from labeler.exchange.formats.cvat.read import READER

FORMAT = Format(reader=READER)
