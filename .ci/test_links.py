"""python3 -m unittest discover .ci"""

import tempfile
import unittest
from pathlib import Path

from links import dead_links


class DeadLinks(unittest.TestCase):
    def check(self, page, readme, expected):
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder).resolve()
            book = root / "docs" / "book"
            book.mkdir(parents=True)
            (book / "other.html").write_text('<h2 id="here">Here</h2>')
            (book / "plot.svg").write_text("<svg/>")
            (book / "page.html").write_text(page)
            (root / "code.rs").write_text("")
            (root / "chapter.md").write_text("# One chapter\n")
            (root / "README.md").write_text(readme)
            found = [(link, wrong) for _, link, wrong in dead_links(root)]
            self.assertEqual(found, expected)

    def test_what_is_there_is_not_reported(self):
        page = (
            '<h1 id="top">Top</h1><a href="#top"></a><a href="other.html#here"></a>'
            '<img src="plot.svg"><a href="../../code.rs"></a>'
            '<a href="https://example.org/nowhere"></a>'
        )
        readme = "# A title\n[code](code.rs) [above](#a-title) [there](chapter.md#one-chapter)\n```\n[x](y)\n```\n"
        self.check(page, readme, [])

    def test_each_dead_link_is_reported(self):
        page = (
            '<a href="#nowhere"></a><a href="missing.html"></a>'
            '<a href="other.html#there"></a><img src="missing.svg">'
            '<a href="../../missing.rs"></a>'
        )
        readme = "[code](missing.rs) [above](#b-title) [there](chapter.md#two)"
        expected = [
            ("#nowhere", "no such anchor"),
            ("missing.html", "no such file"),
            ("other.html#there", "no such anchor"),
            ("missing.svg", "no such file"),
            ("../../missing.rs", "no such file"),
            ("missing.rs", "no such file"),
            ("#b-title", "no such anchor"),
            ("chapter.md#two", "no such anchor"),
        ]
        self.check(page, readme, expected)

    def test_a_book_without_pages_is_reported(self):
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            (root / "README.md").write_text("")
            self.assertEqual(len(list(dead_links(root))), 1)


if __name__ == "__main__":
    unittest.main()
