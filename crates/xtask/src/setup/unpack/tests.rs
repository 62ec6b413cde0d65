use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;

const HELLO: &str = "hello\n";
/// `printf 'hello\n' | openssl sha256 -binary | basenc --base64url`, unpadded.
const HELLO_SHA: &str = "WJG1tSLV3whtD_CxEPvZ0hu0_HFjrzTQgoai6Eb2vgM";

/// A wheel with `files` whose RECORD is `record`.
fn wheel(folder: &Path, files: &[(&str, &str)], record: &str) -> PathBuf {
    let path = folder.join("a-1-py3-none-any.whl");
    let mut zip = ZipWriter::new(File::create(&path).unwrap());
    let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, content) in files.iter().chain(&[("a-1.dist-info/RECORD", record)]) {
        zip.start_file(*name, stored.unix_permissions(0o755)).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap();
    path
}

fn unpack(path: &Path, picks: &[Pick], into: &Path) -> Result<(), Failure> {
    WheelFile::open(path)?.unpack(picks, into, &ProgressBar::hidden())
}

#[test]
fn record_lines() {
    let record = parse_record(
        "a/b.so,sha256=abc,12\r\n\"a/c,d.h\",sha256=def,3\na-1.dist-info/RECORD,,\nnonsense\n",
    );
    assert_eq!(record.len(), 2);
    assert_eq!(record["a/b.so"], ("abc".to_owned(), 12));
    assert_eq!(record["a/c,d.h"], ("def".to_owned(), 3));
}

#[test]
fn picks_match_files_and_folders() {
    const PICKS: &[Pick] = &[("a/lib/x.so", "lib/x.so"), ("a/include/", "include/")];
    let to = |name: &str| destination(name, PICKS);
    assert_eq!(to("a/lib/x.so"), Some((0, "lib/x.so".to_owned())));
    assert_eq!(to("a/lib/x.so.1"), None);
    assert_eq!(to("a/include/c/d.h"), Some((1, "include/c/d.h".to_owned())));
    assert_eq!(to("a/include/"), None);
    assert_eq!(to("b/include/d.h"), None);
}

#[test]
fn unpacks_what_was_picked() {
    let folder = tempfile::tempdir().unwrap();
    let record = format!("a/x,sha256={HELLO_SHA},6\na/d/y,sha256={HELLO_SHA},6\n");
    let path = wheel(folder.path(), &[("a/x", HELLO), ("a/d/y", HELLO), ("a/z", "no")], &record);
    let picks: &[Pick] = &[("a/x", "lib/x"), ("a/d/", "d/")];
    assert_eq!(WheelFile::open(&path).unwrap().unpacked_size(picks), 12);
    let into = folder.path().join("out");
    unpack(&path, picks, &into).unwrap();
    assert_eq!(fs::read_to_string(into.join("lib/x")).unwrap(), HELLO);
    assert_eq!(fs::read_to_string(into.join("d/y")).unwrap(), HELLO);
    assert!(!into.join("z").exists());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(into.join("lib/x")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o755);
    }
}

#[test]
fn refuses_what_record_does_not_vouch_for() {
    let folder = tempfile::tempdir().unwrap();
    let good = format!("a/x,sha256={HELLO_SHA},6\n");
    let short = format!("a/x,sha256={HELLO_SHA},5\n");
    let cases: [(&str, &str, &[Pick], &str); 6] = [
        ("a/x", &good, &[("a/x", "x")], ""),
        ("a/x", &short, &[("a/x", "x")], "differs from RECORD"),
        ("a/x", "a/x,sha256=AAAA,6\n", &[("a/x", "x")], "differs from RECORD"),
        ("a/x", "", &[("a/x", "x")], "not in RECORD"),
        ("a/x", &good, &[("a/y", "y")], "contains no a/y"),
        ("a/../../x", &format!("a/../../x,sha256={HELLO_SHA},6\n"), &[("a/", "")], "a/../../x"),
    ];
    for (name, record, picks, expected) in cases {
        let path = wheel(folder.path(), &[(name, HELLO)], record);
        match unpack(&path, picks, &folder.path().join("out")) {
            Ok(()) => assert_eq!(expected, ""),
            Err(failure) => {
                let shown = failure.to_string();
                assert!(!expected.is_empty() && shown.contains(expected), "{shown}");
            }
        }
    }
    fs::write(folder.path().join("cut.whl"), b"PK\x03\x04 cut off").unwrap();
    assert!(WheelFile::open(&folder.path().join("cut.whl")).is_err());
}
