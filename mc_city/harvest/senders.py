"""Whose world it is: the class and a pupil's code, from the name of its file. A name that could be
a child's is never taken."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from mc_city.harvest.built import Sender

CLASS = re.compile(
    r"(?:klass|class|åk|ak|grupp|group)[ _-]?([0-9]{1,2}(?:[ _-]?[a-zåäö])?|[a-zåäö])|"
    r"([0-9]{1,2}[a-zåäö]|f)",
    re.IGNORECASE,
)
"""`klass4b`, `åk 5`, `grupp-c`, `4b`: nothing that is called like a child."""
PUPIL = re.compile(
    r"(?:elev|pupil|par|pair|grupp|group|lag|team)?[ _-]?([a-zåäö]?[0-9]{1,4}[a-zåäö]?)",
    re.IGNORECASE,
)
"""`07`, `elev 12`, `a3`: a number, with a letter at most."""
BETWEEN = re.compile(r"[ _.,;()\[\]–-]+")


def _class_of(text: str) -> str:
    """The class that a whole word or name of a folder means; empty where it means none."""
    found = CLASS.fullmatch(text)
    return (found[1] or found[2]).lower().strip(" _-") if found else ""


def _words(path: Path) -> list[str]:
    return [word for word in BETWEEN.split(path.stem if path.is_file() else path.name) if word]


def _runs(words: Sequence[str]) -> list[tuple[int, int, str]]:
    """Single words and pairs of neighbours, pairs first: where each begins and ends, and how it
    reads."""
    pairs = [(at, at + 2, "".join(words[at : at + 2])) for at in range(len(words) - 1)]
    return pairs + [(at, at + 1, word) for at, word in enumerate(words)]


def sender_of(path: Path) -> Sender:
    """The sender that a file's name says: `klass4b/07.mcworld`, `4b_07.zip`, `klass 5a – elev
    3.mcworld`. What is neither a class nor a code is left out."""
    words = _words(path)
    school_class = ""
    for begin, end, text in _runs(words):
        if school_class := _class_of(text):
            # No code lies across what said the class.
            words[begin:end] = ["/"]
            break
    school_class = school_class or _class_of(path.resolve().parent.name)
    codes = [found[1].lower() for _, _, text in _runs(words) if (found := PUPIL.fullmatch(text))]
    return Sender(school_class=school_class, pupil=codes[0] if codes else "", file=path.name)


def senders_of(paths: Sequence[Path]) -> list[Sender]:
    """The sender of each world; those without a code, and those whose code another one of the class
    has, are numbered: `n1`, `n2` …"""
    found: list[Sender] = []
    taken: set[tuple[str, str]] = set()
    number = 0
    for path in paths:
        sender = sender_of(path)
        if not sender.pupil or (sender.school_class, sender.pupil) in taken:
            number += 1
            sender = Sender(school_class=sender.school_class, pupil=f"n{number}", file=sender.file)
        taken.add((sender.school_class, sender.pupil))
        found.append(sender)
    return found
