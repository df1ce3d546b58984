//! Regular expressions of the language. (Replaced by the reader of the RE2 dialect.)

/// A regular expression that compiled.
#[derive(Clone, Debug)]
pub struct Pattern(String);

/// Why a text is none.
#[derive(Clone, Debug)]
pub struct PatternFault {
    /// What is wrong; its `Display` is the message.
    pub kind: String,
    /// Where it begins, in bytes.
    pub start: usize,
    /// Where it ends, in bytes.
    pub end: usize,
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// If it does not compile.
    pub fn parse(text: &str) -> Result<Pattern, PatternFault> {
        Ok(Pattern(text.to_owned()))
    }
    /// As written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
    /// Whether it finds something.
    #[must_use]
    pub fn is_match(&self, haystack: &str) -> bool {
        haystack.contains(&self.0)
    }
}
