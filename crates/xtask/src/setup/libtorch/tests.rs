use super::*;
use crate::setup::folder::tests::fake_libtorch;

#[test]
fn the_default_is_not_a_request() {
    let default = Path::new("/w/target/libtorch");
    let request = |pytorch: bool, libtorch: Option<&str>| {
        Request::new(pytorch, libtorch.map(OsString::from), default)
    };
    assert_eq!(request(false, None).unwrap(), Request::Any);
    assert_eq!(request(false, Some("")).unwrap(), Request::Any);
    assert_eq!(request(false, Some("/w/target/libtorch")).unwrap(), Request::Any);
    assert_eq!(request(false, Some("/opt/t")).unwrap(), Request::Folder("/opt/t".into()));
    assert_eq!(request(true, Some("/opt/t")).unwrap(), Request::Pytorch);
    assert!(request(false, Some("opt/t")).unwrap_err().to_string().contains("relative"));
}

#[test]
#[cfg(unix)]
fn links_stand_for_a_folder_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("torch");
    fake_libtorch(&root, [2, 11, 0]);
    let path = folder.path().join("target/libtorch");
    assert!(in_place(&path, None).is_none());
    link(&path, &root, "2.11.0").unwrap();
    assert!(path.join(folder::library()).exists());
    assert_eq!(in_place(&path, None).unwrap().version, "2.11.0");
    assert_eq!(in_place(&path, Some(&root)).unwrap().linked.as_deref(), Some(root.as_path()));
    assert!(in_place(&path, Some(Path::new("/other"))).is_none());
    fs::remove_dir_all(&root).unwrap();
    assert!(in_place(&path, None).is_none(), "links that lead nowhere");
}

#[test]
#[cfg(unix)]
fn a_link_of_the_user_is_left_alone_and_a_folder_without_stamp_is_not_trusted() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("torch");
    fake_libtorch(&root, [2, 11, 0]);
    assert!(in_place(&root, None).is_none());
    let path = folder.path().join("libtorch");
    symlink(&root, &path).unwrap();
    assert_eq!(in_place(&path, None).unwrap().version, "2.11.0");
}

#[test]
#[cfg(unix)]
fn a_moved_target_folder_gets_a_link() {
    let folder = tempfile::tempdir().unwrap();
    let libtorch = folder.path().join("target/libtorch");
    fs::create_dir_all(&libtorch).unwrap();
    let elsewhere = folder.path().join("elsewhere");
    for _ in 0..2 {
        reach_from(&elsewhere, &libtorch).unwrap();
        assert_eq!(fs::read_link(elsewhere.join("libtorch")).unwrap(), libtorch);
    }
    reach_from(&folder.path().join("target"), &libtorch).unwrap();
    assert!(libtorch.is_dir());
}

#[test]
fn pytorch_must_be_there_and_of_the_right_version() {
    let folder = tempfile::tempdir().unwrap();
    let torch = |version: &str| Torch { version: version.into(), root: folder.path().into() };
    assert!(pytorch(None).unwrap_err().to_string().contains("python3 has no torch"));
    assert!(pytorch(Some(&torch("2.11.0"))).unwrap_err().to_string().contains("contains no"));
    fake_libtorch(folder.path(), [2, 11, 0]);
    assert_eq!(pytorch(Some(&torch("2.11.0+cpu"))).unwrap().version, "2.11.0+cpu");
    assert!(pytorch(Some(&torch("2.12.0"))).unwrap_err().to_string().contains("is 2.12.0"));
}
