use std::fs;

use super::*;
use crate::setup::folder::tests::fake_libtorch;

#[test]
#[cfg(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu"))]
fn the_half_comes_with_a_driver_or_on_request() {
    let wanted = |asked| Half::Wanted { asked };
    let driver = |major| Some(Driver { major });
    for (choice, driver, expected) in [
        (Choice::Auto, None, Half::None),
        (Choice::Auto, driver(Some(580)), wanted(false)),
        (Choice::Auto, driver(None), wanted(false)),
        (Choice::Auto, driver(Some(550)), Half::OldDriver(550)),
        (Choice::Cuda, None, wanted(true)),
        (Choice::Cuda, driver(Some(550)), wanted(true)),
        (Choice::Cpu, driver(Some(580)), Half::None),
    ] {
        assert_eq!(decide(choice, driver).unwrap(), expected, "{choice:?} {driver:?}");
    }
    assert_eq!(Choice::of(false, false), Choice::Auto);
}

#[test]
fn a_libtorch_of_the_user_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("torch");
    fake_libtorch(&root, [2, 11, 0]);
    let libtorch = Libtorch {
        path: folder.path().join("target/libtorch"),
        version: "2.11.0".to_owned(),
        linked: Some(root.clone()),
    };
    // Neither case downloads or writes anything.
    let cache = Cache::at(folder.path().join("cache"));
    let ensured = |wanted| ensure(wanted, &libtorch, &cache, true);
    let found = |wanted| ensured(wanted).unwrap();
    assert_eq!(found(Half::None), Half::None);
    let error = ensured(Half::Wanted { asked: true }).unwrap_err().to_string();
    assert!(error.contains("torch is a build for the CPU alone\nhint: "), "{error}");
    let build = found(Half::Wanted { asked: false });
    assert!(build.line().unwrap().contains("for the CPU alone"), "{build:?}");
    fs::write(root.join("lib").join(LIBRARY), "library").unwrap();
    assert_eq!(found(Half::Wanted { asked: true }), Half::At(root.join("lib").join(LIBRARY)));
    assert!(!folder.path().join("cache").exists());
}
