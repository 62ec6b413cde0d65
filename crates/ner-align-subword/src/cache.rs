//! Words with their subtokens, remembered.

use std::hash::{BuildHasher, Hasher};
use std::sync::RwLock;
use std::sync::atomic::{AtomicU64, Ordering};

use rustc_hash::{FxBuildHasher, FxHashMap};

/// A power of two, so that the shard is a few bits of the hash.
const SHARDS: usize = 64;

/// What an entry costs beside its text and ids: two fat pointers, two allocations, a table slot.
const ENTRY_OVERHEAD: usize = 80;

/// What a word cache did so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CacheStatistics {
    /// Words found.
    pub hits: u64,
    /// Words that had to be cut.
    pub misses: u64,
    /// Words held now.
    pub words: usize,
}

type Words = FxHashMap<Box<str>, Box<[u32]>>;

/// Two generations: when the young one is full it becomes the old one, and what was not asked for
/// in between is forgotten. Words of a corpus follow Zipf's law, so that keeps nearly all hits.
#[derive(Debug, Default)]
struct Shard {
    young: Words,
    young_bytes: usize,
    old: Words,
}

/// A map from words to ids, shared between threads and bounded in memory.
#[derive(Debug)]
pub(crate) struct WordCache {
    shards: Vec<RwLock<Shard>>,
    /// Bytes that one generation of one shard may hold.
    budget: usize,
    hits: AtomicU64,
    misses: AtomicU64,
}

impl WordCache {
    /// A cache of at most about `bytes`.
    pub(crate) fn new(bytes: usize) -> Self {
        Self {
            shards: std::iter::repeat_with(RwLock::default).take(SHARDS).collect(),
            budget: bytes / (2 * SHARDS),
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
        }
    }

    fn shard(&self, word: &str) -> &RwLock<Shard> {
        let mut hasher = FxBuildHasher.build_hasher();
        hasher.write(word.as_bytes());
        // The map takes the low and the top seven bits; these are in between.
        &self.shards[(hasher.finish() >> 40) as usize % SHARDS]
    }

    /// Hands the ids of `word` to `use_ids` if they are known; says whether they were.
    pub(crate) fn get(&self, word: &str, use_ids: impl FnOnce(&[u32])) -> bool {
        let shard = self.shard(word);
        let held = shard.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(ids) = held.young.get(word) {
            use_ids(ids);
            return true;
        }
        if !held.old.contains_key(word) {
            return false;
        }
        drop(held);
        let mut held = shard.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        match held.old.remove_entry(word) {
            Some((word, ids)) => {
                use_ids(&ids);
                self.insert_into(&mut held, word, ids);
                true
            }
            // Another thread was faster in moving or forgetting it.
            None => held.young.get(word).map(|ids| use_ids(ids)).is_some(),
        }
    }

    /// Remembers the ids of `word`.
    pub(crate) fn insert(&self, word: &str, ids: &[u32]) {
        let mut held = self.shard(word).write().unwrap_or_else(std::sync::PoisonError::into_inner);
        self.insert_into(&mut held, word.into(), ids.into());
    }

    fn insert_into(&self, shard: &mut Shard, word: Box<str>, ids: Box<[u32]>) {
        let bytes = word.len() + size_of_val(&*ids) + ENTRY_OVERHEAD;
        if bytes > self.budget {
            return;
        }
        if shard.young_bytes + bytes > self.budget {
            shard.old = std::mem::take(&mut shard.young);
            shard.young_bytes = 0;
        }
        if shard.young.insert(word, ids).is_none() {
            shard.young_bytes += bytes;
        }
    }

    /// Counts, once a sentence rather than once a word.
    pub(crate) fn count(&self, hits: u64, misses: u64) {
        self.hits.fetch_add(hits, Ordering::Relaxed);
        self.misses.fetch_add(misses, Ordering::Relaxed);
    }

    pub(crate) fn statistics(&self) -> CacheStatistics {
        let held = |shard: &RwLock<Shard>| {
            let shard = shard.read().unwrap_or_else(std::sync::PoisonError::into_inner);
            shard.young.len() + shard.old.len()
        };
        CacheStatistics {
            hits: self.hits.load(Ordering::Relaxed),
            misses: self.misses.load(Ordering::Relaxed),
            words: self.shards.iter().map(held).sum(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_stays_bounded_and_answers_exact() {
        let cache = WordCache::new(SHARDS * 2 * 10 * (ENTRY_OVERHEAD + 10));
        for round in 0..3 {
            for number in 0..20_000_u32 {
                let word = number.to_string();
                let known = cache.get(&word, |ids| assert_eq!(ids, [number, number + 1]));
                if !known {
                    cache.insert(&word, &[number, number + 1]);
                }
            }
            let held = cache.statistics().words;
            assert!(held <= SHARDS * 2 * 10, "round {round}: {held}");
            assert!(held > SHARDS * 8, "round {round}: {held}");
        }
    }

    #[test]
    fn words_in_use_survive() {
        let cache = WordCache::new(SHARDS * 2 * 4 * (ENTRY_OVERHEAD + 8));
        cache.insert("the", &[7]);
        let mut lost = 0;
        for number in 0..5_000_u32 {
            cache.insert(&format!("{number}"), &[number]);
            lost += usize::from(!cache.get("the", |ids| assert_eq!(ids, [7])));
        }
        assert_eq!(lost, 0);
    }

    #[test]
    fn too_large_a_word_is_not_kept() {
        let cache = WordCache::new(SHARDS * 2 * 100);
        cache.insert(&"x".repeat(1_000), &[1]);
        assert_eq!(cache.statistics().words, 0);
    }
}
