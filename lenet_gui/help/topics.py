"""What help can show: the sections of the documents and the terms of the glossary.

The documents are those of the `docs` folder, which come with the program.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from trainer.files import asset

DOCUMENTS = ("user-guide.md", "file-formats.md")
GLOSSARY = "glossary.md"
_IMAGE = re.compile(r"!\[[^\]]*\]\([^)]*\)\n?")
_LINK = re.compile(r"\[([^\]]*)\]\((?!https?://)[^)]*\)")
_CELLS = 3  # of a row of the glossary: the term, its meaning, and where it is in the code


@dataclass(frozen=True, slots=True)
class Topic:
    """Something to read."""

    title: str
    text: str  # Markdown
    term: bool = False  # of the glossary


def read_topics() -> tuple[Topic, ...]:
    """All topics, in the order of the documents, the glossary's terms last.

    Raises:
        FileNotFoundError: the documents did not come with the program.
    """
    documents = [asset(f"docs/{name}").read_text(encoding="utf-8") for name in DOCUMENTS]
    sections = [topic for text in documents for topic in split_sections(text)]
    return (*sections, *split_terms(asset(f"docs/{GLOSSARY}").read_text(encoding="utf-8")))


def split_sections(document: str) -> list[Topic]:
    """A topic for each heading of the second and third rank, without pictures and inner links.

    Args:
        document: Markdown, its headings written with "#".
    """
    topics = []
    for part in re.split(r"^(?=##)", document, flags=re.MULTILINE)[1:]:
        heading, _, text = part.partition("\n")
        text = _LINK.sub(r"\1", _IMAGE.sub("", text)).strip()
        if text:
            topics.append(Topic(heading.strip("# "), text))
    return topics


def split_terms(glossary: str) -> list[Topic]:
    """A topic for each row of the glossary's tables."""
    rows = [line.strip("| ").split("|") for line in glossary.splitlines() if line.startswith("|")]
    topics = []
    for row in rows:
        cells = [cell.strip() for cell in row]
        term = cells[0]
        if len(cells) >= _CELLS - 1 and term != "Word" and not term.startswith("-"):
            text = _LINK.sub(r"\1", "\n\n".join(cell for cell in cells[1:] if cell))
            topics.append(Topic(term, text, term=True))
    return topics


def search(topics: tuple[Topic, ...], wanted: str) -> list[Topic]:
    """The topics that have each word of `wanted`: those with one in their title come first."""
    words = wanted.casefold().split()

    def rank(topic: Topic) -> int:
        title, text = topic.title.casefold(), topic.text.casefold()
        if not all(word in title or word in text for word in words):
            return 3
        if all(word in title for word in words):
            return 0
        return 1 if any(word in title for word in words) else 2

    ranked = sorted(((rank(topic), number) for number, topic in enumerate(topics)))
    return [topics[number] for rank_, number in ranked if rank_ < 3]
