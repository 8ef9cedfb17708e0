"""Audits: start one, see how far it is, decide what differs, read what it found."""
