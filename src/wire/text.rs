//! What leaves the engine as JSON text, written by hand: the same as its mirrors give through `serde`,
//! in a fraction of the code. It is for the hosts in wasm, of which JavaScript reads a text more
//! quickly than it takes an object member by member. Numbers stand there as they are: reading them as
//! doubles is left to the reader.

use std::borrow::Cow;

use crate::classify::{Abuse, Classified, Evidence, Says, attacks};
use crate::compile::CompiledPolicy;
use crate::diagnostic::{Diagnostic, Fix};
use crate::digits::in_digits;
use crate::evaluate::tool_state;
use crate::json::quote;
use crate::model::{
    Amount, Catalog, ConditionOutcome, Decision, Effect, Explanation, LimitOutcome, LimitState,
    Outcome, RuleOutcome, Tool,
};
use crate::source::{LineIndex, Span};

/// A decision, as [`super::WireDecision`].
#[must_use]
pub fn decision_text(decision: &Decision) -> String {
    decision_members(decision).end()
}

/// An explanation, as [`super::WireExplanation`].
#[must_use]
pub fn explanation_text(explanation: &Explanation) -> String {
    let mut out = decision_members(&explanation.decision);
    out.list("rules", &explanation.rules, rule);
    out.list("limit_outcomes", &explanation.limits, limit_outcome);
    out.end()
}

/// Diagnostics of a text, as a list of [`super::WireDiagnostic`]. What is no UTF-8 in the text counts as
/// what JavaScript makes of it, so that places fit there. Without the feature `words` there is
/// nothing but code, severity, pointer and span.
#[must_use]
pub fn diagnostics_text(text: &[u8], diagnostics: &[Diagnostic]) -> String {
    let text = &readable(text);
    // Behind the last place that is asked for, and the other half of a line's end, no line counts.
    let end = diagnostics.iter().map(Diagnostic::end).max().unwrap_or(0);
    let end = (end as usize).saturating_add(1);
    let end = (end..text.len()).find(|end| text.is_char_boundary(*end)).unwrap_or(text.len());
    let index = LineIndex::new(text.get(..end).unwrap_or(text));
    list(diagnostics, |one| diagnostic(one, &index))
}

/// A range of a text, as [`super::WireSpan`].
#[must_use]
pub fn span_text(text: &[u8], place: Span) -> String {
    span(place, &LineIndex::new(&readable(text)))
}

/// A text as JavaScript has it: what is no UTF-8 in it is a character that says so.
// As `String::from_utf8_lossy`, with what else reads UTF-8.
fn readable(text: &[u8]) -> Cow<'_, str> {
    let mut fault = match std::str::from_utf8(text) {
        Ok(text) => return text.into(),
        Err(fault) => fault,
    };
    let (mut out, mut rest) = (String::new(), text);
    loop {
        let (valid, behind) = rest.split_at_checked(fault.valid_up_to()).unwrap_or_default();
        out.push_str(std::str::from_utf8(valid).unwrap_or_default());
        out.push('\u{fffd}');
        rest = fault.error_len().and_then(|length| behind.get(length..)).unwrap_or_default();
        match std::str::from_utf8(rest) {
            Ok(rest) => {
                out.push_str(rest);
                return out.into();
            }
            Err(next) => fault = next,
        }
    }
}

/// What a policy makes of the tools of a catalog, as a list of [`super::WireToolState`].
#[must_use]
pub fn tools_text(policy: &CompiledPolicy, catalog: &Catalog) -> String {
    list(&catalog.tools, |one| tool(one, policy))
}

/// What tools can do, as a list of [`super::WireClassified`].
#[must_use]
pub fn classified_text(tools: &[Classified]) -> String {
    list(tools, classified)
}

fn decision_members(decision: &Decision) -> Members {
    let mut out = Members::default();
    out.text("decision", decision.effect.as_str());
    out.text("tool", &decision.tool);
    if let Some(id) = &decision.id {
        out.text("rule", &id.rule);
        out.text("label", &id.label);
    }
    out.some_text("message", decision.message.as_deref());
    if let Some(digest) = &decision.digest {
        let mut approval = Members::default();
        approval.text("digest", digest);
        out.json("approval", &approval.end());
    }
    if !decision.limits.is_empty() {
        out.list("limits", &decision.limits, |limit| {
            limit_members(limit, Members::default()).end()
        });
    }
    out
}

fn limit_members(limit: &LimitState, mut out: Members) -> Members {
    out.text("counter", &limit.counter);
    out.text("scope", limit.scope.as_str());
    let seconds = in_digits(limit.window.seconds().into());
    out.json("window", &limit.window.word().map_or(seconds, quote));
    out.json("max", &limit.max.plain());
    let remaining = limit.remaining.map(Amount::plain);
    out.json("remaining", remaining.as_deref().unwrap_or("null"));
    out.json("reset_after", &in_digits(limit.reset_after));
    out
}

fn limit_outcome(limit: &LimitOutcome) -> String {
    let mut out = Members::default();
    out.text("rule", &limit.id.rule);
    out.text("label", &limit.id.label);
    let mut out = limit_members(&limit.state, out);
    let outcome = match limit.outcome {
        Outcome::Satisfied => "room",
        Outcome::NotSatisfied => "full",
        Outcome::Errored => "errored",
    };
    out.text("outcome", outcome);
    out.end()
}

fn rule(rule: &RuleOutcome) -> String {
    let mut out = Members::default();
    out.text("rule", &rule.id.rule);
    out.text("label", &rule.id.label);
    out.text("kind", rule.kind.map_or("action", |kind| kind.key()));
    out.text("outcome", rule.outcome.as_str());
    out.some_text("effect", (rule.effect != Effect::Allow).then(|| rule.effect.as_str()));
    out.list("conditions", &rule.conditions, condition);
    out.end()
}

fn condition(condition: &ConditionOutcome) -> String {
    let mut out = Members::default();
    out.text("pointer", &condition.pointer);
    out.text("path", &condition.path);
    out.text("op", condition.operator);
    out.text("outcome", condition.outcome.as_str());
    out.some_text("saw", condition.saw.as_deref());
    out.end()
}

fn diagnostic(diagnostic: &Diagnostic, index: &LineIndex<'_>) -> String {
    let mut out = Members::default();
    out.text("code", diagnostic.code.as_str());
    out.text("severity", diagnostic.code.severity().as_str());
    if cfg!(feature = "words") {
        out.text("message", &diagnostic.message);
    }
    out.text("pointer", &diagnostic.pointer);
    out.json("span", &span(diagnostic.span, index));
    if cfg!(feature = "words") {
        out.list("labels", &diagnostic.labels, |label| {
            said(label.span, "message", &label.message, index)
        });
        out.some_text("help", diagnostic.help.as_deref());
        if let Some(Fix { title, edits, safe }) = &diagnostic.fix {
            let mut fix = Members::default();
            fix.text("title", title);
            fix.list("edits", edits, |edit| said(edit.span, "text", &edit.text, index));
            fix.flag("safe", *safe);
            out.json("fix", &fix.end());
        }
    }
    out.end()
}

pub(super) fn said(place: Span, key: &str, text: &str, index: &LineIndex<'_>) -> String {
    let mut out = Members::default();
    out.json("span", &span(place, index));
    out.text(key, text);
    out.end()
}

pub(super) fn span(span: Span, index: &LineIndex<'_>) -> String {
    let position = |offset| {
        let at = index.position(offset);
        let mut out = Members::default();
        out.json("line", &at.line.to_string());
        out.json("column", &at.column.to_string());
        out.end()
    };
    let mut out = Members::default();
    out.json("start", &index.utf16(span.start).to_string());
    out.json("end", &index.utf16(span.end).to_string());
    out.json("from", &position(span.start));
    out.json("to", &position(span.end));
    out.end()
}

fn tool(tool: &Tool, policy: &CompiledPolicy) -> String {
    let (state, rule) = tool_state(policy, &tool.name);
    let mut out = Members::default();
    out.text("name", &tool.name);
    out.some_text("title", tool.title.as_deref());
    out.some_text("description", tool.description.as_deref());
    out.text("state", state.as_str());
    out.some_text("rule", rule.as_deref());
    out.end()
}

fn classified(tool: &Classified) -> String {
    let mut out = Members::default();
    out.text("name", &tool.tool);
    out.text("category", tool.category.as_str());
    out.text("risk", tool.risk.as_str());
    out.json("confidence", &tool.confidence.to_string());
    out.list("traits", &tool.traits, |one| quote(one.as_str()));
    out.list("evidence", &tool.evidence, evidence);
    out.list("attacks", &attacks(tool), |Abuse { attack, reason }| {
        let mut out = Members::default();
        out.text("id", attack.id);
        out.text("name", attack.name);
        out.text("reason", reason);
        out.end()
    });
    out.end()
}

fn evidence(evidence: &Evidence) -> String {
    let mut out = Members::default();
    out.text("place", evidence.place.as_str());
    out.some_text("of", evidence.place.of());
    out.text("words", &evidence.words);
    match evidence.says {
        Says::Category(one) => out.text("category", one.as_str()),
        Says::Trait(one) => out.text("trait", one.as_str()),
        Says::Risk(one) => out.text("risk", one.as_str()),
        Says::Nothing => {}
    }
    out.end()
}

/// The members of an object, as they are written.
#[derive(Default)]
pub(super) struct Members(String);

impl Members {
    /// A member; `value` is JSON text.
    pub(super) fn json(&mut self, key: &str, value: &str) {
        self.0.push(if self.0.is_empty() { '{' } else { ',' });
        self.0.push_str(&quote(key));
        self.0.push(':');
        self.0.push_str(value);
    }

    pub(super) fn text(&mut self, key: &str, value: &str) {
        self.json(key, &quote(value));
    }

    pub(super) fn some_text(&mut self, key: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.text(key, value);
        }
    }

    pub(super) fn flag(&mut self, key: &str, value: bool) {
        self.json(key, if value { "true" } else { "false" });
    }

    pub(super) fn list<T>(&mut self, key: &str, items: &[T], text: impl Fn(&T) -> String) {
        self.json(key, &list(items, text));
    }

    pub(super) fn end(mut self) -> String {
        self.0.push('}');
        self.0
    }
}

pub(super) fn list<T>(items: &[T], text: impl Fn(&T) -> String) -> String {
    let mut out = String::new();
    for item in items {
        out.push_str(if out.is_empty() { "[" } else { "," });
        out.push_str(&text(item));
    }
    out.push_str(if out.is_empty() { "[]" } else { "]" });
    out
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::classify::{Options, classify};
    use crate::compile::compile;
    use crate::json::Number;
    use crate::model::{RuleId, RuleKind, Scope, Window};
    use crate::wire::{
        WireClassified, WireDecision, WireDiagnostic, WireExplanation, WireSpan, WireToolState,
    };
    use crate::{parse, validate};

    #[track_caller]
    fn same(text: &str, mirror: impl serde::Serialize) {
        let text: Value = serde_json::from_str(text).unwrap();
        assert_eq!(as_doubles(text), as_doubles(serde_json::to_value(mirror).unwrap()));
    }

    #[test]
    fn decisions_and_explanations_are_what_their_mirrors_say() {
        let amount = |text| Amount::taken(Number::parse(text).unwrap().as_decimal()).unwrap();
        let limit = |window, max, remaining: Option<&'static str>| LimitState {
            counter: "a \"b\"".into(),
            scope: Scope::Session,
            window,
            max: amount(max),
            remaining: remaining.map(amount),
            reset_after: 59,
        };
        let allowed = Decision {
            effect: Effect::Allow,
            tool: "é\n\u{7f}\u{1}😀".into(),
            id: None,
            message: None,
            digest: None,
            limits: Vec::new(),
            short: None,
        };
        let long = Window::from_seconds(90).unwrap();
        let limited = Decision {
            limits: vec![
                limit(Window::DAY, "0", Some("0")),
                limit(long, "12.000001", Some("9007199254740993")),
                limit(Window::MINUTE, "999999999999999999999999.999999", None),
            ],
            ..allowed.clone()
        };
        let id = RuleId { rule: "/tools/~0".into(), label: "/tools/~0".into() };
        let held = Decision {
            effect: Effect::Hold,
            id: Some(id.into()),
            message: Some(String::new()),
            digest: Some("00".into()),
            ..limited.clone()
        };
        for decision in [allowed, limited, held.clone()] {
            same(&decision_text(&decision), WireDecision::from(&decision));
        }
        let seen = |saw: Option<&str>| ConditionOutcome {
            pointer: "/tools/a/deny_if/0/conditions/0".into(),
            path: "args.\"x\"".into(),
            operator: "eq",
            outcome: Outcome::Errored,
            saw: saw.map(str::to_owned),
        };
        let rule = |kind, effect, conditions| RuleOutcome {
            id: RuleId { rule: "/a".into(), label: "/b".into() }.into(),
            kind,
            outcome: Outcome::NotSatisfied,
            effect,
            conditions,
        };
        let limit = |outcome| LimitOutcome {
            id: RuleId { rule: "/c".into(), label: "/d".into() }.into(),
            state: limit(Window::HOUR, "1", None),
            outcome,
        };
        let explanation = Explanation {
            decision: held,
            rules: vec![
                rule(None, Effect::Hold, vec![]),
                rule(Some(RuleKind::DenyIf), Effect::Allow, vec![seen(None), seen(Some("[1]"))]),
            ],
            limits: [Outcome::Satisfied, Outcome::NotSatisfied, Outcome::Errored].map(limit).into(),
        };
        same(&explanation_text(&explanation), WireExplanation::from(&explanation));
    }

    #[test]
    fn diagnostics_are_what_their_mirrors_say() {
        let faults = "{\"version\": 1, \"defualt\": \"deny\",\r\n \"hide\": [\"é😀\", \"é😀\"],\n\"tools\": []}";
        for text in [
            faults.as_bytes(),
            b"",
            b"{\xff}",
            b"\xe2\x82",
            b"{\"version\":\"1\",\"default\":\"allow\"}",
        ] {
            let diagnostics = validate::check(text, None).diagnostics;
            let lossy = String::from_utf8_lossy(text);
            let index = LineIndex::new(&lossy);
            let mirror = |one| WireDiagnostic::new(one, &index);
            let mirrors: Vec<WireDiagnostic> = diagnostics.iter().map(mirror).collect();
            assert!(!mirrors.is_empty());
            same(&diagnostics_text(text, &diagnostics), mirrors);
            let place = diagnostics[0].span;
            same(&span_text(text, place), WireSpan::new(place, &index));
        }
    }

    #[test]
    fn what_is_no_utf8_is_read_as_the_standard_library_reads_it() {
        for text in [
            &b"a\xffb\xc3\xa9\xe2\x82c\xf0\x9f\x98"[..],
            b"\xed\xa0\x80x",
            b"\xc3",
            b"\xff\xfe",
            b"ab",
        ] {
            assert_eq!(readable(text), String::from_utf8_lossy(text));
        }
    }

    #[test]
    fn tools_are_what_their_mirrors_say() {
        let policy = br#"{"version":"1","default":"deny","hide":["b"],"tools":{"a":{},"c":{"action":"deny"}}}"#;
        let policy = compile(&parse::parse(policy).policy.unwrap());
        let catalog = br#"[{"name":"a","title":"A","description":"b\nc"},{"name":"b"},{"name":"c"},{"name":"d"}]"#;
        let catalog = parse::catalog(catalog).unwrap();
        let mirror = |tool| WireToolState::new(tool, &policy);
        let mirrors: Vec<WireToolState> = catalog.tools.iter().map(mirror).collect();
        same(&tools_text(&policy, &catalog), mirrors);
    }

    #[test]
    fn classified_tools_are_what_their_mirrors_say() {
        let catalog = br#"[{"name":"delete_\"all\"","description":"Permanently deletes everything."},
            {"name":"send_mail","inputSchema":{"properties":{"to":{"type":"string"},"url":{"type":"string"}}},
             "annotations":{"readOnlyHint":true,"destructiveHint":true}},{"name":"x"},
            {"name":"get_page","annotations":{"readOnlyHint":false},"description":"Get a page."}]"#;
        let tools = classify(&parse::catalog(catalog).unwrap(), Options::default());
        let mirrors: Vec<WireClassified> = tools.iter().map(WireClassified::from).collect();
        same(&classified_text(&tools), mirrors);
    }

    /// With numbers as JavaScript has them.
    fn as_doubles(value: Value) -> Value {
        match value {
            Value::Number(number) => number.as_f64().into(),
            Value::Array(items) => items.into_iter().map(as_doubles).collect(),
            Value::Object(members) => {
                members.into_iter().map(|(key, value)| (key, as_doubles(value))).collect()
            }
            other => other,
        }
    }
}
