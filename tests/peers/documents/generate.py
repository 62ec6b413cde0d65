#!/usr/bin/env python3
"""Makes the PDF fixtures of ner-align-documents, each with another producer, and their texts.

    python3 tests/peers/documents/generate.py [NAME...]

fills fixtures/pdf with NAME.pdf and NAME.txt. The text is what went into the file, in reading order.
Needs: libreoffice-writer, chromium, ghostscript, groff, qpdf, librsvg2-bin, pango1.0-tools,
texlive-latex-recommended, texlive-xetex, fonts-dejavu-core, fonts-ipafont-gothic, and from PyPI
reportlab, fpdf2, python-docx, pillow. A run with other versions gives other bytes; look at the
comparison in docs/documents.md before they are committed.
"""

import html
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from texts import (ABSTRACT, ACCENTS, AUTHORS, CJK, CONTACT, GREEK, HEBREW, JOBS, NAME, PROFILE, SCAN, SKILLS,
                   TITLE, abstract, resume)

OUT = Path(__file__).resolve().parents[3] / "fixtures" / "pdf"
DEJAVU = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"
GOTHIC = "IPAGothic"
os.environ["SOURCE_DATE_EPOCH"] = "1735689600"
os.environ["FORCE_SOURCE_DATE"] = "1"


def run(*command, **options):
    subprocess.run([str(part) for part in command], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, **options)


def save(made, name, text):
    shutil.copyfile(made, OUT / f"{name}.pdf")
    (OUT / f"{name}.txt").write_text(text + "\n", encoding="utf-8")


def office(document, name, text, folder):
    path = folder / f"{name}.docx"
    document.save(path)
    run("soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to",
        "pdf", "--outdir", folder, path)
    save(folder / f"{name}.pdf", name, text)


def writer_resume(folder):
    """LibreOffice Writer: one column, list items, right tabs and a table."""
    from docx import Document
    from docx.enum.text import WD_TAB_ALIGNMENT
    from docx.shared import Cm
    document = Document()
    document.add_heading(NAME, 0)
    document.add_paragraph(CONTACT)
    document.add_paragraph(PROFILE)
    document.add_heading("Experience", 1)
    for title, years, points in JOBS:
        line = document.add_paragraph(f"{title}\t{years}")
        line.paragraph_format.tab_stops.add_tab_stop(Cm(15), WD_TAB_ALIGNMENT.RIGHT)
        for point in points:
            document.add_paragraph(point, style="List Bullet")
    document.add_heading("Skills", 1)
    table = document.add_table(rows=0, cols=2)
    for kind, what in SKILLS:
        cells = table.add_row().cells
        cells[0].text, cells[1].text = kind, what
    office(document, "writer-resume", resume(), folder)


def writer_columns(folder):
    """A Word document of two justified columns, printed by LibreOffice."""
    from docx import Document
    from docx.enum.section import WD_SECTION
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml.ns import qn
    document = Document()
    document.add_heading(TITLE, 0)
    document.add_paragraph(AUTHORS)
    section = document.add_section(WD_SECTION.CONTINUOUS)
    section._sectPr.xpath("./w:cols")[0].set(qn("w:num"), "2")
    for text in ABSTRACT:
        document.add_paragraph(text).alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
    office(document, "writer-columns", abstract(), folder)


def tex(engine, name, head, folder):
    body = "\n\n".join(ABSTRACT).replace("&", r"\&")
    source = (f"\\documentclass[twocolumn,10pt]{{article}}\n{head}\n\\pagestyle{{empty}}"
              f"\\setlength\\textheight{{26\\baselineskip}}\n"
              f"\\title{{\\normalsize {TITLE}}}\n\\author{{\\normalsize {AUTHORS}}}\n\\date{{}}\n\\begin{{document}}\n"
              f"\\maketitle\\thispagestyle{{empty}}\n{body}\n\\end{{document}}\n")
    (folder / f"{name}.tex").write_text(source, encoding="utf-8")
    run(engine, "-interaction=nonstopmode", f"{name}.tex", cwd=folder)
    save(folder / f"{name}.pdf", name, abstract())


def pdflatex_columns(folder):
    """pdfTeX: two columns, ligatures, hyphenation, Type 1 fonts without ToUnicode."""
    tex("pdflatex", "pdflatex-columns", "", folder)


def xelatex_columns(folder):
    """XeTeX: the same with OpenType fonts."""
    tex("xelatex", "xelatex-columns", r"\usepackage{fontspec}", folder)


def pdflatex_accents(folder):
    """pdfTeX with the old encoding: accents are glyphs of their own above their letters."""
    (folder / "accents.tex").write_text(
        f"\\documentclass{{article}}\\pagestyle{{empty}}\\begin{{document}}\n{ACCENTS}\n"
        "\\end{document}\n", encoding="utf-8")
    run("pdflatex", "-interaction=nonstopmode", "accents.tex", cwd=folder)
    save(folder / "accents.pdf", "pdflatex-accents", ACCENTS)


def page_of(body, style):
    return (f"<!DOCTYPE html><meta charset=utf-8><style>body {{ font: 11pt 'DejaVu Serif' }} "
            f"h1, h2, b {{ font-weight: normal }} {style}</style>{body}")


def chromium(name, body, style, text, folder):
    path = folder / f"{name}.html"
    path.write_text(page_of(body, style), encoding="utf-8")
    run("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer",
        f"--user-data-dir={folder}/chromium", f"--print-to-pdf={folder}/{name}.pdf", path)
    save(folder / f"{name}.pdf", name, text)


def chromium_resume(folder):
    """Skia by Chromium: list markers, flexible rows, a table."""
    parts = [f"<h1>{NAME}</h1><p>{CONTACT}<p>{PROFILE}<h2>Experience</h2>"]
    for title, years, points in JOBS:
        items = "".join(f"<li>{html.escape(point)}" for point in points)
        parts.append(f"<div class=job><b>{title}</b><span>{years}</span></div><ul>{items}</ul>")
    rows = "".join(f"<tr><td>{kind}<td>{what}" for kind, what in SKILLS)
    parts.append(f"<h2>Skills</h2><table>{rows}</table>")
    style = ".job { display: flex; justify-content: space-between } td { padding: 0 3em 0 0 }"
    # List markers are drawn as shapes.
    chromium("chromium-resume", "".join(parts), style, resume(bullet=""), folder)


def chromium_columns(folder):
    """Skia by Chromium: two columns beneath a title."""
    body = "".join(f"<p>{html.escape(text)}" for text in ABSTRACT)
    style = ("div { columns: 2; column-gap: 2em; text-align: justify; hyphens: auto } "
             "h1, h1 + p { text-align: center } p { margin: 0 0 1em }")
    body = f"<html lang=en><h1>{TITLE}</h1><p>{AUTHORS}</p><div>{body}</div>"
    chromium("chromium-columns", body, style, abstract(), folder)


def chromium_japanese(folder):
    """Composite fonts with two-byte codes: Japanese."""
    body = "".join(f"<p>{text}" for text in CJK)
    style = f"body {{ font: 14pt {GOTHIC}; width: 9cm }}"
    chromium("chromium-japanese", body, style, "\n\n".join(CJK), folder)


def chromium_hebrew(folder):
    """Text from right to left with a number in it."""
    style = "body { font: 14pt 'DejaVu Sans'; width: 9cm }"
    body = f"<html dir=rtl><p>{HEBREW}"
    chromium("chromium-hebrew", body, style, HEBREW, folder)


def roff(device, folder):
    body = "\n".join(f".PP\n{text}" for text in ABSTRACT)
    source = f".pl 14c\n.TL\n{TITLE}\n.AU\n{AUTHORS}\n.2C\n{body}\n"
    made = folder / f"roff.{device}"
    with made.open("wb") as out:
        # A footer would have a date.
        subprocess.run(["groff", "-k", "-ms", "-rFAM=T", "-P-pa4", f"-T{device}"], check=True,
                       input=f".ds CF\n.ds CH\n{source}".encode(), stdout=out,
                       stderr=subprocess.DEVNULL)
    return made


def groff_columns(folder):
    """groff -Tpdf: two columns, hyphenation, standard fonts that are not embedded."""
    save(roff("pdf", folder), "groff-columns", abstract())


def ghostscript_columns(folder):
    """Ghostscript: PostScript of groff, distilled."""
    run("ps2pdf", roff("ps", folder), folder / "gs.pdf")
    save(folder / "gs.pdf", "ghostscript-columns", abstract())


def cairo_resume(folder):
    """cairo by librsvg: a résumé with a column at its side; each line placed by hand."""
    left = ["Skills"] + [line for kind, what in SKILLS for line in (kind, what)]
    right = ["Experience"]
    for title, years, _ in JOBS:
        right += [title, years]
    rows = [f'<text x="40" y="50" font-size="22">{NAME}</text>',
            f'<text x="40" y="72" font-size="10">{CONTACT}</text>']
    for x, pitch, lines in ((40, 17, left), (260, 24, right)):
        rows += [f'<text x="{x}" y="{110 + pitch * row}" font-size="11">{line}</text>'
                 for row, line in enumerate(lines)]
    (folder / "cairo.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="595" height="400" '
        f'font-family="DejaVu Sans">{"".join(rows)}</svg>', encoding="utf-8")
    run("rsvg-convert", "-f", "pdf", "-o", folder / "cairo.pdf", folder / "cairo.svg")
    save(folder / "cairo.pdf", "cairo-resume", "\n\n".join([NAME, CONTACT, *left, *right]))


def pango_article(folder):
    """cairo by Pango: justified lines of one column, DejaVu with kerning."""
    (folder / "pango.txt").write_text("\n\n".join(ABSTRACT), encoding="utf-8")
    run("pango-view", "--no-display", "--font=DejaVu Serif 11", "--width=440", "--justify",
        "--margin=40", f"--output={folder}/pango.pdf", folder / "pango.txt")
    save(folder / "pango.pdf", "pango-article", "\n\n".join(ABSTRACT))


def reportlab_columns(folder):
    """ReportLab: two frames, standard fonts that are not embedded, no compression of streams."""
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate, Paragraph
    styles = getSampleStyleSheet()
    made = folder / "reportlab.pdf"
    document = BaseDocTemplate(str(made), pagesize=A4, invariant=1)
    width, height = A4
    frames = [Frame(50, height - 140, width - 100, 100),
              Frame(50, 60, 235, height - 210), Frame(width - 285, 60, 235, height - 210)]
    document.addPageTemplates(PageTemplate(frames=frames))
    from reportlab.platypus import FrameBreak
    body = [Paragraph(html.escape(text), styles["BodyText"]) for text in ABSTRACT]
    document.build([Paragraph(TITLE, styles["Title"]), Paragraph(AUTHORS, styles["BodyText"]),
                    FrameBreak(), *body[:2], FrameBreak(), *body[2:]])
    save(made, "reportlab-columns", abstract())


def reportlab_landscape(folder):
    """A page whose content is turned and that is turned back when it is shown."""
    from reportlab.pdfgen.canvas import Canvas
    made = folder / "landscape.pdf"
    # It swaps the sides of the page itself.
    canvas = Canvas(str(made), pagesize=(400, 300), invariant=1)
    canvas.setPageRotation(90)
    canvas.translate(300, 0)
    canvas.rotate(90)
    canvas.setFont("Times-Roman", 12)
    for row, text in enumerate([NAME, CONTACT]):
        canvas.drawString(40, 250 - 40 * row, text)
    canvas.save()
    save(made, "reportlab-landscape", f"{NAME}\n\n{CONTACT}")


def fpdf_greek(folder):
    """fpdf2: a subset of a TrueType font with a ToUnicode table; Greek and Cyrillic."""
    import datetime
    from fpdf import FPDF
    document = FPDF()
    document.set_creation_date(datetime.datetime(2025, 1, 1, tzinfo=datetime.timezone.utc))
    document.add_page()
    document.add_font("DejaVu", fname=DEJAVU)
    document.set_font("DejaVu", size=14)
    for text in GREEK:
        document.multi_cell(100, 8, text, align="L", new_x="LMARGIN", new_y="NEXT")
        document.ln(8)
    document.output(str(folder / "fpdf.pdf"))
    save(folder / "fpdf.pdf", "fpdf-greek", "\n\n".join(GREEK))


def scan(folder):
    """A page that is a picture."""
    from PIL import Image, ImageDraw
    image = Image.new("1", (620, 877), 1)
    ImageDraw.Draw(image).text((60, 80), SCAN, fill=0)
    image.save(folder / "scan.pdf", resolution=75)
    save(folder / "scan.pdf", "scan", "")


def derived(folder):
    """qpdf: encrypted, opened by its owner's password only, turned, packed, mixed with a scan."""
    source = OUT / "reportlab-columns.pdf"
    text = (OUT / "reportlab-columns.txt").read_text(encoding="utf-8").rstrip("\n")
    fixed = ["--deterministic-id"]
    secret = ["--encrypt", "secret", "owner", "256", "--", "--static-id", "--static-aes-iv"]
    open_ = ["--encrypt", "", "owner", "256", "--", "--static-id", "--static-aes-iv"]
    greek = OUT / "fpdf-greek.pdf"
    for name, arguments, expected in [
        ("encrypted", [source, *secret], ""),
        ("owner-password", [source, *open_], text),
        ("rotated", [source, *fixed, "--rotate=+90"], text),
        ("packed", [source, *fixed, "--object-streams=generate", "--linearize"], text),
        ("scan-and-text", [*fixed, "--empty", "--pages", OUT / "scan.pdf", greek, OUT / "scan.pdf",
                           "--"], "\n\n".join(GREEK)),
    ]:
        run("qpdf", *arguments, folder / f"{name}.pdf")
        save(folder / f"{name}.pdf", name, expected)


MAKERS = [writer_resume, writer_columns, pdflatex_columns, pdflatex_accents, xelatex_columns,
          chromium_resume,
          chromium_columns, chromium_japanese, chromium_hebrew, groff_columns, ghostscript_columns,
          cairo_resume, pango_article, reportlab_columns, reportlab_landscape, fpdf_greek, scan, derived]


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    asked = {name.replace("-", "_") for name in sys.argv[1:]}
    for maker in MAKERS:
        if asked and maker.__name__ not in asked:
            continue
        with tempfile.TemporaryDirectory() as folder:
            maker(Path(folder))
        print(maker.__name__)


if __name__ == "__main__":
    main()
