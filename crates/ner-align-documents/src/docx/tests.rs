//! Word documents made of XML here; those of real programs are in `tests/`.

use std::io::Write;

use crate::error::{DocumentsError, Limit};
use crate::{DocumentKind, ExtractOptions};

const TYPES: &str = r#"<Types>
<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>
<Override PartName="/word/header1.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.header+xml"/>
<Override PartName="/word/header2.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.header+xml"/>
<Override PartName="/word/footnotes.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"/>
</Types>"#;

/// An archive of files that are stored without compression.
fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let mut writer = zip::ZipWriter::new(&mut bytes);
    let options =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, content) in files {
        writer.start_file(*name, options).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap();
    bytes.into_inner()
}

fn document(body: &str) -> Vec<u8> {
    let xml = format!("<w:document><w:body>{body}</w:body></w:document>");
    let types = TYPES.lines().filter(|line| !line.contains("header") && !line.contains("foot"));
    let types = types.collect::<Vec<_>>().join("\n");
    archive(&[("[Content_Types].xml", types.as_bytes()), ("word/document.xml", xml.as_bytes())])
}

fn extract(bytes: &[u8]) -> Result<String, DocumentsError> {
    super::extract(bytes, &ExtractOptions::default()).map(|found| found.text)
}

/// A paragraph with one run.
fn p(content: &str) -> String {
    format!("<w:p><w:r>{content}</w:r></w:p>")
}

#[test]
fn text_of_bodies() {
    let item =
        |text: &str| format!("<w:p><w:pPr><w:numPr/></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>");
    let cell = |content: &str| format!("<w:tc><w:tcPr/>{content}</w:tc>");
    let a = p("<w:t>a</w:t>");
    let b = p("<w:t>b</w:t>");
    let row = format!("<w:tr>{}{}</w:tr>", cell(&format!("{a}{b}")), cell(&a));
    for (body, expected) in [
        (format!("{a}<w:p/>{b}"), "a\n\nb"),
        (p("<w:t xml:space=\"preserve\">a  b </w:t><w:t>c &amp; &#233;&lt;&unknown;</w:t>"), "a b c & é<"),
        (
            p("<w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t><w:noBreakHyphen/><w:t>d</w:t>"),
            "a\tb\nc-d",
        ),
        ("<w:p><w:pPr><w:tabs><w:tab w:val=\"left\"/></w:tabs></w:pPr><w:r><w:t>a</w:t></w:r></w:p>".into(), "a"),
        (format!("{a}{}{}{b}", item("x"), item("y")), "a\n\nx\ny\n\nb"),
        (format!("{a}<w:tbl><w:tblPr/>{row}{row}</w:tbl>{b}"), "a\n\na\nb\ta\na\nb\ta\n\nb"),
        (
            "<w:p><w:del><w:r><w:delText>gone</w:delText><w:t>too</w:t></w:r></w:del><w:ins><w:r><w:t>new</w:t></w:r></w:ins></w:p>".into(),
            "new",
        ),
        (
            "<w:p><w:pPr><w:rPr><w:del w:id=\"1\"/></w:rPr></w:pPr><w:r><w:t>kept</w:t></w:r></w:p>".into(),
            "kept",
        ),
        (
            format!("{}{}", p("<w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t>"), p("<w:rPr><w:vanish w:val=\"0\"/></w:rPr><w:t>shown</w:t>")),
            "shown",
        ),
        (p("<w:instrText>PAGE</w:instrText><w:t>3</w:t>"), "3"),
        (
            p(&format!("<w:t>x</w:t><mc:AlternateContent><mc:Choice><w:txbxContent>{a}</w:txbxContent></mc:Choice><mc:Fallback><w:txbxContent>{a}</w:txbxContent></mc:Fallback></mc:AlternateContent><w:t>y</w:t>")),
            "x\n\na\n\ny",
        ),
        (String::new(), ""),
    ] {
        assert_eq!(extract(&document(&body)).unwrap(), expected, "{body}");
    }
}

#[test]
fn parts_in_their_order() {
    let part = |text: &str| format!("<w:x>{}</w:x>", p(&format!("<w:t>{text}</w:t>")));
    let files = [
        ("[Content_Types].xml", TYPES.to_owned()),
        ("word/footnotes.xml", part("note")),
        ("word/document.xml", part("body")),
        ("word/header2.xml", part("head")),
        ("word/header1.xml", part("head")),
        ("word/comments.xml", part("comment")),
    ];
    let files: Vec<_> = files.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
    let bytes = archive(&files);
    assert_eq!(extract(&bytes).unwrap(), "head\n\nbody\n\nnote");
    assert_eq!(DocumentKind::sniff(&bytes), Some(DocumentKind::Docx));
}

#[test]
fn what_is_no_document() {
    let mut encrypted = vec![0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];
    let old = encrypted.clone();
    encrypted.extend("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes));
    let unclosed = document("<w:p>");
    let truncated = &unclosed[..unclosed.len() - 30];
    let other = archive(&[("[Content_Types].xml", b"<Types/>")]);
    for (bytes, expected) in [
        (encrypted.as_slice(), "expected a document that opens without a password"),
        (&old, "expected a docx file, found an Office file from before 2007"),
        (b"PK\x03\x04", "expected a docx file, found"),
        (truncated, "expected a docx file, found"),
        (&unclosed, "expected word/document.xml in a docx file, found"),
        (&archive(&[("a", b"b")]), "expected [Content_Types].xml in a docx file, found"),
        (&other, "expected a docx file, found an archive without a document"),
    ] {
        let error = extract(bytes).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    }
}

#[test]
fn bombs_end_at_the_limits() {
    let bytes = document(&p("<w:t>a</w:t>").repeat(50));
    let small = ExtractOptions::default().with_max_unpacked(1000);
    let error = super::extract(&bytes, &small).unwrap_err();
    assert_eq!(error, DocumentsError::too_large(Limit::Unpacked, 1000_u64));
    let small = ExtractOptions::default().with_max_text(20);
    let error = super::extract(&bytes, &small).unwrap_err();
    assert_eq!(error, DocumentsError::too_large(Limit::Text, 20_u64));
    // A declared entity is not expanded, and depth costs no stack.
    let bomb = "<!DOCTYPE a [<!ENTITY b \"&c;&c;\"><!ENTITY c \"lol\">]>";
    let xml = format!("{bomb}<w:p><w:r><w:t>&b;x</w:t></w:r></w:p>");
    let types = TYPES.as_bytes();
    let files = [("[Content_Types].xml", types), ("word/document.xml", xml.as_bytes())];
    assert!(extract(&archive(&files)).is_err(), "its header is missing");
    let depth = 100_000;
    let nested = "<w:tbl><w:tr><w:tc>".repeat(depth) + &"</w:tc></w:tr></w:tbl>".repeat(depth);
    assert_eq!(extract(&document(&nested)).unwrap(), "");
}
