//! The workspace: its folders, its packages, and how to run cargo and other programs in it.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

use serde_json::Value;

use crate::failure::Failure;

/// The workspace as `cargo metadata --no-deps` describes it.
#[derive(Debug)]
pub(crate) struct Workspace {
    root: PathBuf,
    target: PathBuf,
    packages: Vec<Value>,
}

impl Workspace {
    /// Asks cargo. This needs no network and takes some tens of milliseconds.
    pub(crate) fn load() -> Result<Self, Failure> {
        // `cargo run` sets the variable. A binary that is started by hand uses the path from
        // compile time.
        let manifest_dir = std::env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let output = Command::new(cargo_program())
            .args(["metadata", "--no-deps", "--format-version", "1", "--manifest-path"])
            .arg(manifest_dir.join("Cargo.toml"))
            .output()
            .map_err(|error| Failure::environment(format!("cannot run cargo: {error}")))?;
        if !output.status.success() {
            let stderr = String::from_utf8_lossy(&output.stderr);
            let line = stderr.lines().next().unwrap_or_default().trim_start_matches("error: ");
            return Err(Failure::environment(format!("cargo metadata failed: {line}")));
        }
        Self::from_metadata(&output.stdout)
    }

    fn from_metadata(json: &[u8]) -> Result<Self, Failure> {
        let broken =
            || Failure::environment("cargo metadata printed no JSON with the expected keys");
        let metadata: Value = serde_json::from_slice(json).map_err(|_| broken())?;
        let path = |key: &str| metadata[key].as_str().map(PathBuf::from).ok_or_else(broken);
        Ok(Self {
            root: path("workspace_root")?,
            target: path("target_directory")?,
            packages: metadata["packages"].as_array().cloned().ok_or_else(broken)?,
        })
    }

    /// The folder with the root manifest.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Where cargo builds; `<root>/target` unless the user has it elsewhere.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// The workspace's packages, as in the output of `cargo metadata`.
    pub(crate) fn packages(&self) -> &[Value] {
        &self.packages
    }

    /// Where `[env] LIBTORCH` in `.cargo/config.toml` points. That path is relative to the root,
    /// so it does not follow a target folder that was moved.
    pub(crate) fn libtorch(&self) -> PathBuf {
        self.root.join("target").join("libtorch")
    }

    /// `cargo` with arguments. It runs in the root.
    pub(crate) fn cargo<I, S>(&self, args: I) -> Command
    where
        I: IntoIterator<Item = S>,
        S: AsRef<OsStr>,
    {
        let mut command = Command::new(cargo_program());
        command.args(args).current_dir(&self.root);
        command
    }
}

/// The cargo that started this program, so that a `+toolchain` carries over.
fn cargo_program() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// Runs a program whose output goes to the terminal. `Err` means that it could not be started.
pub(crate) fn status(command: &mut Command) -> Result<ExitStatus, Failure> {
    command.status().map_err(|error| {
        Failure::environment(format!("cannot run {}: {error}", command.get_program().display()))
    })
}

/// The exit code to pass on from a program that failed. A program that a signal ended counts as 1.
pub(crate) fn exit_code(status: ExitStatus) -> u8 {
    status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(crate::failure::FAILED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_metadata_and_refuses_anything_else() {
        let json = br#"{"workspace_root":"/w","target_directory":"/t","packages":[{"name":"a"}]}"#;
        let workspace = Workspace::from_metadata(json).unwrap();
        assert_eq!(workspace.libtorch(), Path::new("/w/target/libtorch"));
        assert_eq!(workspace.target(), Path::new("/t"));
        assert_eq!(workspace.packages().len(), 1);
        assert!(Workspace::from_metadata(b"{}").is_err());
        assert!(Workspace::from_metadata(b"error").is_err());
    }
}
