//! The arguments of a tool, as conditions ask about them.

use crate::form::{Argument, arguments};
use crate::model::Tool;

/// Whether an argument can be of a type; it may be if the schema leaves it open.
pub(super) fn may_be(argument: &Argument, kinds: &[&str]) -> bool {
    argument.types.is_empty() || argument.types.iter().any(|one| kinds.contains(&one.as_str()))
}

/// What an argument is, in a few words.
pub(super) fn kind(argument: &Argument) -> String {
    let types = match argument.types.as_slice() {
        [] => "anything".to_owned(),
        types => types.join(" or "),
    };
    if argument.optional { format!("{types}, optional") } else { types }
}

/// The argument at a path; an element by its number is what all elements are.
pub(super) fn find(tool: &Tool, path: &str) -> Option<Argument> {
    let wanted = with_every(path);
    arguments(tool).into_iter().find(|argument| argument.path == wanted)
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
