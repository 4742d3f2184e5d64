"""Public files of others, where they are there."""

from tests.interchange.corpus import corpus

CDISC, NONMEM = corpus("cdisc"), corpus("nonmem")
