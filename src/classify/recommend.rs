//! A whole policy for a server, from what its tools can do. Each part says why it is there, under the
//! key `x-reason`, which the language leaves to the author.

use std::collections::BTreeSet;

use super::evidence::Says;
use super::{Category, Classified, Options, Place, Trait, argument, classify};
use crate::diagnostic::name;
use crate::json::{Number, Value, quote};
use crate::model::{Catalog, Path, Tool};
use crate::parse;
use crate::validate::{open, schema};
use crate::words::{senses, split};

/// How much an agent may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// Look, and nothing else.
    ReadOnly,
    /// Work, with a person for what reaches others, costs or changes rights.
    Careful,
    /// Work, with a person for money, for rights and for what runs any text.
    Working,
}

impl Profile {
    /// All of them, from the strictest.
    pub const ALL: [Profile; 3] = [Profile::ReadOnly, Profile::Careful, Profile::Working];

    /// Its name: `read-only`, `careful`, `working`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Profile::ReadOnly => "read-only",
            Profile::Careful => "careful",
            Profile::Working => "working",
        }
    }

    /// The profile of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Profile> {
        Profile::ALL.into_iter().find(|profile| profile.as_str() == name)
    }
}

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'w> {
    /// How much an agent may do.
    pub profile: Profile,
    /// The tools that are meant; all of the server's if there is none.
    pub tools: &'w [&'w str],
    /// Whether the policy says why, under `x-reason`.
    pub reasons: bool,
}

/// The policy document for a server, in its canonical form: what is not listed in it is denied.
#[must_use]
pub fn recommend(catalog: &Catalog, options: Options, wanted: Wanted<'_>) -> String {
    let found = classify(catalog, options);
    let named: BTreeSet<&str> = wanted.tools.iter().copied().collect();
    let meant = |tool: &Tool| named.is_empty() || named.contains(tool.name.as_str());
    let tools = catalog.tools.iter().zip(&found).filter(|(tool, _)| meant(tool));
    recommend_for(tools, wanted.profile, wanted.reasons)
}

/// As [`recommend`], for tools of which it is known already what they can do.
pub fn recommend_for<'c>(
    among: impl Iterator<Item = (&'c Tool, &'c Classified)>,
    profile: Profile,
    reasons: bool,
) -> String {
    let wanted = Wanted { profile, tools: &[], reasons };
    let (mut hidden, mut why_hidden, mut tools) = (Vec::new(), Vec::new(), Vec::new());
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    for (tool, is) in among {
        // Of two tools of one name, which a server should not have, the first counts; one without a
        // name cannot be listed, and what is not listed is denied.
        if tool.name.trim().is_empty() || !seen.insert(&tool.name) {
            continue;
        }
        match rules(tool, is, wanted) {
            Some(rules) => tools.push((tool.name.clone(), rules)),
            // `hide` would take this for all of them.
            None if tool.name == "*" => {}
            None => {
                hidden.push(text(&tool.name).into());
                why_hidden.push((tool.name.clone(), text(&reason(is))));
            }
        }
    }
    let mut members = vec![];
    if !hidden.is_empty() {
        members.push(member("hide", Value::List(hidden)));
    }
    members.push(member("tools", Value::Object(tools.into_iter().collect())));
    if reasons {
        let mut reasons =
            vec![member("default", text("what is not listed is not known, and denied"))];
        if !why_hidden.is_empty() {
            reasons.push(member("hide", Value::Object(why_hidden.into_iter().collect())));
        }
        members.push(member("x-reason", Value::Object(reasons.into_iter().collect())));
    }
    document(members)
}

/// The canonical text of a policy that denies what is not listed in it.
pub(super) fn document(more: Vec<(String, Value)>) -> String {
    let mut members = vec![member("version", text("1")), member("default", text("deny"))];
    members.extend(more);
    let written = crate::json::write(&Value::Object(members.into_iter().collect()));
    let parsed = parse::parse(written.as_bytes());
    parsed.policy.map_or(written, |policy| parse::print(&policy))
}

/// The rules of a tool; `None` if it is hidden.
pub(super) fn rules(tool: &Tool, is: &Classified, wanted: Wanted<'_>) -> Option<Value> {
    let mut rules = Rules { wanted, require: Vec::new(), deny_if: Vec::new(), approval: None };
    let mut category = is.category;
    if let Some((argument, kept, worst)) = chosen(tool, is)
        && category > worst
    {
        category = worst;
        let values = Value::List(kept.iter().map(|one| text(one).into()).collect());
        let reason = format!(
            "{} chooses among operations; those that take away are left out",
            name(argument)
        );
        rules.require(vec![condition(&path(argument), "in", values)], &reason);
    } else if is.has(Trait::Multiplexing) && category < Category::Destructive {
        rules.approve("an argument chooses among operations that the schema does not list");
    }
    let careful = wanted.profile != Profile::Working;
    match category {
        Category::Destructive => return None,
        Category::Financial => rules.approve("it moves money or asks for it"),
        Category::Read if is.has(Trait::Secrets) => rules.approve("it gives away secrets"),
        Category::Read => {}
        Category::Write | Category::Execute if wanted.profile == Profile::ReadOnly => return None,
        _ if is.confidence < 50 => rules.approve("it does not say what it does"),
        Category::Write if is.has(Trait::Identity) => rules.approve("it changes who may do what"),
        _ if careful && is.has(Trait::Egress) => rules.approve("it sends something to others"),
        _ if careful && is.has(Trait::Credentials) => {
            rules.approve("it takes secrets as arguments")
        }
        _ => {}
    }
    if wanted.profile == Profile::ReadOnly
        && (category > Category::Read || rules.approval.is_some())
    {
        return None;
    }
    rules.arguments(tool, is);
    if wanted.profile == Profile::ReadOnly && rules.approval.is_some() {
        return None;
    }
    let mut limits = Vec::new();
    let mut limit = |of: &str, window: &str, max: u32, reason: &str| {
        let mut members = vec![
            member("counter", text(&format!("{}_{of}", tool.name))),
            member("window", text(window)),
            member("max", number(max)),
            member("scope", text("grant")),
        ];
        if wanted.reasons {
            members.push(member("x-reason", text(reason)));
        }
        limits.push(Value::Object(members.into_iter().collect()).into());
    };
    match category {
        Category::Write => {
            limit("rate", "minute", 30, "an agent in a loop changes no more than this")
        }
        Category::Execute => {
            limit("rate", "minute", 10, "an agent in a loop starts no more than this")
        }
        _ => {}
    }
    if careful && is.has(Trait::Cost) {
        limit("budget", "day", 100, "each call costs");
    }
    Some(rules.value(limits, &reason(is)))
}

/// An argument that chooses among listed operations, those of them that take nothing away and move no
/// money, and the worst of these.
fn chosen<'c>(tool: &'c Tool, is: &Classified) -> Option<(&'c str, Vec<&'c str>, Category)> {
    let named = is.evidence.iter().find(|one| one.says == Says::Trait(Trait::Multiplexing))?;
    let Place::Argument(argument) = &named.place else { return None };
    let properties = tool.input_schema.as_ref()?.get("properties")?.value.as_object()?;
    let argument = properties.member(argument)?.key.as_ref();
    let schema::Found::Forms(forms) =
        schema::find(tool.input_schema.as_ref()?, &Path::parse(&path(argument)).ok()?)
    else {
        return None;
    };
    let worst = |value: &str| senses(value).into_iter().filter_map(super::meaning::category).max();
    let kept = forms.words()?.into_iter().filter_map(|value| Some((value, worst(value)?)));
    let kept: Vec<(&str, Category)> =
        kept.filter(|(_, worst)| *worst < Category::Destructive).collect();
    let worst = kept.iter().map(|(_, worst)| *worst).max()?;
    Some((argument, kept.into_iter().map(|(value, _)| value).collect(), worst))
}

struct Rules<'w> {
    wanted: Wanted<'w>,
    require: Vec<Value>,
    deny_if: Vec<Value>,
    /// Why a person is asked for each call.
    approval: Option<&'static str>,
}

/// Addresses within: the machine itself, private networks, metadata services.
pub(super) const WITHIN: &str = r"(?i)^([a-z][a-z0-9+.-]*:)?/*([^/@]*@)?(localhost|0\.|10\.|127\.|169\.254\.|192\.168\.|172\.(1[6-9]|2[0-9]|3[01])\.|\[|metadata\.|[0-9]+([:/]|$))|^(?i:file|gopher|ftp|dict|ldap):";

/// One statement that looks.
pub(super) const LOOKS: &str = r"(?i)^\s*(select|show|describe)\b[^;]*;?\s*$";

impl Rules<'_> {
    fn approve(&mut self, why: &'static str) {
        self.approval.get_or_insert(why);
    }

    fn rule(&self, conditions: Vec<Value>, reason: &str) -> Value {
        let conditions = conditions.into_iter().map(Into::into).collect();
        let mut members = vec![member("conditions", Value::List(conditions))];
        if self.wanted.reasons {
            members.push(member("x-reason", text(reason)));
        }
        Value::Object(members.into_iter().collect())
    }

    fn require(&mut self, conditions: Vec<Value>, reason: &str) {
        let rule = self.rule(conditions, reason);
        self.require.push(rule);
    }

    /// Denies what an argument must not be, where it is given.
    fn deny(&mut self, argument: &str, operator: &str, value: &str, reason: &str) {
        let is_there = condition(argument, "exists", Value::Bool(true));
        let rule = self.rule(vec![is_there, condition(argument, operator, text(value))], reason);
        self.deny_if.push(rule);
    }

    /// Rules on the arguments that lead somewhere, or are run.
    fn arguments(&mut self, tool: &Tool, is: &Classified) {
        for one in &is.evidence {
            let (Place::Argument(argument), Says::Trait(found)) = (&one.place, one.says) else {
                continue;
            };
            if found == Trait::RawText && argument::is_pipeline(tool, argument) {
                for stage in ["$out", "$merge"] {
                    let stage = format!("{}[*][{}]", path(argument), quote(stage));
                    let is_there = condition(&stage, "exists", Value::Bool(true));
                    let rule = self.rule(vec![is_there], "a stage that writes what was found");
                    self.deny_if.push(rule);
                }
                continue;
            }
            let Some(place) = place(tool, argument) else {
                if found == Trait::RawText {
                    self.approve("it runs whatever text it is given");
                }
                continue;
            };
            match found {
                Trait::Address => self.deny(
                    &place,
                    "regex",
                    WITHIN,
                    "an address within would be reached from the server; what a name leads to is not known here",
                ),
                Trait::Path if !split(&tool.name).iter().any(|word| word == "json") => {
                    self.deny(&place, "contains", "..", "it would lead out of the folder that is meant");
                }
                Trait::RawText
                    if self.wanted.profile != Profile::Working
                        && is_query(tool)
                        && is_sql(tool, argument) =>
                {
                    let reason = "one statement that looks; a function in it may do more, so let the server's own role only read too";
                    self.require(vec![condition(&place, "regex", text(LOOKS))], reason);
                }
                Trait::RawText if is.category == Category::Read && is_sql(tool, argument) => {
                    let reason = "it says that it only reads";
                    self.require(vec![condition(&place, "regex", text(LOOKS))], reason);
                }
                Trait::RawText => self.approve("it runs whatever text it is given"),
                // The agent itself sets it: what it would confirm is for a person.
                Trait::SelfConfirmed
                    if self.wanted.profile == Profile::Careful && is.category != Category::Read =>
                {
                    self.approve("the agent itself says that somebody agreed");
                }
                _ => {}
            }
        }
    }

    fn value(self, limits: Vec<crate::json::Node>, reason: &str) -> Value {
        let mut members = Vec::new();
        let nodes = |rules: Vec<Value>| Value::List(rules.into_iter().map(Into::into).collect());
        if self.approval.is_some() {
            members.push(member("action", text("require_approval")));
        }
        if !self.require.is_empty() {
            members.push(member("require", nodes(self.require)));
        }
        if !self.deny_if.is_empty() {
            members.push(member("deny_if", nodes(self.deny_if)));
        }
        if !limits.is_empty() {
            members.push(member("limits", Value::List(limits)));
        }
        if self.wanted.reasons {
            let reason = match self.approval {
                Some(why) => format!("{reason}; a person is asked: {why}"),
                None => reason.to_owned(),
            };
            members.push(member("x-reason", text(&reason)));
        }
        Value::Object(members.into_iter().collect())
    }
}

/// Why a tool is treated as it is.
fn reason(is: &Classified) -> String {
    let said = is.evidence.first().map(|one| match &one.place {
        Place::Nowhere => one.words.clone(),
        Place::Argument(argument) => format!("argument {}: {}", name(argument), name(&one.words)),
        place => format!("{} {}", place.as_str(), name(&one.words)),
    });
    format!("{}, {}: {}", is.category.as_str(), is.risk.as_str(), said.unwrap_or_default())
}

/// The texts that an argument at the top level holds, if it can be nothing else.
pub(super) fn place(tool: &Tool, argument: &str) -> Option<String> {
    let schema = tool.input_schema.as_ref()?;
    tool.argument(argument)?;
    let types = |path: &str| match schema::find(schema, &Path::parse(path).ok()?) {
        schema::Found::Forms(forms) => forms.types(),
        _ => None,
    };
    let path = path(argument);
    let own = types(&path)?;
    let only =
        |wanted: &str, types: &[&str]| types.iter().all(|one| *one == wanted || *one == "null");
    if only("string", &own) {
        return Some(path);
    }
    let each = format!("{path}[*]");
    (only("array", &own) && only("string", &types(&each)?)).then_some(each)
}

/// Whether an argument is run as SQL, of which it can be said whether it only looks.
pub(super) fn is_sql(tool: &Tool, argument: &str) -> bool {
    let schema = tool.argument(argument).and_then(Value::as_object);
    let said = schema.and_then(|schema| schema.get("description")?.value.as_str()).unwrap_or("");
    let about = [argument, said, tool.description.as_deref().unwrap_or("")];
    open::is_run(tool, argument)
        && about.iter().any(|text| split(text).iter().any(|word| word == "sql" || word == "select"))
}

/// Whether a tool is there for queries, by its name.
fn is_query(tool: &Tool) -> bool {
    let words = split(&tool.name);
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    has(&["query", "queries", "select", "read", "search", "find"])
        && !has(&["write", "insert", "update"])
}

pub(super) fn condition(path: &str, operator: &str, value: Value) -> Value {
    let members =
        [member("path", text(path)), member("op", text(operator)), member("value", value)];
    Value::Object(members.into_iter().collect())
}

/// The path to an argument at the top level.
pub(super) fn path(argument: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if !argument.is_empty() && argument.chars().all(plain) {
        format!("args.{argument}")
    } else {
        format!("args[{}]", quote(argument))
    }
}

pub(super) fn member(key: &str, value: Value) -> (String, Value) {
    (key.to_owned(), value)
}

pub(super) fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

pub(super) fn number(number: u32) -> Value {
    Number::parse(&number.to_string()).map_or(Value::Null, Value::Number)
}
