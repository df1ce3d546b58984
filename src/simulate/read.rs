//! The text of a scenario file to a [`Scenario`], with all that is wrong with it.

use super::scenario::{Document, Expected, Group, MAX_CALLS, Scenario, Step, Upstream};
use super::time;
use crate::approval::Keys;
use crate::diagnostic::{Code, Diagnostic, Saying, name, nearest, sort};
use crate::json::{Limits, Node, Value};
use crate::model::{Call, Effect, Spanned, Time};
use crate::parse::{self, CallFault, CallFaultKind, Field, Fields, Key, Kind, Words, fault};
use crate::source::Span;

const SCENARIO: [Key; 8] = [
    Key::new("$schema", Kind::Text),
    Key::new("description", Kind::Text),
    Key::new("policy", Kind::Any).required(),
    Key::new("catalog", Kind::Any),
    Key::new("approval_keys", Kind::Any),
    Key::new("assert", Kind::List),
    Key::new("steps", Kind::List),
    Key::new("groups", Kind::List),
];

const GROUP: [Key; 2] =
    [Key::new("name", Kind::Text).required(), Key::new("steps", Kind::List).required()];

const STEP: [Key; 9] = [
    Key::new("at", Kind::Text),
    Key::new("grant", Kind::Text),
    Key::new("session", Kind::Text),
    Key::new("call", Kind::Any).required(),
    Key::new("approval", Kind::Any),
    Key::new("outcome", Kind::Text),
    Key::new("every", Kind::Text),
    Key::new("times", Kind::Any),
    Key::new("expect", Kind::Object),
];

const APPROVAL: [Key; 1] = [Key::new("by", Kind::Text).required()];

const EXPECT: [Key; 4] = [
    Key::new("decision", Kind::Text).required(),
    Key::new("rule", Kind::Text),
    Key::new("message", Kind::Text),
    Key::new("remaining", Kind::Any),
];

/// When a group begins that does not say: 2026-01-01T00:00:00Z.
const BEGIN: Time = Time(1_767_225_600_000);
/// The last moment that a scenario may reach: the end of the year 9999.
const LAST: u64 = 253_402_300_799_999;

const SPAN_HELP: &str =
    "a span of time is a whole number and `ms`, `s`, `m`, `h` or `d`, such as `6s`";
const AT_HELP: &str = "a time is such as `2026-01-01T00:00:00Z`, or `+90s` from the step before";

/// Reads a scenario in JSON.
///
/// # Errors
/// Everything that is wrong with it, in the order of the text.
pub(super) fn read(text: &[u8]) -> Result<Scenario, Vec<Diagnostic>> {
    let (node, faults) = parse::json(text, &Limits::DOCUMENT);
    match node {
        // What is not JSON may mean anything: nothing more is said about it.
        Some(root) if faults.is_empty() => from_tree(text, &root),
        _ => Err(faults),
    }
}

/// Reads a scenario in YAML. All its places, those of an inline policy too, are in the YAML text.
///
/// # Errors
/// Everything that is wrong with it, in the order of the text.
#[cfg(feature = "import")]
pub(super) fn read_yaml(text: &[u8]) -> Result<Scenario, Vec<Diagnostic>> {
    let tree = crate::yaml::tree(text)?;
    match from_tree(text, &tree.root) {
        Ok(scenario) => Ok(Scenario { places: Some(tree.places), ..scenario }),
        Err(faults) => Err(tree.places.placed(faults)),
    }
}

/// A scenario from the tree of a text.
fn from_tree(text: &[u8], root: &Node) -> Result<Scenario, Vec<Diagnostic>> {
    let text = std::str::from_utf8(text).unwrap_or_default();
    let mut reader = Reader { parts: parse::Reader::new(text, &[]), of_keys: Vec::new(), calls: 0 };
    let scenario = reader.scenario(root);
    let mut diagnostics = reader.parts.finish_list(root);
    diagnostics.extend(reader.of_keys);
    match scenario {
        Some(scenario) if diagnostics.is_empty() => Ok(scenario),
        _ => {
            sort(&mut diagnostics);
            Err(diagnostics)
        }
    }
}

/// Understands what it can and says what it cannot.
struct Reader<'t> {
    parts: parse::Reader<'t>,
    /// What is wrong with the approval keys: who reads those knows its own pointers.
    of_keys: Vec<Diagnostic>,
    /// How many calls there are up to here.
    calls: u32,
}

impl Reader<'_> {
    fn report(&mut self, code: Code, span: Span, say: impl FnOnce(Saying<'_>) -> Saying<'_>) {
        self.parts.report(fault(code, span).say(say));
    }

    fn scenario(&mut self, root: &Node) -> Option<Scenario> {
        let object = self.parts.object(root, "a scenario")?;
        let fields = self.parts.fields(root, object, "a scenario", &SCENARIO);
        let policy = self.document(&fields, "policy");
        let catalog = self.document(&fields, "catalog");
        let approval_keys = fields.get("approval_keys").and_then(|field| self.keys(field.node));
        let asserts = self.asserts(&fields);
        let mut groups = Vec::new();
        if object.get("steps").is_some() {
            let steps = self.steps(&fields);
            groups.push(Group { name: None, pointer: String::new(), steps });
        } else if object.get("groups").is_none() && object.get("assert").is_none() {
            self.report(Code::MissingKey, root.span.first(), |said| {
                said.message("a scenario needs `steps`, `groups` or `assert`")
            });
        }
        self.groups(&fields, &mut groups);
        let description = fields.text("description").map(str::to_owned);
        Some(Scenario {
            description,
            policy: policy?,
            catalog,
            approval_keys,
            asserts,
            groups,
            #[cfg(feature = "import")]
            places: None,
        })
    }

    fn document(&mut self, fields: &Fields<'_>, key: &str) -> Option<Document> {
        let node = fields.get(key)?.node;
        match &node.value {
            Value::String(path) => {
                Some(Document::Path(Spanned { value: path.clone(), span: node.span }))
            }
            Value::Object(_) => Some(Document::Inline(node.clone())),
            // A list of tools is a catalog too.
            Value::List(_) if key == "catalog" => Some(Document::Inline(node.clone())),
            other => {
                self.report(Code::WrongType, node.span, |said| {
                    let (key, kind) = (name(key), other.kind());
                    said.message(format!(
                        "{key} must be the path of a file or the document itself, not {kind}"
                    ))
                });
                None
            }
        }
    }

    fn keys(&mut self, node: &Node) -> Option<Keys> {
        let keys = Keys::from_node(node).map_err(|faults| {
            self.of_keys.extend(faults.iter().map(|fault| fault.diagnostic("/approval_keys")));
        });
        keys.ok()
    }

    fn asserts(&mut self, fields: &Fields<'_>) -> Vec<Spanned<String>> {
        let mut asserts = Vec::new();
        for node in fields.items("assert") {
            let Some(written) = self.parts.string(node, "a question of `assert`") else { continue };
            if self.parts.is_named(written, node.span, "a question of `assert`") {
                asserts.push(Spanned { value: written.to_owned(), span: node.span });
            }
        }
        asserts
    }

    fn groups(&mut self, fields: &Fields<'_>, groups: &mut Vec<Group>) {
        let items = fields.items("groups");
        let called = |at: usize| items.get(at)?.value.as_object()?.get("name")?.value.as_str();
        let earlier = parse::repeated(items.len(), called);
        for (number, (node, earlier)) in items.iter().zip(earlier).enumerate() {
            let Some(object) = self.parts.object(node, "a group") else { continue };
            let fields = self.parts.fields(node, object, "a group", &GROUP);
            if let Some(field) = fields.get("name") {
                let (written, span) = (fields.text("name").unwrap_or_default(), field.node.span);
                if self.parts.is_named(written, span, "the name of a group") && earlier.is_some() {
                    self.report(Code::DuplicateName, span.inner(), |said| {
                        said.message(format!("another group is called {}", name(written)))
                    });
                }
            }
            let name = fields.text("name").map(str::to_owned);
            let steps = self.steps(&fields);
            groups.push(Group { name, pointer: format!("/groups/{number}"), steps });
        }
    }

    fn steps(&mut self, fields: &Fields<'_>) -> Vec<Step> {
        let list = fields.items("steps");
        let mut steps = Vec::with_capacity(list.len());
        let mut now = BEGIN;
        for node in list {
            let Some(step) = self.step(node, now) else { continue };
            now = step.time(step.times.saturating_sub(1));
            let before = self.calls;
            self.calls = before.saturating_add(step.times);
            if now.0 > LAST {
                self.report(Code::InvalidTime, node.span, |said| {
                    said.message("the scenario goes on beyond the year 9999")
                });
                break;
            }
            if self.calls > MAX_CALLS && before <= MAX_CALLS {
                self.report(Code::TooManyCalls, node.span, |said| {
                    said.message(format!(
                        "the scenario has more than {MAX_CALLS} calls from here on"
                    ))
                });
            }
            steps.push(step);
        }
        steps
    }

    /// A step; `now` is the time of the last call before it.
    fn step(&mut self, node: &Node, now: Time) -> Option<Step> {
        let object = self.parts.object(node, "a step")?;
        let fields = self.parts.fields(node, object, "a step", &STEP);
        let at = self.time(&fields, "at", AT_HELP, |text| match text.strip_prefix('+') {
            Some(text) => time::span(text).and_then(|span| now.0.checked_add(span)).map(Time),
            None => time::moment(text),
        });
        let every = self.time(&fields, "every", SPAN_HELP, time::span);
        let times = fields.get("times").map(|field| (field.node.span, whole(field.node)));
        if let Some((span, None)) = times {
            self.report(Code::WrongType, span, |said| {
                said.message("`times` must be a whole number from 1")
            });
        }
        if object.get("every").is_some() && object.get("times").is_none() {
            self.report(Code::MissingKey, node.span.first(), |said| {
                said.message("a step with `every` needs `times`")
            });
        }
        let upstream = fields.get("outcome").and_then(|field| {
            let words = Words {
                code: Code::UnknownOutcome,
                what: "outcome",
                known: &[
                    ("ok", Upstream::Ok),
                    ("tool-error", Upstream::ToolError),
                    ("error", Upstream::Error),
                ],
                synonyms: &[],
                help: "it is `ok`, `tool-error` or `error`",
            };
            self.parts.word(field, &words)
        });
        let expected = fields.get("expect").and_then(|field| self.expected(field.node));
        let mut call = fields.get("call").and_then(|field| self.call(field.node));
        let mut approver = None;
        if let Some(Ok(call)) = &mut call {
            self.of_step(&fields, "grant", &mut call.grant);
            self.of_step(&fields, "session", &mut call.session);
            approver = self.approval(&fields, &mut call.approval);
        }
        Some(Step {
            span: node.span,
            at: at.unwrap_or(now),
            call: call?,
            approver,
            upstream: upstream.unwrap_or_default(),
            every: every.unwrap_or(0),
            times: times.and_then(|(_, times)| times).unwrap_or(1),
            expected,
        })
    }

    fn time<T>(
        &mut self,
        fields: &Fields<'_>,
        key: &str,
        help: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let (field, text) = (fields.get(key)?, fields.text(key)?);
        let time = read(text);
        if time.is_none() {
            self.report(Code::InvalidTime, field.node.span.inner(), |said| {
                said.message(format!("{} is no time", name(text))).help(help)
            });
        }
        time
    }

    fn call(&mut self, node: &Node) -> Option<Result<Call, CallFault>> {
        let wrong = match parse::call(node) {
            Err(fault) if !matches!(fault.kind, CallFaultKind::Arguments(_)) => fault,
            call => return Some(call),
        };
        match &wrong.kind {
            CallFaultKind::UnknownKey(key) => {
                let span = wrong.span.inner();
                self.report(Code::UnknownKey, span, |said| unknown_key(said, key, span));
            }
            kind => {
                self.report(Code::InvalidCall, wrong.span, |said| said.message(kind.to_string()));
            }
        }
        None
    }

    /// What the step says beside its call, for calls that cannot say it, as messages cannot.
    fn of_step(&mut self, fields: &Fields<'_>, key: &str, own: &mut Option<String>) {
        let Some(field) = fields.get(key) else { return };
        if self.is_alone(field, key, own.as_ref()) {
            *own = fields.text(key).map(str::to_owned);
        }
    }

    /// Whether the call does not say itself what the step says beside it. Reports it if it does.
    fn is_alone(&mut self, field: &Field<'_>, key: &str, own: Option<&String>) -> bool {
        if own.is_some() {
            self.report(Code::InvalidCall, field.key_span.inner(), |said| {
                said.message(format!("the call says its {} itself", name(key)))
                    .help("say it in one of the two places")
            });
        }
        own.is_none()
    }

    /// A token, which goes into the call, or who approves the call.
    fn approval(&mut self, fields: &Fields<'_>, own: &mut Option<String>) -> Option<String> {
        let field = fields.get("approval")?;
        if !self.is_alone(field, "approval", own.as_ref()) {
            return None;
        }
        match &field.node.value {
            Value::String(token) => {
                *own = Some(token.clone());
                None
            }
            Value::Object(object) => {
                let fields = self.parts.fields(field.node, object, "an approval", &APPROVAL);
                let by = fields.get("by")?;
                let written = fields.text("by")?;
                let named = self.parts.is_named(written, by.node.span, "the name of the approver");
                named.then(|| written.to_owned())
            }
            other => {
                let kind = other.kind();
                self.report(Code::WrongType, field.node.span, |said| {
                    said.message(format!(
                        "`approval` must be a token or an object that says `by` whom, not {kind}"
                    ))
                });
                None
            }
        }
    }

    fn expected(&mut self, node: &Node) -> Option<Expected> {
        let object = node.value.as_object()?;
        let fields = self.parts.fields(node, object, "`expect`", &EXPECT);
        let effect = fields.get("decision").and_then(|field| {
            let words = Words {
                code: Code::UnknownDecision,
                what: "decision",
                known: &[Effect::Allow, Effect::Deny, Effect::Hold].map(|e| (e.as_str(), e)),
                synonyms: &[
                    ("allowed", "allow"),
                    ("denied", "deny"),
                    ("block", "deny"),
                    ("held", "hold"),
                    ("require_approval", "hold"),
                ],
                help: "it is `allow`, `deny` or `hold`",
            };
            let value = self.parts.word(field, &words)?;
            Some(Spanned { value, span: field.node.span })
        });
        let remaining = fields.get("remaining").and_then(|field| {
            let number = field.node.value.as_number().cloned();
            if number.is_none() {
                let kind = field.node.value.kind();
                self.report(Code::WrongType, field.node.span, |said| {
                    said.message(format!("`remaining` must be a number, not {kind}"))
                });
            }
            Some(Spanned { value: number?, span: field.node.span })
        });
        let text = |key| {
            let value = fields.text(key)?.to_owned();
            Some(Spanned { value, span: fields.get(key)?.node.span })
        };
        Some(Expected { effect: effect?, rule: text("rule"), message: text("message"), remaining })
    }
}

fn unknown_key<'d>(said: Saying<'d>, key: &str, span: Span) -> Saying<'d> {
    let said = said.message(format!("unknown key {}", name(key)));
    match nearest(key, parse::CALL_KEYS) {
        Some(near) => said.help(format!("did you mean `{near}`?")).replace(
            format!("rename it to `{near}`"),
            span,
            near,
        ),
        None => said,
    }
}

/// A whole number from 1 that fits, or too many.
fn whole(node: &Node) -> Option<u32> {
    let number = node.value.as_number().filter(|number| number.is_integer())?;
    let number = number.to_u64().unwrap_or(if number.is_negative() { 0 } else { u64::MAX });
    (number > 0).then(|| u32::try_from(number).unwrap_or(u32::MAX))
}
