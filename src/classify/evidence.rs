//! Why a tool is what it is said to be: the words of its definition, and what they say.

use super::{Category, Risk, Trait};

/// Where in a definition, or beside it, the words stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the tool's name.
    Name,
    /// In its description.
    Description,
    /// In an argument of this name.
    Argument(String),
    /// In an annotation of this name.
    Annotation(&'static str),
    /// In the name of another tool.
    Sibling(String),
    /// Nowhere: nothing says anything.
    Nowhere,
}

impl Place {
    /// Its kind in data: `name`, `description`, `argument`, `annotation`, `sibling`, `nowhere`.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Place::Name => "name",
            Place::Description => "description",
            Place::Argument(_) => "argument",
            Place::Annotation(_) => "annotation",
            Place::Sibling(_) => "sibling",
            Place::Nowhere => "nowhere",
        }
    }

    /// Which argument, annotation or other tool it is.
    #[must_use]
    pub fn of(&self) -> Option<&str> {
        match self {
            Place::Argument(name) | Place::Sibling(name) => Some(name),
            Place::Annotation(name) => Some(name),
            Place::Name | Place::Description | Place::Nowhere => None,
        }
    }
}

/// What words say of a tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Says {
    /// That it is of this category.
    Category(Category),
    /// That it has this trait.
    Trait(Trait),
    /// That its risk is no less than this.
    Risk(Risk),
    /// Something that is not believed: an annotation of a server that is not trusted.
    Nothing,
}

/// One reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// Where it stands.
    pub place: Place,
    /// The words as they stand there, the first 120 characters; of what stands nowhere, what that means.
    pub words: String,
    /// What they say.
    pub says: Says,
}

/// So many characters of the words are kept.
const LONGEST: usize = 120;

impl Evidence {
    pub(super) fn new(place: Place, words: &str, says: Says) -> Evidence {
        // A phrase over several lines of the description is one, and a word without end is cut.
        let whole = words.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut words: String = whole.chars().take(LONGEST).collect();
        if words.len() < whole.len() {
            words.push('…');
        }
        Evidence { place, words, says }
    }
}
