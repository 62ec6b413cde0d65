//! The programs outside the folder that cargo built them in: which libtorch they find, and what they say
//! where there is none or a broken one.
#![cfg(all(feature = "tch", target_os = "linux", target_env = "gnu"))]
#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

mod program;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use program::{fixtures, text};

/// A copy of the programs in a folder of its own. Nothing in it leads to the libtorch of this build.
struct Elsewhere {
    folder: tempfile::TempDir,
}

/// The libtorch of this build.
fn libtorch() -> PathBuf {
    let set = std::env::var_os("LIBTORCH").map(PathBuf::from).filter(|folder| folder.is_absolute());
    set.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/libtorch"))
}

/// The same file under another name, or a copy of it on another disk.
fn place(from: &Path, to: &Path) {
    fs::create_dir_all(to.parent().unwrap()).unwrap();
    let from = from.canonicalize().unwrap();
    fs::hard_link(&from, to).or_else(|_| fs::copy(&from, to).map(|_| ())).unwrap();
}

impl Elsewhere {
    fn new() -> Self {
        // On the disk that cargo builds on, where nothing large needs to be copied.
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let built = Path::new(env!("CARGO_BIN_EXE_ner-align"));
        let own = folder.path().join("a/b/c/bin");
        fs::create_dir_all(&own).unwrap();
        fs::copy(built, own.join("ner-align")).unwrap();
        let second = built.with_file_name("ner-align-tch");
        fs::copy(&second, own.join("ner-align-tch")).unwrap();
        let mut bytes = fs::read(&second).unwrap();
        let run_path = libtorch().join("lib").display().to_string().into_bytes();
        while let Some(at) = bytes.windows(run_path.len()).position(|found| found == run_path) {
            bytes[at..at + run_path.len()].fill(b'x');
        }
        fs::write(own.join("ner-align-tch"), bytes).unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What `ner-align` does there, with another home folder and these variables alone.
    fn run(&self, variables: &[(&str, &Path)], arguments: &[&str]) -> Output {
        let mut command = Command::new(self.path("a/b/c/bin/ner-align"));
        command.args(arguments).current_dir(fixtures()).env_clear().env("HOME", self.path("home"));
        command.envs(variables.iter().copied()).output().unwrap()
    }

    /// The two lines of an error of the environment.
    fn fails(&self, variables: &[(&str, &Path)], arguments: &[&str]) -> String {
        let output = self.run(variables, arguments);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(3), "{said}");
        let lines: Vec<&str> = said.lines().collect();
        assert!(lines.len() == 2 && lines[1].starts_with("hint: "), "{said}");
        lines[0].to_owned()
    }
}

const COMMAND: &[&str] = &["init-config", "--help"];

#[test]
fn libtorch_is_found_or_the_program_says_that_it_lacks_it() {
    let there = Elsewhere::new();
    let error = there.fails(&[], COMMAND);
    let expected =
        "error: `ner-align init-config` needs libtorch 2.11: found none in LIBTORCH, beside";
    assert!(error.starts_with(expected), "{error}");

    let works = |variables: &[(&str, &Path)]| {
        let output = there.run(variables, COMMAND);
        assert!(output.status.success(), "{variables:?}: {}", text(&output.stderr));
    };
    let root = libtorch();
    works(&[("LIBTORCH", &root)]);
    works(&[("LD_LIBRARY_PATH", &root.join("lib"))]);
    for (name, variables) in [
        ("home/.cache/ner-align/libtorch-2.11.0", vec![]),
        ("cache/libtorch-2.11.0", vec![("NER_ALIGN_CACHE", there.path("cache"))]),
        ("a/b/c/libtorch", vec![]),
        ("venv/lib/python3.11/site-packages/torch", vec![("VIRTUAL_ENV", there.path("venv"))]),
    ] {
        let link = there.path(name);
        fs::create_dir_all(link.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(&root, &link).unwrap();
        let variables: Vec<(&str, &Path)> = variables.iter().map(|(n, p)| (*n, &**p)).collect();
        works(&variables);
        fs::remove_file(&link).unwrap();
    }

    // Another version, and one with a library that the others need missing.
    let torch = there.path("home/.local/lib/python3.12/site-packages/torch");
    for name in ["libtorch_cpu.so", "libc10.so"] {
        place(&root.join("lib").join(name), &torch.join("lib").join(name));
    }
    fs::write(torch.join("version.py"), "__version__ = '2.10.0'\n").unwrap();
    let error = there.fails(&[], COMMAND);
    assert!(error.ends_with("torch/lib, which is of libtorch 2.10.0"), "{error}");
    fs::write(torch.join("version.py"), "__version__ = '2.11.0'\n").unwrap();
    let error = there.fails(&[], COMMAND);
    assert!(
        error.contains("torch/lib cannot be loaded: lib") && error.ends_with("not found"),
        "{error}"
    );
}

#[test]
fn a_broken_cuda_half_is_one_error_that_names_it() {
    let there = Elsewhere::new();
    let [lib, home] = [there.path("own/lib"), there.path("own")];
    for entry in fs::read_dir(libtorch().join("lib")).unwrap() {
        let path = entry.unwrap().path();
        // A libtorch with CUDA is not needed for this.
        if !path.file_name().unwrap().to_str().unwrap().contains("cuda.") {
            place(&path, &lib.join(path.file_name().unwrap()));
        }
    }
    let train =
        ["train", "--train", "postings/postings-train.tsv", "--dev", "postings/postings-dev.tsv"];
    let out = there.path("out").display().to_string();
    let more = ["--model", "tiny-bert", "-o", &out, "--device", "cuda"];
    let arguments: Vec<&str> = train.into_iter().chain(more).collect();
    let error = there.fails(&[("LIBTORCH", &home)], &arguments);
    assert!(error.contains("own/lib has no CUDA half (libtorch_cuda.so)"), "{error}");
    for (name, content, reason) in [
        (
            "own/cuda/libtorch_cuda.so",
            None,
            "expected the CUDA half of libtorch, found another library",
        ),
        ("own/lib/libtorch_cuda.so", Some("text"), "file too short"),
        ("own/lib/libtorch_cuda.so", Some("text\n".repeat(99).as_str()), "invalid ELF header"),
    ] {
        let path = there.path(name);
        match content {
            Some(content) => fs::write(&path, content).unwrap(),
            // A library, but not libtorch's.
            None => place(&lib.join("libgomp.so.1"), &path),
        }
        let error = there.fails(&[("LIBTORCH", &home)], &arguments);
        assert!(error.contains(&path.display().to_string()) && error.ends_with(reason), "{error}");
        assert_eq!(error.matches("libtorch_cuda.so").count(), 1, "{error}");
    }
}
