//! Which crate may depend on which, as the table in ARCHITECTURE.md has it.

use serde_json::Value;

/// Each crate of the workspace and those of the workspace that it may depend on. Siblings do not
/// see each other. Development dependencies are free: cargo builds them for tests alone.
const ALLOWED: [(&str, &[&str]); 17] = [
    ("ner-align-core", &[]),
    ("ner-align-corpus", &["ner-align-core"]),
    ("ner-align-curate", &["ner-align-core", "ner-align-corpus", "ner-align-subword"]),
    ("ner-align-documents", &["ner-align-core"]),
    ("ner-align-render", &["ner-align-core", "ner-align-metrics"]),
    (
        "ner-align-scoring",
        &["ner-align-core", "ner-align-corpus", "ner-align-metrics", "ner-align-render"],
    ),
    ("ner-align-subword", &["ner-align-core"]),
    ("ner-align-metrics", &["ner-align-core"]),
    ("ner-align-train", &["ner-align-core", "ner-align-metrics"]),
    ("ner-align-kernels", &[]),
    ("ner-align-tch", &["ner-align-core", "ner-align-kernels"]),
    ("ner-align-hub", &[]),
    ("ner-align-pipeline", PARTS),
    ("ner-align-serve", &["ner-align-core", "ner-align-documents", "ner-align-pipeline"]),
    ("ner-align", LIBRARIES),
    ("ner-align-cli", LIBRARIES_AND_FACADE),
    ("xtask", &[]),
];

/// What `ner-align-pipeline` puts together.
const PARTS: &[&str] = &[
    "ner-align-core",
    "ner-align-corpus",
    "ner-align-curate",
    "ner-align-subword",
    "ner-align-metrics",
    "ner-align-train",
    "ner-align-tch",
    "ner-align-hub",
];

const LIBRARIES: &[&str] = &[
    "ner-align-core",
    "ner-align-corpus",
    "ner-align-curate",
    "ner-align-documents",
    "ner-align-subword",
    "ner-align-metrics",
    "ner-align-train",
    "ner-align-tch",
    "ner-align-hub",
    "ner-align-pipeline",
    "ner-align-render",
    "ner-align-scoring",
    "ner-align-serve",
];

const LIBRARIES_AND_FACADE: &[&str] = &[
    "ner-align",
    "ner-align-core",
    "ner-align-corpus",
    "ner-align-curate",
    "ner-align-documents",
    "ner-align-subword",
    "ner-align-metrics",
    "ner-align-train",
    "ner-align-tch",
    "ner-align-hub",
    "ner-align-pipeline",
    "ner-align-render",
    "ner-align-scoring",
    "ner-align-serve",
];

/// Outside crates that only one crate may depend on, and whether development dependencies count
/// too. A crate that depends on `tch` cannot be built or tested without libtorch.
const RESERVED: [(&str, &str, bool); 3] = [
    ("tch", "ner-align-tch", true),
    ("torch-sys", "ner-align-tch", true),
    ("tokenizers", "ner-align-subword", false),
];

/// A line for each dependency that is not allowed and each package that the table lacks.
///
/// `packages` are those of `cargo metadata --no-deps`.
pub(super) fn check(packages: &[Value]) -> Vec<String> {
    packages.iter().flat_map(check_package).collect()
}

fn check_package(package: &Value) -> Vec<String> {
    let name = text(&package["name"]);
    let Some((_, allowed)) = ALLOWED.iter().find(|(known, _)| *known == name) else {
        return vec![format!("{name} is missing from the table of crate directions")];
    };
    let dependencies = package["dependencies"].as_array().map(Vec::as_slice).unwrap_or_default();
    let wrong = |dependency: &Value| {
        let on = text(&dependency["name"]);
        let development = text(&dependency["kind"]) == "dev";
        if let Some((_, owner, tests_too)) = RESERVED.iter().find(|(known, ..)| *known == on) {
            let counts = *tests_too || !development;
            return (counts && *owner != name)
                .then(|| format!("{name} must not depend on {on}: only {owner} may"));
        }
        let ours = ALLOWED.iter().any(|(known, _)| *known == on);
        (ours && !development && !allowed.contains(&on))
            .then(|| format!("{name} must not depend on {on}"))
    };
    dependencies.iter().filter_map(wrong).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// What `check` says of a package with one dependency.
    fn says(package: &str, on: &str, kind: Option<&str>) -> Vec<String> {
        check(&[json!({"name": package, "dependencies": [{"name": on, "kind": kind}]})])
    }

    #[test]
    fn directions() {
        let normal = None;
        for (package, on, kind, fine) in [
            ("ner-align-corpus", "ner-align-core", normal, true),
            ("ner-align-corpus", "serde", normal, true),
            ("ner-align-core", "ner-align-corpus", normal, false),
            ("ner-align-core", "ner-align-corpus", Some("build"), false),
            ("ner-align-core", "ner-align-corpus", Some("dev"), true),
            ("ner-align-metrics", "ner-align-corpus", normal, false),
            ("ner-align-train", "ner-align-metrics", normal, true),
            ("ner-align-train", "ner-align-tch", normal, false),
            ("ner-align-tch", "ner-align-train", normal, false),
            ("ner-align-tch", "tch", normal, true),
            ("ner-align-curate", "ner-align-corpus", normal, true),
            ("ner-align-corpus", "ner-align-curate", normal, false),
            ("ner-align-hub", "ner-align-core", normal, false),
            ("ner-align-pipeline", "ner-align-hub", normal, true),
            ("ner-align-pipeline", "ner-align-tch", normal, true),
            ("ner-align-pipeline", "ner-align", normal, false),
            ("ner-align-tch", "ner-align-pipeline", normal, false),
            ("ner-align-train", "tch", Some("dev"), false),
            ("ner-align", "torch-sys", normal, false),
            ("ner-align-cli", "tokenizers", normal, false),
            ("ner-align-cli", "tokenizers", Some("dev"), true),
            ("ner-align-subword", "tokenizers", normal, true),
            ("ner-align-cli", "ner-align", normal, true),
            ("ner-align", "ner-align-cli", normal, false),
            ("xtask", "ner-align-core", normal, false),
            ("ner-align-new", "serde", normal, false),
        ] {
            let found = says(package, on, kind);
            assert_eq!(found.is_empty(), fine, "{package} on {on} ({kind:?}): {found:?}");
        }
    }
}
