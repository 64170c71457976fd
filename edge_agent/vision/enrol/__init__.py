"""Enrolment of one consenting person through a camera of this node. Only vectors leave this folder."""
