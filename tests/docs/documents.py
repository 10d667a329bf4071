"""The pages of the documentation as the tests see them: text, code blocks, tables, headings."""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
MARTS = ROOT / "dbt_project" / "models" / "marts"
QUERIES = sorted((ROOT / "docs" / "queries").glob("*.sql"))
FENCE = re.compile(r"^ *```(\w*)[^\n]*\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


@dataclass(frozen=True)
class Page:
    """One Markdown file."""

    file: Path

    @property
    def name(self) -> str:
        return str(self.file.relative_to(ROOT))

    @property
    def text(self) -> str:
        return self.file.read_text(encoding="utf-8")

    @property
    def prose(self) -> str:
        """The text without code blocks."""
        return FENCE.sub("", self.text)

    def blocks(self, language: str | None = None) -> list[str]:
        """Contents of code blocks, of one language or of all."""
        found = FENCE.findall(self.text)
        return [code for kind, code in found if language is None or kind == language]

    def code(self) -> Iterator[str]:
        """Every line of code: lines of blocks (continued lines joined) and inline spans."""
        for block in self.blocks():
            yield from block.replace("\\\n", " ").splitlines()
        yield from SPAN.findall(self.prose)

    def headings(self, level: int) -> list[str]:
        return re.findall(rf"^{'#' * level} +(.+?) *$", self.prose, re.MULTILINE)

    def links(self) -> list[str]:
        return LINK.findall(self.prose)

    def anchors(self) -> set[str]:
        """Anchors of all headings, as the usual renderers form them."""
        titles = re.findall(r"^#+ +(.+?) *$", self.prose, re.MULTILINE)
        return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}

    def table(self, *header: str) -> list[list[str]]:
        """Rows of the first table whose header begins with these cells, without code marks."""
        lines = self.text.splitlines()
        for number, line in enumerate(lines):
            if line.startswith("|") and _cells(line)[: len(header)] == list(header):
                rows = []
                for row in lines[number + 2 :]:
                    if not row.startswith("|"):
                        break
                    rows.append(_cells(row))
                return rows
        raise AssertionError(f"{self.name} has no table with the header {header}")


def pages() -> list[Page]:
    """Every Markdown file that is tracked or would be, in the order of its name."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    return [Page(ROOT / name) for name in sorted(set(listed)) if (ROOT / name).exists()]


def page(name: str) -> Page:
    return Page(ROOT / name)


def public_relations() -> set[str]:
    return {file.stem for file in MARTS.glob("*/*.sql")}


def _cells(line: str) -> list[str]:
    return [cell.strip().strip("`") for cell in line.strip().strip("|").split("|")]
