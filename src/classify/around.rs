//! The tools of a catalog, as one of them sees the others.

use super::name::{Heard, Name};
use crate::model::{Catalog, Tool};
use crate::order::sort_by;
use crate::words::{Nouns, entry};

/// The tools of a catalog, as one of them sees the others.
pub(super) struct Around<'c> {
    /// What each is about and what it does to it, sorted.
    family: Vec<(&'c str, Option<&'c Heard>, usize)>,
    tools: &'c [Tool],
    /// Whether the server deals with money.
    pub(super) money: bool,
    /// Whether it operates a page or screen, as a person would.
    pub(super) screen: bool,
}

/// What is done to a page or screen and to nothing else.
const BY_HAND: [&str; 7] = ["click", "drag", "fill", "hover", "navigate", "swipe", "tap"];

impl<'c> Around<'c> {
    pub(super) fn new(catalog: &'c Catalog, names: &'c [Name]) -> Around<'c> {
        let family = names
            .iter()
            .enumerate()
            .map(|(at, name)| (name.about.as_str(), name.verbs.first(), at));
        let mut family: Vec<_> = family.collect();
        sort_by(&mut family, |a, b| a.0.cmp(b.0).then(a.2.cmp(&b.2)));
        let about_money = |name: &&Name| name.objects.any(Nouns::MONEY);
        let certain = names.iter().filter(about_money).take(2).count() == 2;
        // Orders alone are of any kind, and orders, trades and positions of one.
        let words = names.iter().flat_map(|name| &name.words);
        let words = words.filter(|word| entry(word).nouns.any(Nouns::MAYBE_MONEY));
        let mut words: Vec<&str> =
            words.map(|word| word.strip_suffix('s').unwrap_or(word)).collect();
        sort_by(&mut words, Ord::cmp);
        words.dedup();
        let money = certain || words.len() >= 3;
        let words = names.iter().flat_map(|name| &name.words);
        let mut by_hand = words.filter(|word| BY_HAND.contains(&word.as_str()));
        let first = by_hand.next();
        let screen = first.is_some_and(|first| by_hand.any(|other| other != first));
        Around { family, tools: &catalog.tools, money, screen }
    }

    /// Another tool about the same that does one of these.
    pub(super) fn sibling(
        &self,
        about: &str,
        at: usize,
        wanted: impl Fn(&Heard) -> bool,
    ) -> Option<&'c str> {
        if about.is_empty() {
            return None;
        }
        let from = self.family.partition_point(|(one, _, _)| *one < about);
        let same = self.family.get(from..)?.iter().take_while(|(one, _, _)| *one == about);
        let (_, _, other) = same
            .filter(|(_, _, other)| *other != at)
            .find(|(_, sense, _)| sense.is_some_and(&wanted))?;
        self.tools.get(*other).map(|tool| tool.name.as_str())
    }
}
