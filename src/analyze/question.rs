//! Questions that people keep beside a policy: that some calls never pass, or always.
//!
//! ```text
//! question = ("never" | "always") ("allow" | "deny" | "hold") tools ["where" condition {"and" condition}]
//! tools    = "any tool" | "tool ==" string | "tool ~" string            string: JSON; after ~ a pattern of `regex`
//! condition = path operator value                                      path: args.…; value: JSON
//! operator = "==" | "!=" | "<" | "<=" | ">" | ">=" | "~" | "in" | "not in" | "contains" | "exists"
//! ```
//!
//! A condition means what it means in `deny_if`: with `[*]` it holds if it holds for any element. Calls
//! are decided with all limits unused, and preconditions count as met.

use std::collections::BTreeSet;

use super::policy::{Answer, Asks, Judge, UNCONFIRMED, by_name, seek};
use super::search::{ALLOW, DENY, Goal, HOLD, MAX_STEPS, SATISFIED, effect_bit};
use super::text::{self, Texts};
use crate::compile::compile;
use crate::json::{Limits, Value, quote, read_strict, write};
use crate::model::{Call, Catalog, Decision, Effect, Pattern, Policy};
use crate::parse;

/// A question about all calls.
#[derive(Clone, Debug)]
pub struct Question {
    always: bool,
    effect: Effect,
    tools: Tools,
    /// A policy with the conditions as its one rule.
    given: Option<Policy>,
}

#[derive(Clone, Debug)]
enum Tools {
    Any,
    Named(String),
    Found(Pattern),
}

/// Why a text is no question, and the range of its bytes that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuestionFault {
    /// What is wrong, in one line.
    pub message: String,
    /// Where it begins, in bytes.
    pub start: usize,
    /// Where it ends, in bytes.
    pub end: usize,
}

/// The answer to a question.
#[derive(Clone, Debug)]
pub enum Proof {
    /// It is so, for every call.
    Proved,
    /// It is not so: of this call, which the engine decides so.
    Refuted(Box<(Call, Decision)>),
    /// Why it is not known.
    Unknown(String),
}

/// The operators of questions, and what the language calls them.
const OPERATORS: [(&str, &str); 11] = [
    ("==", "eq"),
    ("!=", "neq"),
    ("<=", "lte"),
    (">=", "gte"),
    ("<", "lt"),
    (">", "gt"),
    ("~", "regex"),
    ("not in", "not_in"),
    ("in", "in"),
    ("contains", "contains"),
    ("exists", "exists"),
];

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

type Read<T> = Result<T, QuestionFault>;

impl<'t> Reader<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn space(&mut self) {
        let rest = self.rest();
        let spaces = rest.len().saturating_sub(rest.trim_start().len());
        self.at = self.at.saturating_add(spaces);
    }

    /// What is wrong with the word that comes next, or with the end.
    fn fault<T>(&self, message: impl Into<String>) -> Read<T> {
        let word = self.rest().find(char::is_whitespace).unwrap_or(self.rest().len());
        let end = self.at.saturating_add(word);
        Err(QuestionFault { message: message.into(), start: self.at, end })
    }

    /// Takes these words, if they come next.
    fn eat(&mut self, words: &str) -> bool {
        let start = self.at;
        for word in words.split(' ') {
            self.space();
            let Some(behind) = self.rest().strip_prefix(word) else {
                self.at = start;
                return false;
            };
            // A word of letters ends where no letter follows.
            let letters = word.ends_with(|c: char| c.is_ascii_alphabetic());
            if letters && behind.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_') {
                self.at = start;
                return false;
            }
            self.at = self.at.saturating_add(word.len());
        }
        true
    }

    fn one_of<T: Copy>(&mut self, words: &[(&str, T)]) -> Read<T> {
        let known = words.iter().find(|(word, _)| self.eat(word)).map(|(_, meaning)| *meaning);
        known.map_or_else(
            || {
                self.space();
                let words: Vec<String> =
                    words.iter().map(|(word, _)| format!("`{word}`")).collect();
                self.fault(format!("expected one of {}", words.join(", ")))
            },
            Ok,
        )
    }

    /// The JSON text that comes next.
    fn json(&mut self) -> Read<&'t str> {
        self.space();
        let (mut depth, mut quoted, mut escaped) = (0usize, false, false);
        let mut end = self.rest().len();
        for (at, c) in self.rest().char_indices() {
            let next = at.saturating_add(c.len_utf8());
            if quoted {
                (quoted, escaped) = (escaped || c != '"', c == '\\' && !escaped);
                if !quoted && depth == 0 {
                    end = next;
                    break;
                }
                continue;
            }
            match c {
                '"' => quoted = true,
                '[' | '{' => depth = depth.saturating_add(1),
                ']' | '}' => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        end = next;
                        break;
                    }
                }
                c if c.is_whitespace() && depth == 0 => {
                    end = at;
                    break;
                }
                _ => {}
            }
        }
        let text = self.rest().get(..end).unwrap_or_default();
        if read_strict(text.as_bytes(), &Limits::DOCUMENT).is_err() {
            let end = self.at.saturating_add(end);
            let message = "expected a value as json writes it".to_owned();
            return Err(QuestionFault { message, start: self.at, end });
        }
        self.at = self.at.saturating_add(end);
        Ok(text)
    }

    fn string(&mut self) -> Read<(String, usize)> {
        self.space();
        let start = self.at;
        let value = read_strict(self.json()?.as_bytes(), &Limits::DOCUMENT);
        match value.map(|node| node.value) {
            Ok(Value::String(text)) => Ok((text, start)),
            _ => {
                self.at = start;
                self.fault("expected a name in double quotes")
            }
        }
    }

    fn tools(&mut self) -> Read<Tools> {
        if self.eat("any tool") {
            return Ok(Tools::Any);
        }
        if self.eat("tool ==") {
            return Ok(Tools::Named(self.string()?.0));
        }
        if self.eat("tool ~") {
            let (text, start) = self.string()?;
            return Pattern::parse(&text).map(Tools::Found).map_err(|fault| QuestionFault {
                message: fault.kind.to_string(),
                start,
                end: self.at,
            });
        }
        self.space();
        self.fault("expected `any tool`, `tool == \"…\"` or `tool ~ \"…\"`")
    }

    /// A condition as the language writes it.
    fn condition(&mut self) -> Read<String> {
        self.space();
        let start = self.at;
        let mut quoted = false;
        let end = self.rest().char_indices().find(|(_, c)| {
            quoted ^= *c == '"';
            !quoted && (c.is_whitespace() || matches!(c, '=' | '!' | '<' | '>' | '~'))
        });
        let length = end.map_or(self.rest().len(), |(at, _)| at);
        let path = self.rest().get(..length).unwrap_or_default();
        if !path.starts_with("args") {
            return self.fault("expected a path such as `args.amount`");
        }
        self.at = self.at.saturating_add(length);
        let operator = self.one_of(&OPERATORS)?;
        self.space();
        let bare = operator == "exists" && !self.rest().starts_with(['t', 'f']);
        let value = if bare { "true" } else { self.json()? };
        let (path, operator) = (quote(path), quote(operator));
        let text = format!(r#"{{"path":{path},"op":{operator},"value":{value}}}"#);
        match policy_of(&text) {
            Ok(_) => Ok(text),
            Err(message) => Err(QuestionFault { message, start, end: self.at }),
        }
    }
}

/// A policy whose one rule has these conditions.
fn policy_of(conditions: &str) -> Result<Policy, String> {
    let rule = format!(r#"{{"deny_if":[{{"conditions":[{conditions}]}}]}}"#);
    let text = format!(r#"{{"version":"1","default":"deny","tools":{{"t":{rule}}}}}"#);
    let parsed = parse::parse(text.as_bytes());
    parsed.policy.ok_or_else(|| {
        let first = parsed.diagnostics.into_iter().next();
        first.map_or_else(|| "this is no condition".to_owned(), |first| first.message)
    })
}

impl Question {
    /// Reads a question.
    ///
    /// # Errors
    /// If the text is none: the first thing that is wrong, and where.
    pub fn parse(text: &str) -> Result<Question, QuestionFault> {
        let mut reader = Reader { text, at: 0 };
        let always = reader.one_of(&[("never", false), ("always", true)])?;
        let effects = [Effect::Allow, Effect::Deny, Effect::Hold].map(|one| (one.as_str(), one));
        let effect = reader.one_of(&effects)?;
        let tools = reader.tools()?;
        let mut conditions = Vec::new();
        if reader.eat("where") {
            conditions.push(reader.condition()?);
            while reader.eat("and") {
                conditions.push(reader.condition()?);
            }
        }
        reader.space();
        if !reader.rest().is_empty() {
            return match conditions.is_empty() {
                true => reader.fault("expected `where` or the end"),
                false => reader.fault("expected `and` or the end"),
            };
        }
        let given = match conditions.is_empty() {
            true => None,
            false => match policy_of(&conditions.join(",")) {
                Ok(policy) => Some(policy),
                Err(message) => {
                    return Err(QuestionFault { message, start: 0, end: text.len() });
                }
            },
        };
        Ok(Question { always, effect, tools, given })
    }

    /// The effects that are not to be.
    fn unwanted(&self) -> u8 {
        let own = effect_bit(self.effect);
        if self.always { (ALLOW | DENY | HOLD) & !own } else { own }
    }

    /// The tools that it is about, of which those that the policy does not name are all alike: one stands
    /// for them. Says whether that is all.
    fn names(&self, known: &BTreeSet<String>) -> (Vec<String>, bool) {
        match &self.tools {
            Tools::Named(name) => (vec![name.clone()], true),
            Tools::Any => {
                let mut other = "any_other_tool".to_owned();
                while known.contains(&other) {
                    other.push('_');
                }
                (known.iter().cloned().chain([other]).collect(), true)
            }
            Tools::Found(pattern) => {
                let (all, complete) = text::members(known.clone(), std::slice::from_ref(pattern));
                let matches = |name: &String| pattern.is_match(name);
                (all.into_iter().filter(matches).collect(), complete)
            }
        }
    }
}

/// Answers a question about a policy: about all calls, or those that fit the input schemas of the
/// catalog's tools.
#[must_use]
pub fn ask(policy: &Policy, question: &Question, catalog: Option<&Catalog>) -> Proof {
    let judge = Judge::new(policy);
    let given = question.given.as_ref().map(compile);
    let rule = given.as_ref().and_then(|given| given.rules_of(given.tool("t")).first());
    let tools = by_name(catalog);
    let listed = judge.names().chain(tools.keys().copied());
    let known: BTreeSet<String> = listed.map(str::to_owned).collect();
    let (names, complete) = question.names(&known);
    let mut why = (!complete).then(|| "the pattern of the tools is too large".to_owned());
    let (mut steps, texts) = (MAX_STEPS, Texts::default());
    for name in names {
        let mut asks = Asks::default();
        let side = asks.side(&judge, &name);
        let rule = rule.map(|rule| asks.rule(rule));
        let space = asks.space(tools.get(name.as_str()).copied(), &texts);
        let mut goals = vec![Goal::Effect(&side, question.unwanted())];
        goals.extend(rule.as_deref().map(|rule| Goal::Rule(rule, SATISFIED)));
        match seek(&space, &goals, &mut steps) {
            Answer::Nothing => {
                let asked = [None, Some(name.as_str())].map(|tool| judge.preconditions(tool));
                let may_deny = question.unwanted() & DENY != 0 && side.may(ALLOW);
                if may_deny && asked.iter().any(|list| !list.is_empty()) {
                    why.get_or_insert(
                        "preconditions deny calls too, by the calls before".to_owned(),
                    );
                }
            }
            Answer::Unknown(reason) => {
                why.get_or_insert(reason);
            }
            Answer::Witness(arguments) => {
                let call = Call { tool: name, arguments, ..Call::default() };
                let decision = judge.decide(&call);
                let confirmed = effect_bit(decision.effect) & question.unwanted() != 0;
                if confirmed && is_given(given.as_ref(), &call) {
                    return Proof::Refuted(Box::new((call, decision)));
                }
                why.get_or_insert(UNCONFIRMED.to_owned());
            }
        }
    }
    why.map_or(Proof::Proved, Proof::Unknown)
}

/// Whether the engine says that the conditions are satisfied: as a rule that denies, they deny, but what
/// errs denies too, so each is asked on its own.
fn is_given(given: Option<&crate::compile::CompiledPolicy>, call: &Call) -> bool {
    let rules = given.map_or(&[][..], |given| given.rules_of(given.tool("t")));
    rules.iter().all(|rule| {
        rule.conditions.iter().all(|condition| {
            let outcome = crate::evaluate::condition_outcome(condition, rule.kind, &call.arguments);
            outcome.0 == crate::model::Outcome::Satisfied
        })
    })
}

impl std::fmt::Display for QuestionFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

/// Arguments as a message shows them.
pub(super) fn shown(arguments: &crate::json::Object) -> String {
    write(&Value::Object(arguments.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: &str = r#"{"version":"1","default":"deny","tools":{
        "delete_row":{"deny_if":[{"conditions":[{"path":"args.env","op":"eq","value":"prod"}]}]},
        "delete_all":{"action":"require_approval"},
        "pay":{"require":[{"conditions":[{"path":"args.amount","op":"lte","value":100}]}],
               "require_approval_if":[{"conditions":[{"path":"args.amount","op":"gt","value":50}]}]},
        "read":{}}}"#;

    fn answer(question: &str) -> String {
        let policy = parse::parse(POLICY.as_bytes()).policy.unwrap();
        let question = Question::parse(question).unwrap_or_else(|fault| panic!("{fault:?}"));
        match ask(&policy, &question, None) {
            Proof::Proved => "proved".to_owned(),
            Proof::Refuted(found) => {
                let (call, decision) = *found;
                let effect = decision.effect.as_str();
                format!("{effect} {} {}", call.tool, shown(&call.arguments))
            }
            Proof::Unknown(why) => why,
        }
    }

    #[test]
    fn questions_are_proved_or_refuted() {
        for (question, expected) in [
            (r#"never allow tool ~ "delete_.*" where args.env == "prod""#, "proved"),
            (r#"never allow tool ~ "^delete_""#, "allow delete_row {}"),
            (r#"always hold tool == "delete_all""#, "proved"),
            (r#"never allow tool == "pay" where args.amount > 50"#, "proved"),
            (r#"never deny tool == "pay" where args.amount >= 0 and args.amount <= 100"#, "proved"),
            (r#"always allow tool == "pay" where args.amount<=50"#, "proved"),
            (r#"always hold tool == "pay" where args.amount > 50"#, "deny pay {\"amount\":101}"),
            (
                r#"always deny any tool where args.env == "prod""#,
                "hold delete_all {\"env\":\"prod\"}",
            ),
            (r#"never allow tool == "other""#, "proved"),
            (r#"always deny tool ~ "^x""#, "proved"),
            (
                r#"never allow tool == "read" where args.a exists and args.b[*] in ["x", "y z"]"#,
                "allow read {\"a\":false,\"b\":[\"x\"]}",
            ),
            (
                r#"never allow any tool where args["a b"] contains "c" and args.d exists false"#,
                "allow delete_row {\"a b\":\"c\"}",
            ),
        ] {
            let got = answer(question);
            // Of values that are as small another may be found.
            let digits = |text: &str| text.replace("false", "0").replace("[]", "0");
            assert_eq!(digits(&got), digits(expected), "{question}");
        }
    }

    #[test]
    fn what_is_no_question_is_said_with_its_place() {
        for (question, wrong, why) in [
            ("maybe allow any tool", "maybe", "expected one of `never`, `always`"),
            ("never permit any tool", "permit", "expected one of `allow`, `deny`, `hold`"),
            ("never allow tools", "tools", "expected `any tool`"),
            ("never allow tool == delete", "delete", "expected a value as json writes it"),
            ("never allow tool ~ \"(\"", "\"(\"", "missing closing"),
            ("never allow any tool when", "when", "expected `where` or the end"),
            ("never allow any tool where amount > 5", "amount", "expected a path"),
            ("never allow any tool where args.a is 5", "is", "expected one of `==`"),
            ("never allow any tool where args.a > \"5\"", "args.a > \"5\"", ""),
            ("never allow any tool where args.a > 5 or", "or", "expected `and` or the end"),
            ("never allow any tool where args.a ==", "", "expected a value"),
        ] {
            let fault = Question::parse(question).unwrap_err();
            assert_eq!(&question[fault.start..fault.end], wrong, "{question}: {fault:?}");
            assert!(fault.message.contains(why), "{question}: {fault:?}");
        }
    }
}
