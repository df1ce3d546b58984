//! The tools that are about the same as another, by the words of their names.

use std::collections::BTreeMap;

use crate::model::Tool;

/// So many are shown.
const SHOWN: usize = 8;

/// A word of more tools than this says nothing of any.
const COMMON: usize = 100;

/// Which tools have which words in their names.
pub(super) struct Related {
    words: Vec<Vec<String>>,
    having: BTreeMap<String, Vec<usize>>,
}

impl Related {
    pub(super) fn new(tools: &[Tool]) -> Related {
        let words: Vec<Vec<String>> = tools.iter().map(|tool| about(&tool.name)).collect();
        let mut having: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, words) in words.iter().enumerate() {
            for word in words {
                having.entry(word.clone()).or_default().push(at);
            }
        }
        let most = COMMON.min((tools.len() / 3).max(3));
        having.retain(|_, tools| tools.len() <= most);
        Related { words, having }
    }

    /// Those that share the most words with the tool at this place, in the order of the server.
    pub(super) fn to(&self, at: usize) -> Vec<usize> {
        let mut shared: BTreeMap<usize, usize> = BTreeMap::new();
        for word in self.words.get(at).into_iter().flatten() {
            for other in self.having.get(word).into_iter().flatten().filter(|other| **other != at) {
                let count = shared.entry(*other).or_default();
                *count = count.saturating_add(1);
            }
        }
        let mut shared: Vec<(usize, usize)> = shared.into_iter().collect();
        shared.sort_by(|(a, one), (b, other)| other.cmp(one).then(a.cmp(b)));
        shared.truncate(SHOWN);
        let mut found: Vec<usize> = shared.into_iter().map(|(at, _)| at).collect();
        found.sort_unstable();
        found
    }
}

/// The words of a name that say what it is about, each once and in the singular.
fn about(name: &str) -> Vec<String> {
    let mut words = crate::classify::objects(name);
    words.sort();
    words.dedup();
    words
}
