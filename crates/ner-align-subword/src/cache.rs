//! Words with their subtokens, remembered.

use std::hash::{BuildHasher, Hasher};
use std::sync::RwLock;
use std::sync::atomic::{AtomicU64, Ordering};

use hashbrown::HashTable;
use rustc_hash::FxBuildHasher;

/// A power of two, so that the shard is a few bits of the hash.
const SHARDS: usize = 64;

/// What an entry costs beside its text and ids: its place in the table, which is never quite full.
const ENTRY_OVERHEAD: usize = 2 * size_of::<Entry>();

/// What a word cache did so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct CacheStatistics {
    /// Words found.
    pub hits: u64,
    /// Words that had to be cut.
    pub misses: u64,
    /// Words held now.
    pub words: usize,
}

/// Where a word's text and ids lie.
#[derive(Debug, Clone, Copy)]
struct Entry {
    hash: u64,
    text: [u32; 2],
    ids: [u32; 2],
}

const fn range([start, end]: [u32; 2]) -> std::ops::Range<usize> {
    start as usize..end as usize
}

/// Words with their ids, one after another in two buffers: no word has memory of its own.
#[derive(Debug, Default)]
struct Words {
    table: HashTable<Entry>,
    text: String,
    ids: Vec<u32>,
}

impl Words {
    fn get(&self, hash: u64, word: &str) -> Option<&[u32]> {
        let entry =
            self.table.find(hash, |entry| self.text.get(range(entry.text)) == Some(word))?;
        self.ids.get(range(entry.ids))
    }

    fn insert(&mut self, hash: u64, word: &str, ids: &[u32]) {
        // The budget keeps offsets far below 2^32.
        let (text, first) = (self.text.len() as u32, self.ids.len() as u32);
        self.text.push_str(word);
        self.ids.extend_from_slice(ids);
        let entry = Entry {
            hash,
            text: [text, self.text.len() as u32],
            ids: [first, self.ids.len() as u32],
        };
        self.table.insert_unique(hash, entry, |entry| entry.hash);
    }

    fn forget(&mut self, hash: u64, word: &str) {
        let text = &self.text;
        let is_word = |entry: &Entry| text.get(range(entry.text)) == Some(word);
        if let Ok(entry) = self.table.find_entry(hash, is_word) {
            entry.remove();
        }
    }

    fn bytes(&self) -> usize {
        self.text.len() + size_of_val(&*self.ids) + self.table.len() * ENTRY_OVERHEAD
    }

    fn clear(&mut self) {
        self.table.clear();
        self.text.clear();
        self.ids.clear();
    }
}

/// Two generations: when the young one is full it becomes the old one, and what was not asked for
/// in between is forgotten. Words of a corpus follow Zipf's law, so that keeps nearly all hits.
#[derive(Debug, Default)]
struct Shard {
    young: Words,
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
            budget: (bytes / (2 * SHARDS)).min(1 << 30),
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
        }
    }

    fn shard(&self, word: &str) -> (u64, &RwLock<Shard>) {
        let mut hasher = FxBuildHasher.build_hasher();
        hasher.write(word.as_bytes());
        let hash = hasher.finish();
        // The table takes the low and the top seven bits; these are in between.
        (hash, &self.shards[(hash >> 40) as usize % SHARDS])
    }

    /// Hands the ids of `word` to `use_ids` if they are known; says whether they were.
    pub(crate) fn get(&self, word: &str, use_ids: impl FnOnce(&[u32])) -> bool {
        let (hash, shard) = self.shard(word);
        let held = shard.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(ids) = held.young.get(hash, word) {
            use_ids(ids);
            return true;
        }
        let Some(ids) = held.old.get(hash, word).map(<[u32]>::to_vec) else { return false };
        drop(held);
        use_ids(&ids);
        self.insert(word, &ids);
        true
    }

    /// Remembers the ids of `word`.
    pub(crate) fn insert(&self, word: &str, ids: &[u32]) {
        let bytes = word.len() + size_of_val(ids) + ENTRY_OVERHEAD;
        if bytes > self.budget {
            return;
        }
        let (hash, shard) = self.shard(word);
        let mut held = shard.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        if held.young.get(hash, word).is_some() {
            // Another thread was faster.
            return;
        }
        let Shard { young, old } = &mut *held;
        old.forget(hash, word);
        if young.bytes() + bytes > self.budget {
            std::mem::swap(young, old);
            young.clear();
        }
        young.insert(hash, word, ids);
    }

    /// Counts, once a sentence rather than once a word.
    pub(crate) fn count(&self, hits: u64, misses: u64) {
        self.hits.fetch_add(hits, Ordering::Relaxed);
        self.misses.fetch_add(misses, Ordering::Relaxed);
    }

    pub(crate) fn statistics(&self) -> CacheStatistics {
        let held = |shard: &RwLock<Shard>| {
            let shard = shard.read().unwrap_or_else(std::sync::PoisonError::into_inner);
            shard.young.table.len() + shard.old.table.len()
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
