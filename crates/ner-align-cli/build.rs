//! Lets an installed program find the libtorch that it was built with.
//!
//! Inside the workspace relative run paths lead to `target/libtorch`; `cargo install` puts the
//! program elsewhere, and only the folder that `LIBTORCH` names is known then.

fn main() {
    println!("cargo::rerun-if-env-changed=LIBTORCH");
    let with_tch = std::env::var_os("CARGO_FEATURE_TCH").is_some();
    let linux = std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "linux");
    if let Some(folder) = std::env::var_os("LIBTORCH").filter(|_| with_tch && linux) {
        let lib = std::path::Path::new(&folder).join("lib");
        if lib.is_absolute() {
            let bin = "ner-align-tch";
            println!("cargo::rustc-link-arg-bin={bin}=-Wl,-rpath,{}", lib.display());
        }
    }
}
