"""Checks the links of the built book and of README: pages, anchors, images, files.

python3 .ci/links.py ROOT prints each dead link, and fails if there is one. Links to
other hosts are not followed.
"""

import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


class Page(HTMLParser):
    """The anchors of a page, and the links that leave from it."""

    def __init__(self, text):
        super().__init__()
        self.anchors = set()
        self.links = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name == "id" or (tag == "a" and name == "name"):
                self.anchors.add(value)
            elif name in ("href", "src") and value is not None:
                self.links.append(value)


def dead_links(root):
    """Yields the file that a dead link is in, the link, and what is wrong with it."""
    book = root / "docs" / "book"
    # The page of all chapters repeats what they have, and the page for a missing page
    # has links from the root of a site.
    pages = {
        path: Page(path.read_text(encoding="utf-8"))
        for path in sorted(book.rglob("*.html"))
        if path.name not in ("print.html", "404.html", "toc.html")
    }
    if not pages:
        yield book, "", "no page there: build the book first"
    for path, page in pages.items():
        for link in page.links:
            wrong = fault_of(link, path, pages)
            if wrong:
                yield path, link, wrong
    readme = root / "README.md"
    text = readme.read_text(encoding="utf-8")
    for link in markdown_links(text):
        wrong = fault_of(link, readme, {readme: MarkdownPage(text)})
        if wrong:
            yield readme, link, wrong


def fault_of(link, source, pages):
    """What is wrong with a link that `source` has, or None."""
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return None
    target = source
    if parts.path:
        # A chapter and its page are equally deep, so that a link to a file of the
        # repository leads there from both.
        target = Path(source.parent, unquote(parts.path)).resolve()
        if target.is_dir() and target / "index.html" in pages:
            target = target / "index.html"
        if not target.exists():
            return "no such file"
    if parts.fragment and target.suffix == ".md" and target not in pages:
        pages = {target: MarkdownPage(target.read_text(encoding="utf-8"))}
    if parts.fragment and target in pages:
        if unquote(parts.fragment) not in pages[target].anchors:
            return "no such anchor"
    return None


class MarkdownPage:
    """The anchors that the headings of a file get where it is shown."""

    def __init__(self, text):
        headings = re.findall(r"^#+ +(.*)$", without_code(text), re.MULTILINE)
        self.anchors = {
            re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
            for heading in headings
        }


def markdown_links(text):
    return re.findall(r"\]\(([^)\s]+)\)", without_code(text))


def without_code(text):
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def main():
    n_dead = 0
    root = Path(sys.argv[1]).resolve()
    for path, link, wrong in dead_links(root):
        print(f"{path.relative_to(root)}: {link}: {wrong}", file=sys.stderr)
        n_dead += 1
    return 1 if n_dead else 0


if __name__ == "__main__":
    sys.exit(main())
