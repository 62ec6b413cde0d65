//! Pipes, sockets, devices and links among files, named or met in a folder.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;

use ner_align_corpus::io::Listing;
use ner_align_corpus::{ErrorKind, Format, ReadOptions, open, read_names};

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// Paths below a folder, with `/` between their names.
fn names(folder: &Path, listing: &Listing) -> Vec<String> {
    let short =
        |path: &std::path::PathBuf| path.strip_prefix(folder).unwrap_or(path).display().to_string();
    listing.corpora.iter().map(short).collect()
}

/// A pipe that nobody writes: to open it would wait for ever.
fn pipe(path: &Path) {
    let made = std::process::Command::new("mkfifo").arg(path).status();
    assert!(made.is_ok_and(|status| status.success()), "mkfifo");
}

#[test]
fn only_regular_files_of_a_folder_are_read() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = |name: &str| folder.path().join(name);
    fs::write(path("a.conll"), "Oslo\tB-LOC\n")?;
    pipe(&path("b.conll"));
    let _listener = UnixListener::bind(path("c.conll"))?;
    symlink("/dev/zero", path("d.conll"))?;
    let listing = Listing::of(folder.path(), None);
    assert_eq!(names(folder.path(), &listing), ["a.conll"]);
    let said: Vec<String> = listing.findings.iter().map(|f| f.message.clone()).collect();
    let found = ["a named pipe", "a socket", "a device"];
    let expected = found.map(|kind| format!("expected a regular file, found {kind}, not read"));
    assert_eq!(said, expected);
    Ok(())
}

#[test]
fn pipes_in_folders_that_are_one_corpus_are_left_out() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = |name: &str| folder.path().join(name);
    fs::write(path("a.txt"), "Oslo")?;
    fs::write(path("a.ann"), "T1\tLOC 0 4\tOslo\n")?;
    pipe(&path("b.txt"));
    pipe(&path("b.ann"));
    let mut reader = open(folder.path(), &ReadOptions::default())?;
    assert_eq!(reader.read_document()?.map(|d| d.entities().len()), Some(1));
    assert!(reader.read_document()?.is_none());
    let findings = reader.take_findings();
    let pipes = findings.iter().filter(|f| f.message.contains("found a named pipe, not read"));
    assert_eq!(pipes.count(), 2);
    Ok(())
}

#[test]
fn links_are_followed_once() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = |name: &str| folder.path().join(name);
    fs::create_dir_all(path("b/inner"))?;
    fs::write(path("b/x.conll"), "Oslo\tB-LOC\n")?;
    fs::write(path("b/inner/y.conll"), "Oslo\tB-LOC\n")?;
    // Back up, in a circle, to what has its own name, and out of the folder.
    for number in 0..4 {
        symlink(folder.path(), path(&format!("b/up{number}")))?;
    }
    symlink(path("b/inner"), path("a"))?;
    let outside = tempfile::tempdir()?;
    fs::write(outside.path().join("z.conll"), "Oslo\tB-LOC\n")?;
    symlink(outside.path(), path("c"))?;
    let listing = Listing::of(folder.path(), None);
    assert_eq!(names(folder.path(), &listing), ["b/inner/y.conll", "b/x.conll", "c/z.conll"]);
    let links = listing.findings.iter().filter(|f| f.message.contains("found a link to "));
    assert_eq!(links.count(), 5);
    Ok(())
}

#[test]
fn a_device_without_end_is_refused_at_once() -> Outcome {
    for device in ["/dev/zero", "/dev/urandom"] {
        let formats = Format::ALL.into_iter().map(Some).chain([None]);
        for format in
            formats.filter(|format| cfg!(feature = "parquet") || *format != Some(Format::Parquet))
        {
            let error = open(device, &ReadOptions::default().with_format(format)).err();
            let error = error.map(|error| (error.kind(), error.to_string()));
            let expected = format!("{device}: expected a regular file, found a device");
            assert_eq!(error, Some((ErrorKind::Input, expected)), "{format:?}");
        }
        assert!(read_names(device).is_err());
    }
    assert_eq!(read_names("/dev/null")?, [""; 0]);
    Ok(())
}
