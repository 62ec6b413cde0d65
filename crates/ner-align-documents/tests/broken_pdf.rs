//! Broken and crafted PDFs end in a text or an error, within their time.

#![cfg(feature = "pdf")]
#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

use std::fs;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use flate2::{Compression, write::ZlibEncoder};
use ner_align_documents::{DocumentKind, DocumentsError, ExtractOptions, ExtractedText, extract};

const DEADLINE: Duration = Duration::from_secs(4);
/// What the machine may add to the time of an extraction while it is busy.
const SLACK: Duration = Duration::from_secs(20);

fn outcome(name: &str, bytes: &[u8]) -> Result<ExtractedText, DocumentsError> {
    let options = ExtractOptions::default().with_deadline(DEADLINE).with_max_unpacked(64 << 20);
    let start = Instant::now();
    let result = extract(bytes, DocumentKind::Pdf, &options);
    assert!(start.elapsed() < DEADLINE + SLACK, "{name}: {:?}", start.elapsed());
    if let Err(error) = &result {
        let text = error.to_string();
        assert!(!text.contains('\n') && text.len() < 500, "{name}: {text}");
        assert!(!matches!(error, DocumentsError::Crashed { .. }), "{name}: {text}");
    }
    result
}

fn fixture(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/pdf");
    fs::read(folder.join(format!("{name}.pdf"))).unwrap()
}

/// Numbers by a fixed rule (xorshift), so that a failure comes again.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }
}

/// Objects 1, 2, … with a table that says where they are. Object 1 is the catalog.
fn pdf(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut file = b"%PDF-1.7\n".to_vec();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (index, object) in objects.iter().enumerate() {
        table.push_str(&format!("{:010} 00000 n \n", file.len()));
        file.extend(format!("{} 0 obj\n", index + 1).into_bytes());
        file.extend(object);
        file.extend(b"\nendobj\n");
    }
    let start = file.len();
    let size = objects.len() + 1;
    file.extend(table.into_bytes());
    file.extend(format!("trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n").bytes());
    file.extend(b"%%EOF\n");
    file
}

fn stream(dictionary: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("<< /Length {} {dictionary} >> stream\n", body.len());
    [head.as_bytes(), body, b"\nendstream"].concat()
}

fn packed(body: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

const CATALOG: &str = "<< /Type /Catalog /Pages 2 0 R >>";
const PAGES: &str = "<< /Type /Pages /Kids [3 0 R] /Count 1 >>";
const FONT: &str = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>";

/// A page (object 3) with this dictionary and content, and more objects from 5 on.
fn page(dictionary: &str, content: Vec<u8>, more: &[&str]) -> Vec<u8> {
    let page = format!(
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] /Contents 4 0 R {dictionary} >>"
    );
    let mut objects = vec![CATALOG.into(), PAGES.into(), page.into_bytes(), content];
    objects.extend(more.iter().map(|object| object.as_bytes().to_vec()));
    pdf(&objects)
}

fn with_font(content: &[u8]) -> Vec<u8> {
    page("/Resources << /Font << /F 5 0 R >> >>", stream("", content), &[FONT])
}

#[test]
fn the_frame_of_these_files_is_sound() {
    let file = with_font(b"BT /F 12 Tf 20 200 Td (Ada wrote) Tj ET");
    assert_eq!(outcome("sound", &file).unwrap().text, "Ada wrote");
}

#[test]
fn truncated_files() {
    for name in ["groff-columns", "packed", "fpdf-greek", "writer-resume"] {
        let file = fixture(name);
        for part in 1..8 {
            let _ = outcome(&format!("{name}, {part}/8"), &file[..file.len() * part / 8]);
        }
    }
    for head in ["", "%PDF-", "%PDF-1.7", "%PDF-1.7\n%%EOF"] {
        assert!(outcome(head, head.as_bytes()).is_err(), "{head}");
    }
}

#[test]
fn flipped_bytes() {
    let mut numbers = Numbers(0x5EED);
    for name in
        ["reportlab-columns", "packed", "owner-password", "pdflatex-columns", "cairo-resume"]
    {
        let file = fixture(name);
        for round in 0..12 {
            let mut file = file.clone();
            for _ in 0..1 << (round / 2) {
                let at = numbers.below(file.len());
                file[at] = numbers.below(256) as u8;
            }
            let _ = outcome(&format!("{name}, round {round}"), &file);
        }
    }
}

#[test]
fn damaged_tables() {
    let sound = fixture("reportlab-columns");
    let text = String::from_utf8_lossy(&sound).into_owned();
    let words = outcome("sound", &sound).unwrap().text;
    let replaced = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        text.replace(from, to).into_bytes()
    };
    // The file is read although its table of objects is wrong.
    for (name, file) in [
        ("start of the table", replaced("startxref\n", "startxref\n99")),
        ("no start", replaced("startxref\n", "")),
        ("no table", replaced("xref\n0 ", "xxxx\n0 ")),
        ("junk before", [b"junk ".repeat(100), sound].concat()),
        ("count of pages", replaced("/Count 1", "/Count 2000000000")),
    ] {
        assert_eq!(outcome(name, &file).map(|document| document.text), Ok(words.clone()), "{name}");
    }
    for (name, file) in [
        ("no pages", replaced("/Pages", "/Xages")),
        ("no root", replaced("/Root", "/Xoot")),
        ("no objects", replaced(" 0 obj", " 0 xbj")),
        ("lengths", replaced("/Length ", "/Length 9999")),
    ] {
        let _ = outcome(name, &file);
    }
}

#[test]
fn loops() {
    let kids = |kids: &str| {
        let pages = format!("<< /Type /Pages /Kids [{kids}] /Count 9 /Parent 2 0 R >>");
        pdf(&[CATALOG.into(), pages.into_bytes()])
    };
    for (name, file) in [
        ("pages in themselves", kids("2 0 R 2 0 R")),
        ("catalog as a page", kids("1 0 R")),
        ("no such page", kids("77 0 R")),
        ("content is the page", page("/Contents 3 0 R", b"3 0 R".to_vec(), &[])),
        ("reference to itself", page("", b"4 0 R".to_vec(), &[])),
        (
            "length is the stream",
            page("", b"<< /Length 4 0 R >> stream\nBT ET\nendstream".to_vec(), &[]),
        ),
    ] {
        assert!(outcome(name, &file).is_err(), "{name}");
    }
    let call = b"BT /F 9 Tf 9 9 Td (Ada) Tj ET /X Do /X Do";
    let form = "/Type /XObject /Subtype /Form /BBox [0 0 300 300]";
    let resources = "/Resources << /Font << /F 5 0 R >> /XObject << /X 6 0 R >> >>";
    let own = String::from_utf8(stream(&format!("{form} {resources}"), call)).unwrap();
    let _ = outcome("form in itself", &page(resources, stream("", call), &[FONT, &own]));
    // Each form draws the next one twenty times.
    let mut forms = vec![FONT.to_owned()];
    for next in 7..27 {
        let resources = format!("/Resources << /XObject << /X {next} 0 R >> >>");
        let body = stream(&format!("{form} {resources}"), &b"/X Do 0 0 m 9 9 l S ".repeat(20));
        forms.push(String::from_utf8(body).unwrap());
    }
    let forms: Vec<&str> = forms.iter().map(String::as_str).collect();
    let error = outcome("many forms", &page(resources, stream("", call), &forms)).unwrap_err();
    assert_eq!(error, DocumentsError::TooSlow { deadline: DEADLINE });
}

#[test]
fn bombs() {
    let zeros = packed(&vec![b' '; 100 << 20]);
    let filter = "/Filter /FlateDecode";
    let error = outcome("content", &page("", stream(filter, &zeros), &[])).unwrap_err();
    assert!(matches!(error, DocumentsError::TooLarge { .. }), "{error}");
    let twice = stream("/Filter [/FlateDecode /FlateDecode]", &packed(&zeros));
    let error = outcome("packed twice", &page("", twice, &[])).unwrap_err();
    assert!(matches!(error, DocumentsError::TooLarge { .. }), "{error}");
    let words = b"BT /F 1 Tf 9 9 Td (Ada wrote) Tj ET ".repeat(200_000);
    let font = "/Resources << /Font << /F 5 0 R >> >>";
    let file = page(font, stream(filter, &packed(&words)), &[FONT]);
    let _ = outcome("the same words again", &file);
    let mut many = b"BT /F 1 Tf 1 0 0 1 9 9 Tm ".to_vec();
    for line in 0..200_000 {
        many.extend(format!("1 0 0 1 {} {} Tm (Ada) Tj ", line % 290, line / 700).bytes());
    }
    let _ =
        outcome("words all over the page", &page(font, stream(filter, &packed(&many)), &[FONT]));
}

#[test]
fn deep_nesting() {
    for (name, body) in [
        ("arrays", b"[".repeat(200_000)),
        ("dictionaries", b"<< /A ".repeat(200_000)),
        ("strings", [b"(".repeat(200_000), b")".repeat(200_000)].concat()),
        ("states", b"q ".repeat(500_000)),
        ("texts", b"BT ".repeat(500_000)),
        ("marks", b"/P << /MCID 0 >> BDC ".repeat(100_000)),
    ] {
        let _ = outcome(name, &with_font(&body));
        let _ = outcome(name, &page("", body, &[]));
    }
}

#[test]
fn odd_values() {
    let text = "BT /F 12 Tf 20 200 Td (Ada) Tj ET";
    for (name, dictionary) in [
        ("empty box", "/MediaBox [0 0 0 0]"),
        ("huge box", "/MediaBox [-1e38 -1e38 1e38 1e38]"),
        ("words as a box", "/MediaBox [/a /b /c /d]"),
        ("odd rotation", "/Rotate 45"),
        ("huge rotation", "/Rotate 99999999999999999999"),
        ("box elsewhere", "/CropBox [5000 5000 6000 6000]"),
    ] {
        let dictionary = format!("{dictionary} /Resources << /Font << /F 5 0 R >> >>");
        let file = page(&dictionary, stream("", text.as_bytes()), &[FONT]);
        let _ = outcome(name, &file);
    }
    for content in [
        "BT /F 0 Tf 20 200 Td (Ada) Tj ET",
        "BT /F -12 Tf 20 200 Td (Ada) Tj ET",
        "BT /F 1e30 Tf 20 200 Td (Ada) Tj ET",
        "BT /F 12 Tf 1e38 1e38 Td (Ada) Tj ET",
        "BT /F 12 Tf 0 0 0 0 20 200 Tm (Ada) Tj ET",
        "BT /F 12 Tf 20 200 Td 1e30 Tc 1e30 Tw 0 Tz (A d a) Tj ET",
        "BT /G 12 Tf 20 200 Td (\\377\\376 Ada) Tj ET",
        "BI /W 99999 /H 99999 /BPC 8 /CS /RGB ID xx",
        "BT /F 12 Tf [(A) 1e30 (d) -1e30 (a)] TJ ET",
        "BT (Ada) Tj",
    ] {
        let _ = outcome(content, &with_font(content.as_bytes()));
    }
}

#[test]
fn odd_fonts() {
    let content = stream("", b"BT /F 12 Tf 20 200 Td <0001000200030004> Tj ET");
    let font = "/Resources << /Font << /F 5 0 R >> >>";
    let composite = "<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding /Identity-H \
                     /DescendantFonts [6 0 R]";
    let descendant = "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /X /CIDSystemInfo \
                      << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /W [0 60000 500] >>";
    let range = "1 begincodespacerange <0000> <FFFF> endcodespacerange 1 beginbfrange \
                 <0000> <FFFF> <0041> endbfrange 1 beginbfrange <0000> <FFFFFFFF> [<0041>] endbfrange";
    let range = String::from_utf8(stream("", range.as_bytes())).unwrap();
    let itself = "<< /Type /Font /Subtype /Type0 /DescendantFonts [5 0 R] /ToUnicode 5 0 R >>";
    let of_pages = "<< /Type /Font /Subtype /Type3 /FontBBox [0 0 1 1] /FontMatrix [1 0 0 1 0 0] \
                    /FirstChar 0 /LastChar 9 /Widths [1 1 1 1 1 1 1 1 1 1] /CharProcs << /a 4 0 R >> \
                    /Encoding << /Differences [0 /a /a /a /a /a] >> \
                    /Resources << /Font << /F 5 0 R >> >> >>";
    let plain = format!("{composite} >>");
    let mapped = format!("{composite} /ToUnicode 7 0 R >>");
    for (name, objects) in [
        ("no table of letters", vec![plain.as_str(), descendant]),
        ("huge ranges", vec![mapped.as_str(), descendant, range.as_str()]),
        ("a font in itself", vec![itself]),
        ("a glyph draws itself", vec![of_pages]),
        ("no font", vec!["null"]),
    ] {
        let _ = outcome(name, &page(font, content.clone(), &objects));
    }
}
