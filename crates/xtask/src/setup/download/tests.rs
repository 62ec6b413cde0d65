//! Against a stand-in for `python3 -m pip download` that writes files as pip does.
#![cfg(unix)]

use std::os::unix::fs::PermissionsExt;

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::*;

/// While one thread writes a script, a process that another starts would inherit the open file,
/// and the script could not be run.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner)
}

/// `printf abc` and its SHA-256 (FIPS 180-2).
const ABC: Wheel = Wheel {
    label: "abc",
    requirement: "abc===1",
    otherwise: "write it yourself",
    file: "abc-1-py3-none-any.whl",
    size: 3,
    sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
};

/// A program whose arguments are pip's. It finds the destination after `--dest`, as `$dest`.
fn fake_pip(folder: &Path, body: &str) -> Pip {
    let path = folder.join("python3");
    let script = format!(
        "#!/bin/sh\necho run >> '{}/runs'\nwhile [ \"$1\" != --dest ]; do shift; done\ndest=$2\n{body}\n",
        folder.display()
    );
    fs::write(&path, script).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    Pip::fake(path)
}

fn runs(folder: &Path) -> usize {
    fs::read_to_string(folder.join("runs")).map_or(0, |text| text.lines().count())
}

fn leftovers(wheels: &Path) -> usize {
    let names = fs::read_dir(wheels).unwrap().flatten().map(|entry| entry.file_name());
    names.filter(|name| name.to_string_lossy().starts_with(SCRATCH_PREFIX)).count()
}

#[test]
fn a_whole_wheel_is_fetched_once() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let wheels = folder.path().join("wheels");
    let pip = fake_pip(
        folder.path(),
        "printf ab > \"$TMPDIR/part.whl\"; sleep 0.2; printf abc > \"$dest/abc-1-py3-none-any.whl\"",
    );
    let path = fetch(&pip, &ABC, &wheels).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "abc");
    assert_eq!(fetch(&pip, &ABC, &wheels).unwrap(), path);
    assert_eq!((runs(folder.path()), leftovers(&wheels)), (1, 0));
}

#[test]
fn a_broken_wheel_is_never_kept() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let wheels = folder.path().join("wheels");
    let bad = fake_pip(folder.path(), "printf abd > \"$dest/abc-1-py3-none-any.whl\"");
    let shown = fetch(&bad, &ABC, &wheels).unwrap_err().to_string();
    assert!(shown.contains("not the expected file"), "{shown}");
    assert!(!wheels.join(ABC.file).exists());
    assert_eq!(leftovers(&wheels), 0);

    let none = fake_pip(folder.path(), ":");
    assert!(fetch(&none, &ABC, &wheels).unwrap_err().to_string().contains("downloaded no wheel"));

    // One that was cut in the cache is downloaded again.
    fs::write(wheels.join(ABC.file), "ab").unwrap();
    let good = fake_pip(folder.path(), "printf abc > \"$dest/abc-1-py3-none-any.whl\"");
    let path = fetch(&good, &ABC, &wheels).unwrap();
    assert_eq!(fs::read_to_string(path).unwrap(), "abc");
}

#[test]
fn a_failing_pip_is_explained() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let wheels = folder.path().join("wheels");
    let pip = fake_pip(folder.path(), "echo 'ERROR: no such thing' >&2; exit 1");
    let shown = fetch(&pip, &ABC, &wheels).unwrap_err().to_string();
    assert!(shown.contains("pip cannot download abc===1: no such thing"), "{shown}");
    assert_eq!(leftovers(&wheels), 0);
}

#[test]
fn leftovers_of_a_killed_run_are_removed() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("tmp-1/tmp")).unwrap();
    fs::write(folder.path().join("tmp-1/tmp/x.whl"), "half").unwrap();
    fs::write(folder.path().join(ABC.file), "abc").unwrap();
    assert_eq!(size_below(folder.path()), 7);
    remove_leftovers(folder.path());
    assert_eq!(leftovers(folder.path()), 0);
    assert!(folder.path().join(ABC.file).exists());
    remove_leftovers(&folder.path().join("not there"));
}
