//! Conditions: a path, an operator, a value.

use super::faults::{is_one, wrap};
use super::place;
use super::reader::{Field, Key, Kind, Reader, Words, fault};
use crate::diagnostic::{Code, Saying, fill};
use crate::json::{Node, Number, Value, quote};
use crate::model::{Condition, Path, PathFaultKind, Pattern, Spanned, Test};

pub(super) const CONDITION: [Key; 3] = [
    Key::new("path", Kind::Text).required(),
    Key::new("op", Kind::Text).required(),
    Key::new("value", Kind::Any).required(),
];

pub(super) fn condition(reader: &mut Reader<'_>, node: &Node) -> Option<Condition> {
    let object = reader.object(node, "a condition")?;
    let fields = reader.fields(node, object, "a condition", &CONDITION);
    let path = fields.get("path").and_then(|field| path(reader, field));
    let operator = fields.get("op").and_then(|field| operator(reader, field));
    let value = fields.get("value");
    let test = match (operator, value) {
        (Some(operator), Some(value)) => test(reader, operator, value),
        _ => None,
    };
    Some(Condition { span: node.span, path: path?, test: test?, value_span: value?.node.span })
}

/// A path, with its place. Reports the part of it that is wrong.
pub(super) fn path(reader: &mut Reader<'_>, field: &Field<'_>) -> Option<Spanned<Path>> {
    let (written, span) = (field.node.value.as_str()?, field.node.span);
    let wrong = match reader.path(written) {
        Ok(value) => return Some(Spanned { value, span }),
        Err(_) if reader.is_damaged(span) => return None,
        Err(wrong) => wrong,
    };
    let place = match written {
        "" => span,
        _ => place::part(reader.text, span, wrong.start, wrong.end),
    };
    let diagnostic = fault(Code::InvalidPath, place);
    reader.report(diagnostic.say(|said| {
        let said = said.message(wrong.kind.message());
        match wrong.kind {
            PathFaultKind::NotArgs => match with_args(written) {
                Some(meant) => said.help(fill("did you mean `{}`?", &[&meant])).replace(
                    fill("replace by `{}`", &[&meant]),
                    span,
                    quote(&meant),
                ),
                None => said.help("it names an argument of the call, as in `args.amount`"),
            },
            PathFaultKind::EmptySegment => {
                said.help("a key without a name is written `[\"\"]`, as in `args.a[\"\"]`")
            }
            PathFaultKind::Brackets => {
                said.help("as in `args[\"a.b\"]`, `args.items[0]` or `args.items[*]`")
            }
            PathFaultKind::BehindBrackets | PathFaultKind::ElementOfArguments => said,
        }
    }));
    None
}

/// The path that somebody likely meant who did not begin it with `args.`.
fn with_args(written: &str) -> Option<String> {
    let mut rest = written.trim();
    for prefix in ["$", ".", "params", ".", "arguments", "Args", "ARGS", "arg", "input", "."] {
        let stripped =
            rest.strip_prefix(prefix).filter(|rest| prefix == "." || rest.starts_with('.'));
        rest = stripped.unwrap_or(rest);
    }
    if matches!(rest, "args" | "arguments" | "params") {
        return None;
    }
    let meant = fill("args.{}", &[rest]);
    Path::parse(&meant).ok().map(|_| meant)
}

/// What people write for the operators.
const SYNONYMS: [(&str, &str); 27] = [
    ("=", "eq"),
    ("==", "eq"),
    ("===", "eq"),
    ("equals", "eq"),
    ("equal", "eq"),
    ("is", "eq"),
    ("!=", "neq"),
    ("<>", "neq"),
    ("ne", "neq"),
    ("not_equals", "neq"),
    ("<", "lt"),
    ("less_than", "lt"),
    ("<=", "lte"),
    ("le", "lte"),
    ("max", "lte"),
    (">", "gt"),
    ("greater_than", "gt"),
    (">=", "gte"),
    ("ge", "gte"),
    ("min", "gte"),
    ("nin", "not_in"),
    ("match", "regex"),
    ("matches", "regex"),
    ("regexp", "regex"),
    ("includes", "contains"),
    ("has", "contains"),
    ("present", "exists"),
];

pub(super) fn operator(reader: &mut Reader<'_>, field: &Field<'_>) -> Option<&'static str> {
    let words = Words {
        code: Code::UnknownOperator,
        what: "operator",
        known: &Test::OPERATORS.map(|operator| (operator, operator)),
        synonyms: &SYNONYMS,
        help: "the operators are `exists`, `eq`, `neq`, `in`, `not_in`, `lt`, `lte`, `gt`, `gte`, \
               `regex` and `contains`",
    };
    reader.word(field, &words)
}

pub(super) fn test(
    reader: &mut Reader<'_>,
    operator: &'static str,
    field: &Field<'_>,
) -> Option<Test> {
    let value = &field.node.value;
    let test = match (operator, value) {
        ("exists", Value::Bool(wanted)) => Test::Exists(*wanted),
        ("eq", value) => Test::Eq(value.clone()),
        ("neq", value) => Test::Neq(value.clone()),
        ("in", Value::List(items)) => Test::In(items.clone()),
        ("not_in", Value::List(items)) => Test::NotIn(items.clone()),
        ("lt", Value::Number(bound)) => Test::Lt(bound.clone()),
        ("lte", Value::Number(bound)) => Test::Lte(bound.clone()),
        ("gt", Value::Number(bound)) => Test::Gt(bound.clone()),
        ("gte", Value::Number(bound)) => Test::Gte(bound.clone()),
        ("regex", Value::String(_)) => Test::Regex(pattern(reader, field)?),
        ("contains", Value::String(_) | Value::Number(_) | Value::Bool(_)) => {
            Test::Contains(value.clone())
        }
        _ => {
            let diagnostic = fault(Code::OperatorValue, field.node.span);
            reader.report(diagnostic.say(|said| right_value(said, operator, field.node)));
            return None;
        }
    };
    Some(test)
}

/// What value an operator wants in place of this one.
fn right_value<'d>(said: Saying<'d>, operator: &str, node: &Node) -> Saying<'d> {
    let (value, span) = (&node.value, node.span);
    let wanted = match operator {
        "exists" => "`true` or `false`",
        "in" | "not_in" => "a list",
        "regex" => "a string",
        "contains" => "a string, a number or a boolean",
        _ => "a number",
    };
    let said = said.message(fill("`{}` wants {}, not {}", &[operator, wanted, value.kind()]));
    match (operator, value) {
        ("in" | "not_in", Value::String(_) | Value::Number(_) | Value::Bool(_)) => {
            said.fix(wrap("put it in a list", span, "[", "]")).safe_if(is_one(value))
        }
        ("exists", Value::String(text)) if matches!(text.as_str(), "true" | "false") => {
            said.replace("remove the quotes", span, text.as_str()).safe_if(true)
        }
        ("lt" | "lte" | "gt" | "gte", Value::String(text)) if Number::parse(text).is_ok() => {
            said.replace("remove the quotes", span, text.as_str()).safe_if(true)
        }
        ("contains", Value::List(_)) => {
            said.help("for one of several, write a rule for each, or use `regex`")
        }
        _ => said,
    }
}

fn pattern(reader: &mut Reader<'_>, field: &Field<'_>) -> Option<Pattern> {
    let (written, span) = (field.node.value.as_str()?, field.node.span);
    match reader.pattern(written) {
        Ok(pattern) => Some(pattern),
        // What was read of it is not what is meant.
        Err(_) if reader.is_damaged(span) => None,
        Err(wrong) => {
            let place = place::part(reader.text, span, wrong.start, wrong.end);
            let place = if place.start == place.end { span.inner() } else { place };
            let diagnostic = fault(Code::InvalidRegex, place);
            reader.report(diagnostic.say(|said| said.message(wrong.kind.message())));
            None
        }
    }
}
