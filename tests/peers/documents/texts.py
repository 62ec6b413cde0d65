"""The texts of the PDF fixtures, written for them, and what is expected of each.

Expected text has the form that the crate promises: paragraphs separated by a blank line, lines that
are no continuation by a line end, columns of a row by a tab.
"""

NAME = "Mina Okafor-Lindqvist"
CONTACT = "Gothenburg · mina@example.org · +46 31 000 00 00"
PROFILE = (
    "Computational linguist who makes workflows for difficult offices: nine years of building "
    "tools that find people, firms and places in official files. Fluent in Python and Rust; at "
    "home with naïve questions, café tables and the archives of Łódź, Zürich and São Paulo."
)
JOBS = [
    ("Staff Engineer, Fjord Analytics AS", "2019–2024",
     ["Led five people who read 4,000 contracts a day for Norsk Kraft.",
      "Cut the error rate of address fields from 9.5 % to 2.1 %, first in staging and then, after "
      "a month of careful checks, in the offices of every customer."]),
    ("Researcher, University of Tartu", "2015–2019",
     ["Wrote the affix tables of a tagger for Estonian and Võro.",
      "Taught “Finding Names” to three classes of twenty."]),
]
SKILLS = [("Languages", "English, Swedish, Igbo"), ("Software", "Rust, Python, PostgreSQL"),
          ("Methods", "annotation, active learning")]

TITLE = "Counting Words That Nobody Wrote"
AUTHORS = "Tomas Affleck and Ifeoma Sandoval"
ABSTRACT = [
    "Text that comes out of a printed page is not the text that went in. A line ends where the "
    "paper ends, a word is broken in two, and a pair of letters becomes one glyph. We study how "
    "often a reader of such files finds a word that nobody wrote, and how often it loses one. The "
    "effect is small for a single page but significant for an archive: five wrong words in a "
    "thousand make a different index.",
    "Our first finding concerns the order of columns. A program that reads across the gap joins "
    "the halves of unrelated sentences, and every name near the edge is at risk. The second "
    "finding is about well-known compounds: a hyphen at the end of a line may belong to the word "
    "or to the typesetter, and only the letter that follows can tell.",
    "We collected files from the University of Ibadan, the Office of Public Works in Dublin and "
    "the publisher Kessler & Figueira. Each was made by a different program. We then compared the "
    "words with those of the author, one by one. Baffling differences were sent to Sofia Griffin, "
    "who kept the official list.",
    "The results are sufficient for a simple rule. Columns are found by the empty space between "
    "them, lines by their common base, and paragraphs by the distance of lines. Where two rules "
    "conflict, the narrower gap wins. We thank the staff of the reading room for their efficient "
    "help, and Rafael Ofili for the figures.",
]
SCAN = "This page was put on glass and photographed."
CJK = [
    "山田花子は東京大学で言語学を学び、二〇一五年に京都の研究所へ移りました。",
    "彼女の仕事は、古い手紙から人の名前と場所を見つけることです。",
]
ACCENTS = (
    "Zoë Müller, Pál Erdős, Karel Čapek, Anders Ångström and François Dvořák met in São Tomé; "
    "the naïve señor Ibáñez came from Orléans."
)
HEBREW = "עדה כהן כתבה בשנת 1843 מאמר על מנועים, והוא נדפס בלונדון אצל המוציא טיילור ובנו."
GREEK = [
    "Η Ελένη Παπαδάκη εργάζεται στην Αθήνα και γράφει για το φως των νησιών.",
    "Анна Вольская живёт в Саратове и преподаёт физику в школе № 12.",
]


def resume(bullet="•"):
    """The résumé: name, contact, profile, jobs with a date at the right, skills as a table."""
    blocks = [NAME, CONTACT, PROFILE, "Experience"]
    for title, years, points in JOBS:
        blocks.append(f"{title}\t{years}")
        blocks += [f"{bullet} {point}".strip() for point in points]
    blocks.append("Skills")
    blocks += [f"{kind}\t{what}" for kind, what in SKILLS]
    return "\n\n".join(blocks)


def abstract():
    """The article: title, authors, paragraphs."""
    return "\n\n".join([TITLE, AUTHORS, *ABSTRACT])
