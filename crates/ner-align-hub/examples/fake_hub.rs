//! The Hub of the tests as a program, for clients of another language: `tests/peers/push_protocol.py`
//! runs huggingface_hub against it.
//!
//! Prints its address, and for each line on standard input what was pushed so far, as a line of JSON:
//! model, branch, file, SHA-256. With the argument `parts`, large files are asked for in parts. Whoever
//! writes shows the token `hf_test`.

#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

#[path = "../tests/fake_hub/mod.rs"]
mod fake_hub;

use std::collections::BTreeMap;
use std::io::{self, BufRead, Write};

use fake_hub::{FakeHub, sha256};

fn main() -> io::Result<()> {
    let hub = FakeHub::start(&[]);
    hub.set(|state| {
        state.push.token = Some("hf_test".to_owned());
        state.push.part =
            if std::env::args().any(|argument| argument == "parts") { 1000 } else { 0 };
    });
    let mut output = io::stdout();
    writeln!(output, "{}", hub.endpoint)?;
    for line in io::stdin().lock().lines() {
        line?;
        let mut all = BTreeMap::new();
        hub.set(|state| {
            for (id, model) in &state.push.models {
                for (branch, files) in &model.branches {
                    let files: BTreeMap<String, String> =
                        files.iter().map(|(name, bytes)| (name.clone(), sha256(bytes))).collect();
                    all.insert(format!("{id}@{branch}"), files);
                }
            }
        });
        writeln!(output, "{}", serde_json::json!(all))?;
    }
    Ok(())
}
