//! Answers to what people ask of one tool, each with a policy that does it and nothing else.

use super::recommend::{
    LOOKS, Profile, WITHIN, Wanted, condition, document, is_sql, member, number, path, place,
    rules, text,
};
use super::{Category, Classified, Says, Trait};
use crate::diagnostic::name;
use crate::json::Value;
use crate::model::{Path, Tool};
use crate::validate::schema;

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// How often it may be called.
    Limit,
    /// That it may not be called.
    Block,
    /// That a person decides over each call.
    Approve,
    /// With which arguments it may be called.
    Validate,
}

/// What there is to say to a question.
#[derive(Clone, Debug)]
pub struct Answer {
    /// What was asked.
    pub question: Question,
    /// The answer, in a sentence or two; names and words of the language are in backticks.
    pub says: String,
    /// A whole policy that does it; `None` if there is nothing to be done.
    pub policy: Option<String>,
    /// Another tool that the policy names.
    pub beside: Option<String>,
}

/// So many arguments are looked at in an answer; more would be no example.
const MOST: usize = 4;

/// So many values of a list are shown.
const VALUES: usize = 12;

/// The answers for the tool at this place of a server's tools, of each of which it is known what it can do.
///
/// There are none for a tool that no policy can name.
#[must_use]
pub fn answers(tools: &[Tool], found: &[Classified], at: usize) -> Vec<Answer> {
    let (Some(tool), Some(is)) = (tools.get(at), found.get(at)) else { return Vec::new() };
    if tool.name.trim().is_empty() {
        return Vec::new();
    }
    vec![limit(tool, is), block(tool, beside(tool, found)), approve(tool), validate(tool, is)]
}

/// Whether nothing but rules on its arguments bounds what it does.
fn is_open(is: &Classified) -> bool {
    is.has(Trait::RawText) || is.has(Trait::Multiplexing)
}

/// Another tool, which stays open in a policy that blocks this one: one that looks, if there is one.
fn beside<'c>(tool: &Tool, found: &'c [Classified]) -> Option<&'c str> {
    let named = |other: &&Classified| other.tool != tool.name && !other.tool.trim().is_empty();
    let others = || found.iter().filter(|other| !is_open(other)).filter(named);
    let looks = others().find(|other| other.category == Category::Read);
    looks.or_else(|| others().next()).map(|other| other.tool.as_str())
}

/// A policy that lists one tool with these rules.
fn only(tool: &Tool, rules: Vec<(String, Value)>) -> String {
    let rules = Value::Object(rules.into_iter().collect());
    let tools = [(tool.name.clone(), rules)].into_iter().collect();
    document(vec![member("tools", Value::Object(tools))])
}

fn limit(tool: &Tool, is: &Classified) -> Answer {
    let (most, window) = match is.category {
        Category::Read => (60, "minute"),
        Category::Write => (30, "minute"),
        Category::Execute => (10, "minute"),
        Category::Destructive | Category::Financial => (5, "day"),
    };
    let limit = [
        member("counter", text(&format!("{}_rate", tool.name))),
        member("window", text(window)),
        member("max", number(most)),
        member("scope", text("grant")),
    ];
    let limits = Value::List(vec![Value::Object(limit.into_iter().collect()).into()]);
    let mut says = format!(
        "Give it a limit. With this one each grant may call it {most} times a {window}; the next call is denied and told \
         when to try again. Two tools with the same `counter` share it."
    );
    let mut rules = Vec::new();
    if is_open(is) {
        says.push_str(" How often is not all that counts here: the other rules are for what its arguments can make it do.");
        rules = bounds(tool, is);
    }
    rules.push(member("limits", limits));
    Answer { question: Question::Limit, says, policy: Some(only(tool, rules)), beside: None }
}

/// The rules that are recommended for its arguments, or a person for each call.
fn bounds(tool: &Tool, is: &Classified) -> Vec<(String, Value)> {
    let wanted = Wanted { profile: Profile::Working, tools: &[], reasons: false };
    match rules(tool, is, wanted) {
        Some(Value::Object(rules)) => {
            let members = rules.members().iter().filter(|member| member.key != "limits");
            members.map(|member| (member.key.to_string(), member.node.value.clone())).collect()
        }
        _ => vec![member("action", text("require_approval"))],
    }
}

fn block(tool: &Tool, beside: Option<&str>) -> Answer {
    let says = "Hide it. It is then in no list of tools that an agent gets to see, and a call of it is denied all the \
                same. `\"action\": \"deny\"` under `tools` denies its calls and leaves it in the list.";
    // `hide` takes this name for all of them.
    let policy = if tool.name == "*" {
        only(tool, vec![member("action", text("deny"))])
    } else {
        let hidden = Value::List(vec![text(&tool.name).into()]);
        let open = beside.map(|other| (other.to_owned(), Value::Object([].into_iter().collect())));
        let tools = Value::Object(open.into_iter().collect());
        document(vec![member("hide", hidden), member("tools", tools)])
    };
    Answer {
        question: Question::Block,
        says: says.to_owned(),
        policy: Some(policy),
        beside: beside.map(str::to_owned),
    }
}

fn approve(tool: &Tool) -> Answer {
    let says = "Hold its calls. A call then waits until a person has approved exactly that call with a key that the \
                agent does not have; `require_approval_if` holds only those that match a condition.";
    Answer {
        question: Question::Approve,
        says: says.to_owned(),
        policy: Some(only(tool, vec![member("action", text("require_approval"))])),
        beside: None,
    }
}

fn validate(tool: &Tool, is: &Classified) -> Answer {
    let mut checks = Checks { require: Vec::new(), deny_if: Vec::new(), named: Vec::new() };
    let properties = tool.input_schema.as_ref().and_then(|schema| schema.get("properties"));
    let properties = properties.and_then(|properties| properties.value.as_object());
    // Those first that something was found about.
    let of = |argument: &str| {
        let found = is.evidence.iter().find(|one| one.place.of() == Some(argument));
        match found.map(|one| one.says) {
            Some(Says::Trait(found)) => Some(found),
            _ => None,
        }
    };
    let members = properties.map(|properties| properties.members()).unwrap_or_default();
    let marked = members.iter().filter(|member| of(&member.key).is_some());
    let plain = members.iter().filter(|member| of(&member.key).is_none());
    for argument in marked.chain(plain) {
        if checks.named.len() >= MOST {
            break;
        }
        checks.add(tool, &argument.key, of(&argument.key));
    }
    let rules: Vec<(String, Value)> = [("require", checks.require), ("deny_if", checks.deny_if)]
        .into_iter()
        .filter(|(_, rules)| !rules.is_empty())
        .map(|(key, rules)| member(key, Value::List(rules.into_iter().map(Into::into).collect())))
        .collect();
    if rules.is_empty() {
        let says = if members.is_empty() {
            "Its definition names no arguments, so there are none to check."
        } else {
            "Its definition does not say of what type its arguments are, so no example fits them; a condition names an \
             argument by its path and says what it must be."
        };
        return Answer {
            question: Question::Validate,
            says: says.to_owned(),
            policy: None,
            beside: None,
        };
    }
    let names = checks.named.iter().map(|argument| name(argument)).collect::<Vec<_>>().join(", ");
    Answer {
        question: Question::Validate,
        says: format!(
            "Say what its arguments must be (`require`) or must not be (`deny_if`). These conditions fit the types of \
             {names}; the values are examples, to be made as narrow as the work allows."
        ),
        policy: Some(only(tool, rules)),
        beside: None,
    }
}

/// The rules on arguments that are found.
struct Checks<'c> {
    require: Vec<Value>,
    deny_if: Vec<Value>,
    named: Vec<&'c str>,
}

impl<'c> Checks<'c> {
    fn add(&mut self, tool: &'c Tool, argument: &'c str, found: Option<Trait>) {
        let Some(schema) = &tool.input_schema else { return };
        let Ok(at) = Path::parse(&path(argument)) else { return };
        let schema::Found::Forms(forms) = schema::find(schema, &at) else { return };
        let required = !forms.optional;
        if let Some(values) = forms.words().filter(|values| !values.is_empty()) {
            let values = values.into_iter().take(VALUES).map(|one| text(one).into()).collect();
            return self.expect(
                argument,
                &path(argument),
                required,
                "in",
                "not_in",
                Value::List(values),
            );
        }
        let types = forms.types().unwrap_or_default();
        let numbers = |one: &&str| ["integer", "number", "null"].contains(one);
        if !types.is_empty() && types.iter().all(numbers) && types != ["null"] {
            let most = maximum(tool, argument).unwrap_or_else(|| number(100));
            return self.expect(argument, &path(argument), required, "lte", "gt", most);
        }
        let Some(place) = place(tool, argument) else { return };
        let deny = |operator, value: &str| {
            vec![
                condition(&place, "exists", Value::Bool(true)),
                condition(&place, operator, text(value)),
            ]
        };
        match found {
            Some(Trait::Address) => self.deny(argument, deny("regex", WITHIN)),
            Some(Trait::Path) => self.deny(argument, deny("contains", "..")),
            Some(Trait::RawText) if is_sql(tool, argument) => {
                self.require(argument, vec![condition(&place, "regex", text(LOOKS))]);
            }
            _ if required && place == path(argument) => {
                self.require(argument, vec![condition(&place, "regex", text("^.{1,200}$"))]);
            }
            _ => self.deny(argument, deny("regex", "^.{201}")),
        }
    }

    /// What must be so, or if it is left out need not be.
    fn expect(
        &mut self,
        argument: &'c str,
        place: &str,
        required: bool,
        is: &str,
        is_not: &str,
        value: Value,
    ) {
        if required {
            self.require(argument, vec![condition(place, is, value)]);
        } else {
            let there = condition(place, "exists", Value::Bool(true));
            self.deny(argument, vec![there, condition(place, is_not, value)]);
        }
    }

    fn require(&mut self, argument: &'c str, conditions: Vec<Value>) {
        self.named.push(argument);
        self.require.push(rule(conditions));
    }

    fn deny(&mut self, argument: &'c str, conditions: Vec<Value>) {
        self.named.push(argument);
        self.deny_if.push(rule(conditions));
    }
}

fn rule(conditions: Vec<Value>) -> Value {
    let conditions = conditions.into_iter().map(Into::into).collect();
    Value::Object([member("conditions", Value::List(conditions))].into_iter().collect())
}

/// The most that an argument may be by its schema, unless that bounds nothing.
fn maximum(tool: &Tool, argument: &str) -> Option<Value> {
    let most = &tool.argument(argument)?.as_object()?.get("maximum")?.value;
    let bounds = matches!(most, Value::Number(_)) && crate::json::write(most).len() <= 7;
    bounds.then(|| most.clone())
}
