use std::collections::HashMap;
use std::ffi::OsString;

use super::*;

/// A folder with what `lib` of a libtorch must have.
fn libraries(lib: &Path) {
    fs::create_dir_all(lib).unwrap();
    for name in ["libtorch_cpu.so", "libc10.so"] {
        fs::write(lib.join(name), b"\x7fELF and more").unwrap();
    }
}

/// Surroundings in which everything lies below `root`.
fn machine(root: &Path, variables: &[(&'static str, &str)]) -> Surroundings {
    let below = |value: &str| OsString::from(value.replace('@', root.to_str().unwrap()));
    Surroundings {
        program: root.join("bin"),
        variables: variables.iter().map(|(name, value)| (*name, below(value))).collect(),
        home: Some(root.join("home")),
        prefixes: vec![root.join("usr")],
        driver: false,
    }
}

/// A folder with a libtorch, what the environment says, and whether the libtorch is found.
type Case = (&'static str, &'static [(&'static str, &'static str)], bool);

const SITE: &str = "lib/python3.11/site-packages/torch/lib";
const CASES: [Case; 16] = [
    ("else", &[], false),
    ("else", &[(LIBRARY_PATH, "/nothing:@/else")], true),
    ("own/lib", &[("LIBTORCH", "@/own")], true),
    ("bin/libtorch/lib", &[], true),
    ("libtorch/lib", &[], true),
    ("home/.cache/ner-align/libtorch-2.11.0/lib", &[], true),
    ("home/.cache/ner-align/libtorch-2.11.0/lib", &[("XDG_CACHE_HOME", "@/xdg")], false),
    ("xdg/ner-align/libtorch-2.11.0/lib", &[("XDG_CACHE_HOME", "@/xdg")], true),
    ("cache/libtorch-2.11.0/lib", &[("NER_ALIGN_CACHE", "@/cache")], true),
    ("cache/libtorch-2.12.0/lib", &[("NER_ALIGN_CACHE", "@/cache")], false),
    ("home/.local/lib/python3.9/site-packages/torch/lib", &[], true),
    ("usr/lib/python3/dist-packages/torch/lib", &[], true),
    ("usr/lib/python2.7/dist-packages/torch/lib", &[], false),
    ("venv/lib/python3.13/site-packages/torch/lib", &[("VIRTUAL_ENV", "@/venv")], true),
    ("conda/lib/python3.13/site-packages/torch/lib", &[("CONDA_PREFIX", "@/conda")], true),
    ("py/lib/python3.12/site-packages/torch/lib", &[("PATH", "@/none:@/py/bin")], true),
];

#[test]
fn it_is_found_where_people_have_it() {
    for (folder, variables, found) in CASES {
        let root = tempfile::tempdir().unwrap();
        libraries(&root.path().join(folder));
        fs::create_dir_all(root.path().join("bin")).unwrap();
        fs::create_dir_all(root.path().join("py/bin")).unwrap();
        fs::write(root.path().join("py/bin/python3"), "").unwrap();
        let result = find(&machine(root.path(), variables));
        assert_eq!(result.is_ok(), found, "{folder} {variables:?} {result:?}");
        if let Ok(lib) = result {
            let expected = root.path().join(folder).canonicalize().unwrap();
            assert_eq!(lib.canonicalize().unwrap(), expected);
        }
    }
}

#[test]
fn nothing_found_is_said_in_one_line() {
    let root = tempfile::tempdir().unwrap();
    let nothing = find(&Surroundings { home: None, ..machine(root.path(), &[]) }).unwrap_err();
    assert!(nothing.to_string().starts_with("found none in LIBTORCH, beside"), "{nothing}");

    let lib = root.path().join("home/.local").join(SITE);
    libraries(&lib);
    let of = |file: &str, text: &str| {
        fs::write(lib.parent().unwrap().join(file), text).unwrap();
        find(&machine(root.path(), &[])).map_err(|error| error.to_string())
    };
    assert!(of("version.py", "__version__ = '2.11.0+cu130'\n").is_ok());
    let error = of("version.py", "__version__ = '2.13.0+cu130'\n").unwrap_err();
    assert!(error.ends_with("torch/lib, which is of libtorch 2.13.0+cu130"), "{error}");
    assert!(of("build-version", "2.11.1\n").is_ok(), "it says more than Python's file");
    fs::remove_file(lib.join("libc10.so")).unwrap();
    assert!(of("version.py", "").unwrap_err().ends_with("which has no libc10.so"));
    fs::write(lib.join("libtorch_cpu.so"), "text").unwrap();
    let error = of("version.py", "").unwrap_err();
    assert!(error.ends_with("which has a libtorch_cpu.so that is no library"), "{error}");
}

#[test]
fn headers_say_the_version_too() {
    let root = tempfile::tempdir().unwrap();
    let header = root.path().join("include/torch/headeronly/version.h");
    fs::create_dir_all(header.parent().unwrap()).unwrap();
    let lib = root.path().join("lib");
    assert_eq!(version(&lib), None);
    let text = "#define TORCH_VERSION_MAJOR 2\n#define TORCH_VERSION_MINOR 11\n#define \
                TORCH_VERSION_PATCH 0\n";
    fs::write(header, text).unwrap();
    assert_eq!(version(&lib).as_deref(), Some("2.11.0"));
    for (version, supported) in [("2.11", true), ("2.11.9", true), ("2.110", false), ("2.1", false)]
    {
        assert_eq!(is_supported(version), supported, "{version}");
    }
}

#[test]
fn a_driver_asks_for_a_cuda_half_and_the_user_comes_first() {
    let root = tempfile::tempdir().unwrap();
    let [beside, python] = ["libtorch/lib", "usr/lib/python3.11/site-packages/torch/lib"]
        .map(|folder| root.path().join(folder));
    fs::create_dir_all(root.path().join("bin")).unwrap();
    libraries(&beside);
    libraries(&python);
    fs::write(python.join("libtorch_cuda.so"), "").unwrap();
    let mut machine = machine(root.path(), &[]);
    let found = |machine: &Surroundings| find(machine).unwrap().canonicalize().unwrap();
    assert_eq!(found(&machine), beside);
    machine.driver = true;
    assert_eq!(found(&machine), python);
    machine.variables = HashMap::from([("LIBTORCH", root.path().join("libtorch").into())]);
    assert_eq!(found(&machine), beside);
    machine.variables = HashMap::new();
    fs::create_dir_all(root.path().join("libtorch/cuda")).unwrap();
    fs::write(root.path().join("libtorch/cuda/libtorch_cuda.so"), "").unwrap();
    assert_eq!(found(&machine), beside);
}
