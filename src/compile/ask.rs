//! Conditions as deciding asks them: what it touches of one is in one place.
//!
//! A condition as the model has it is spread over a dozen pieces of memory (its path, the steps of that,
//! the key of a step, the values and their texts). With a hundred tools to which calls come in turn these
//! are no longer in the nearest cache. With this and numbers that are read as one word, a parsed call with
//! three conditions took 800 instructions where it took 1,100 (callgrind), and 46 ns where it took 71; of
//! 10,000 tools 49 where it took 83 (the best of 41 rounds, in turns with the code before, on a busy machine).

use std::cmp::Ordering;

use crate::json::{Rank, Value, Word};
use crate::model::{Condition, Outcome, Seen, Step, Test};

/// A condition, made ready.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    /// The key of the argument that it asks about, if its path is no more than a short key.
    pub(crate) key: Option<Word>,
    quick: Quick,
}

/// The tests that are quick to make of the values that they are meant for.
#[derive(Clone, Debug)]
enum Quick {
    Exists(bool),
    /// A number, by whether one holds that is less than the bound, equal to it or greater.
    Number {
        bound: Rank,
        holds: [bool; 3],
    },
    /// A string that is one of these, or none of them.
    Text {
        one: bool,
        /// Where they begin and end among the words of the policy.
        of: (usize, usize),
    },
    Other,
}

impl Ask {
    /// Adds the texts that it compares with to `words`.
    pub(super) fn new(condition: &Condition, words: &mut Vec<Word>) -> Ask {
        let key = match condition.path.value.steps() {
            [Step::Key(key)] => Word::of(key.as_bytes()),
            _ => None,
        };
        Ask { key, quick: Quick::new(&condition.test, words) }
    }

    /// The outcome for one value of the condition that it was made of, with the words that it was made
    /// with; see [`Test::outcome_of`].
    #[inline]
    pub(crate) fn outcome<'a>(
        &self,
        condition: &Condition,
        words: &[Word],
        value: Option<impl Sight<'a>>,
    ) -> Outcome {
        match self.holds(words, value) {
            Some(true) => Outcome::Satisfied,
            Some(false) => Outcome::NotSatisfied,
            None => condition.test.outcome_of(value.map(Into::into)),
        }
    }

    /// Whether the condition holds for a value, if that is quick to say.
    #[inline]
    pub(crate) fn holds<'a>(&self, words: &[Word], value: Option<impl Sight<'a>>) -> Option<bool> {
        match &self.quick {
            Quick::Exists(wanted) => Some(value.is_none_or(Sight::is_null) != *wanted),
            Quick::Number { bound, holds } => {
                let rank = value?.rank()?;
                let [less, equal, greater] = *holds;
                Some(match rank.cmp(bound) {
                    Ordering::Less => less,
                    Ordering::Equal => equal,
                    Ordering::Greater => greater,
                })
            }
            Quick::Text { one, of } => {
                let text = Word::of(value?.text()?.as_bytes());
                let of = words.get(of.0..of.1)?;
                Some(text.is_some_and(|text| of.contains(&text)) == *one)
            }
            Quick::Other => None,
        }
    }
}

/// A value to be looked at for one thing, however it is at hand.
pub(crate) trait Sight<'a>: Copy + Into<Seen<'a>> {
    /// Whether it is `null`.
    fn is_null(self) -> bool;
    /// What it is compared by, if it is a number to which there is no more.
    fn rank(self) -> Option<Rank>;
    /// The text, if it is a string.
    fn text(self) -> Option<&'a str>;
}

impl<'a> Sight<'a> for Seen<'a> {
    #[inline]
    fn is_null(self) -> bool {
        matches!(self, Seen::Null)
    }

    #[inline]
    fn rank(self) -> Option<Rank> {
        if let Seen::Number(number) = self { number.rank() } else { None }
    }

    #[inline]
    fn text(self) -> Option<&'a str> {
        if let Seen::String(text) = self { Some(text) } else { None }
    }
}

impl<'a> Sight<'a> for &'a Value {
    #[inline]
    fn is_null(self) -> bool {
        matches!(self, Value::Null)
    }

    #[inline]
    fn rank(self) -> Option<Rank> {
        if let Value::Number(number) = self { number.as_decimal().rank() } else { None }
    }

    #[inline]
    fn text(self) -> Option<&'a str> {
        self.as_str()
    }
}

impl Quick {
    fn new(test: &Test, words: &mut Vec<Word>) -> Quick {
        let (bound, holds) = match test {
            Test::Exists(wanted) => return Quick::Exists(*wanted),
            Test::Lt(bound) => (bound, [true, false, false]),
            Test::Lte(bound) => (bound, [true, true, false]),
            Test::Gt(bound) => (bound, [false, false, true]),
            Test::Gte(bound) => (bound, [false, true, true]),
            _ => return Quick::text(test, words),
        };
        bound.as_decimal().rank().map_or(Quick::Other, |bound| Quick::Number { bound, holds })
    }

    fn text(test: &Test, words: &mut Vec<Word>) -> Quick {
        let start = words.len();
        let mut take = |value: &Value| {
            let word = value.as_str().and_then(|text| Word::of(text.as_bytes()));
            words.extend(word);
            word.is_some()
        };
        let all = match test {
            Test::Eq(wanted) | Test::Neq(wanted) => take(wanted),
            Test::In(list) | Test::NotIn(list) => list.iter().all(|node| take(&node.value)),
            _ => false,
        };
        let one = matches!(test, Test::Eq(_) | Test::In(_));
        if all {
            Quick::Text { one, of: (start, words.len()) }
        } else {
            words.truncate(start);
            Quick::Other
        }
    }
}
