//! The arguments of a tool, as conditions ask about them.

use crate::model::Tool;

/// An argument.
#[derive(Clone, Debug)]
pub(super) struct Argument {
    pub(super) path: String,
    pub(super) types: Vec<String>,
    pub(super) optional: bool,
    pub(super) description: Option<String>,
    pub(super) values: Vec<String>,
    pub(super) operators: Vec<&'static str>,
}

impl Argument {
    /// Whether it can be of a type.
    pub(super) fn is(&self, kind: &str) -> bool {
        self.types.iter().any(|one| one == kind)
    }

    /// What it is, in a few words.
    pub(super) fn kind(&self) -> String {
        let types = match self.types.as_slice() {
            [] => "anything".to_owned(),
            types => types.join(" or "),
        };
        if self.optional { format!("{types}, optional") } else { types }
    }
}

/// All arguments of a tool.
pub(super) fn of(_tool: &Tool) -> Vec<Argument> {
    Vec::new()
}

/// The argument at a path; an element by its number is what all elements are.
pub(super) fn find(tool: &Tool, path: &str) -> Option<Argument> {
    let wanted = with_every(path);
    of(tool).into_iter().find(|argument| argument.path == wanted)
}

/// A path with `[*]` in the place of every number.
fn with_every(path: &str) -> String {
    let mut out = String::new();
    let mut rest = path;
    while let Some((before, behind)) = rest.split_once('[') {
        out.push_str(before);
        let number = behind.bytes().take_while(u8::is_ascii_digit).count();
        match behind.split_at_checked(number) {
            Some((_, end)) if number > 0 && end.starts_with(']') => {
                out.push_str("[*");
                rest = end;
            }
            _ => {
                out.push('[');
                rest = behind;
            }
        }
    }
    out + rest
}

/// A path with the numbers that were begun, in the places of its first `[*]`s.
pub(super) fn as_begun(path: &str, begun: &str) -> String {
    let mut numbers = begun.split('[').skip(1).filter_map(|part| part.split_once(']'));
    let mut out = String::new();
    let mut rest = path;
    while let Some((before, behind)) = rest.split_once("[*]") {
        out.push_str(before);
        let number = numbers.next().map(|(number, _)| number);
        let is_number =
            |number: &&str| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
        out.push_str(&format!("[{}]", number.filter(is_number).unwrap_or("*")));
        rest = behind;
    }
    out + rest
}
