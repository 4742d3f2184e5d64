"""Public files of others, where they are there: in shared/corpus beside or above the checkout."""

from pathlib import Path

_CORPUS = next(
    (p / "shared" / "corpus" for p in Path(__file__).parents if (p / "shared" / "corpus").is_dir()),
    None,
)


def corpus(kind: str) -> Path | None:
    """Return the folder of one kind of files, None where there is none."""
    return None if _CORPUS is None else _CORPUS / kind
