//! What real tools can do: a public product's labels, and the tools of real servers.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::time::{Duration, Instant};

use cattlegrid::classify::{
    Answer, Category, Classified, Options, Profile, Question, Trait, Wanted, answers, classify,
    recommend, rehearse,
};
use cattlegrid::compile::compile;
use cattlegrid::evaluate::{Env, evaluate};
use cattlegrid::json::{Limits, Value, read_strict};
use cattlegrid::model::{Call, Catalog, Effect, Time, Tool};
use cattlegrid::quota::MemoryStore;
use cattlegrid::simulate::{self, Scenario};
use cattlegrid::{parse, validate};

/// Not part of the project: other people's texts.
const LABELS: &str = "../shared/data/labels/tools.json";
pub(super) const CATALOGS: &str = "../shared/data/catalog";
/// Ours: where those labels are wrong, and why.
const CORRECTIONS: &str = "tests/classify/corrections.json";

/// Past the capture of tests' output, so that it can be seen.
pub(super) fn say(line: &str) {
    std::io::stderr().write_all(format!("{line}\n").as_bytes()).unwrap();
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value.as_object().unwrap().get(key).unwrap().value.as_str().unwrap()
}

/// The corrections by server and tool.
fn corrections() -> BTreeMap<(String, String), String> {
    let file = fs::read(super::project(CORRECTIONS)).unwrap();
    let file = read_strict(&file, &Limits::DOCUMENT).unwrap();
    let list = file.value.as_object().unwrap().get("corrections").unwrap().value.as_list().unwrap();
    let one = |node: &cattlegrid::json::Node| {
        assert!(!text(&node.value, "reason").is_empty());
        let key = (text(&node.value, "server").to_owned(), text(&node.value, "tool").to_owned());
        (key, text(&node.value, "category").to_owned())
    };
    list.iter().map(one).collect()
}

/// How often a label and the engine agree.
#[derive(Default)]
struct Agreement {
    agreed: usize,
    all: usize,
}

impl Agreement {
    fn add(&mut self, label: &str, found: Category) {
        // Money is too noisy in the labels to be counted, and the rest has none.
        if ["Read", "Write", "Execute", "Destructive"].contains(&label) {
            self.all += 1;
            self.agreed += usize::from(label == found.as_str());
        }
    }

    fn share(&self) -> f64 {
        f64::from(u32::try_from(self.agreed).unwrap()) / f64::from(u32::try_from(self.all).unwrap())
    }
}

#[test]
fn labels_of_a_public_set_agree() {
    let Ok(labels) = fs::read(super::project(LABELS)) else {
        say(&format!("skipped: {LABELS} is not there"));
        return;
    };
    let labels = read_strict(&labels, &Limits::DOCUMENT).unwrap();
    let mut servers: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
    for label in labels.value.as_list().unwrap() {
        servers.entry(text(&label.value, "server")).or_default().push(&label.value);
    }
    let mut corrections = corrections();
    let (mut raw, mut corrected) = (Agreement::default(), Agreement::default());
    let mut grave = Vec::new();
    for (server, labels) in servers {
        let tool = |label: &&Value| Tool {
            name: text(label, "tool").to_owned(),
            description: Some(text(label, "description").to_owned()),
            ..Tool::default()
        };
        let tools = labels.iter().map(tool).collect();
        let catalog = Catalog { server: Some(server.to_owned()), tools };
        for (label, found) in labels.iter().zip(classify(&catalog, Options::default())) {
            let given = text(label, "category");
            let key = (server.to_owned(), found.tool.clone());
            let correction = corrections.remove(&key);
            assert_ne!(correction.as_deref(), Some(given), "{server}/{}", found.tool);
            let right = correction.as_deref().unwrap_or(given);
            raw.add(given, found.category);
            corrected.add(right, found.category);
            if matches!(right, "Destructive" | "Financial") && found.category == Category::Read {
                grave.push(format!("{server}/{} is {right}", found.tool));
            }
        }
    }
    assert!(corrections.is_empty(), "corrected, but not labelled: {:?}", corrections.keys());
    assert!(grave.is_empty(), "called Read: {}", grave.join(", "));
    say(&format!(
        "labels: {} of {} as they are, {} of {} corrected",
        raw.agreed, raw.all, corrected.agreed, corrected.all
    ));
    assert!(raw.share() >= 0.97 && corrected.share() >= 0.99);
}

/// Tools of our own, each alone on its server, in the conventions of names.
#[test]
fn nothing_grave_is_called_a_look_however_it_is_named() {
    let list = fs::read_to_string(super::project("tests/classify/grave.txt")).unwrap();
    let (mut all, mut looks) = (0, BTreeSet::new());
    for line in list.lines().filter(|line| !line.starts_with('#')) {
        let (_, rest) = line.split_once(' ').unwrap();
        let (name, description) = rest.split_once(" | ").unwrap_or((rest, ""));
        let names = [
            name.to_owned(),
            name.replace('_', "-"),
            name.split('_').map(capitalised).collect(),
            format!("acme.{name}"),
            format!("acme_{name}"),
        ];
        all += 1;
        for name in names {
            let description = Some(description).filter(|text| !text.is_empty());
            let tool =
                Tool { name, description: description.map(str::to_owned), ..Tool::default() };
            let catalog = Catalog { server: Some("acme".to_owned()), tools: vec![tool] };
            let found = classify(&catalog, Options::default()).remove(0);
            if found.category == Category::Read {
                looks.insert(found.tool.clone());
            }
        }
    }
    assert!(looks.is_empty(), "called Read: {looks:?}");
    assert!(all > 400);
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

/// All tools of the real servers, with the names of their files.
pub(super) fn real() -> Option<Vec<(String, Catalog, Vec<Classified>)>> {
    let Ok(files) = fs::read_dir(super::project(CATALOGS)) else {
        say(&format!("skipped: {CATALOGS} is not there"));
        return None;
    };
    let mut all = Vec::new();
    for file in files {
        let path = file.unwrap().path();
        let catalog = parse::catalog(&fs::read(&path).unwrap()).unwrap();
        let found = classify(&catalog, Options::default());
        assert_eq!(found.len(), catalog.tools.len());
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        all.push((name, catalog, found));
    }
    assert!(all.len() >= 48);
    Some(all)
}

/// What the names alone leave no doubt of.
#[test]
fn nothing_dangerous_among_real_tools_is_called_a_look() {
    const DANGEROUS: [&str; 12] = [
        "delete",
        "drop",
        "purge",
        "destroy",
        "flush",
        "remove",
        "uninstall",
        "attach",
        "detach",
        "grant",
        "refund",
        "exec",
    ];
    let Some(all) = real() else { return };
    let mut wrong = Vec::new();
    for (server, _, found) in &all {
        for tool in found.iter().filter(|tool| tool.category == Category::Read) {
            let name = tool.tool.to_ascii_lowercase();
            let mut words = name.split(|c: char| !c.is_alphanumeric());
            if words.any(|word| DANGEROUS.contains(&word)) {
                wrong.push(format!("{server}/{}", tool.tool));
            }
        }
    }
    assert!(wrong.is_empty(), "called Read: {}", wrong.join(", "));
}

/// The tool that the published pages are about.
#[test]
fn the_tool_of_the_pages_is_what_they_say() {
    let Some(all) = real() else { return };
    let mut tools = all.iter().flat_map(|(_, _, found)| found);
    let tool = tools.find(|tool| tool.tool == "policy_generation_start").unwrap();
    assert_eq!((tool.category.as_str(), tool.risk.as_str()), ("Execute", "high"));
    assert!(tool.has(Trait::Cost) && tool.has(Trait::FreeForm));
}

#[test]
fn many_long_descriptions_take_no_time() {
    let sentence = "Deletes the records that match and returns how many there were, unless the table is locked. ";
    let tool = |at: usize| Tool {
        name: format!("delete_records_{at}"),
        description: Some(sentence.repeat(22)),
        ..Tool::default()
    };
    let catalog = Catalog { server: None, tools: (0..2_000).map(tool).collect() };
    let begun = Instant::now();
    let found = classify(&catalog, Options::default());
    let took = begun.elapsed();
    assert!(found.iter().all(|tool| tool.category == Category::Destructive));
    say(&format!(
        "2,000 tools with 2 KB of description each: {} ms in this build",
        took.as_millis()
    ));
    // A debug build on a busy machine; the figure that counts is that of a release build.
    assert!(took < Duration::from_secs(60));
}

/// A policy of the recommended kind for these tools.
fn recommended(catalog: &Catalog, profile: Profile, tools: &[&str], reasons: bool) -> String {
    recommend(catalog, Options::default(), Wanted { profile, tools, reasons })
}

#[test]
fn recommended_policies_of_real_servers_leave_nothing_to_be_said() {
    let Some(all) = real() else { return };
    let mut said = Vec::new();
    for (server, catalog, _) in &all {
        for profile in Profile::ALL {
            let policy = recommended(catalog, profile, &[], true);
            let checked = validate::check(policy.as_bytes(), Some(catalog));
            let messages = checked.diagnostics.iter();
            said.extend(messages.map(|one| format!("{server}, {profile:?}: {}", one.message)));
            assert!(checked.policy.is_some(), "{server}");
        }
    }
    assert!(said.is_empty(), "{}", said.join("\n"));
}

/// Each category as it should be and abused, by the scenario that comes with the policy.
#[test]
fn recommended_policies_pass_their_own_scenarios() {
    let Some(all) = real() else { return };
    let (mut wrong, mut steps) = (Vec::new(), 0);
    for (server, catalog, _) in &all {
        for profile in [Profile::ReadOnly, Profile::Careful, Profile::Working] {
            let policy = recommended(catalog, profile, &[], true);
            let policy = compile(&parse::parse(policy.as_bytes()).policy.unwrap());
            let wanted = Wanted { profile, tools: &[], reasons: true };
            let scenario = rehearse(catalog, Options::default(), wanted, "policy.json");
            let scenario = Scenario::parse(scenario.as_bytes()).unwrap();
            steps += scenario.groups.iter().map(|group| group.steps.len()).sum::<usize>();
            for result in simulate::run(&scenario, &policy) {
                for one in &result.differences {
                    let step = &scenario.groups[result.group].steps[result.step];
                    let call = step.call.as_ref().unwrap();
                    wrong.push(format!("{server}, {profile:?}, `{}`: {one:?}", call.tool));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(steps > 48 * 3, "only {steps} steps");
}

/// The document that is published for this tool, and no more.
#[test]
fn the_policy_of_the_pages_is_what_they_say() {
    const PAGE: &str = r#"{"version":"1","default":"deny","tools":{"policy_generation_start":{"limits":[{"counter":"policy_generation_start_rate","window":"minute","max":10,"scope":"grant"}]}}}"#;
    let Some(all) = real() else { return };
    let (_, catalog, _) = all
        .iter()
        .find(|(_, catalog, _)| catalog.tool("policy_generation_start").is_some())
        .unwrap();
    let policy = recommended(catalog, Profile::Working, &["policy_generation_start"], false);
    let read = |text: &str| read_strict(text.as_bytes(), &Limits::DOCUMENT).unwrap().value;
    assert_eq!(read(&policy), read(PAGE));
}

/// A tool of each kind.
const SHOP: &str = r#"{"server": "shop", "tools": [
  {"name": "list_orders", "description": "Lists orders."},
  {"name": "get_page", "description": "Gets a web page.",
   "inputSchema": {"type": "object", "required": ["url"], "properties": {"url": {"type": "string"}}}},
  {"name": "read_file", "description": "Reads a file.",
   "inputSchema": {"type": "object", "properties": {"paths": {"type": "array", "items": {"type": "string"}}}}},
  {"name": "run_query", "description": "Runs a SQL query.",
   "inputSchema": {"type": "object", "required": ["sql"], "properties": {"sql": {"type": "string"}}}},
  {"name": "add_note", "description": "Adds a note."},
  {"name": "send_email", "description": "Sends an email.",
   "inputSchema": {"type": "object", "required": ["to"], "properties": {"to": {"type": "string"}}}},
  {"name": "add_role", "description": "Adds a role to a user."},
  {"name": "start_job", "description": "Starts a job. Each run incurs charges."},
  {"name": "volumes", "description": "Manages volumes.",
   "inputSchema": {"type": "object", "required": ["operation"],
     "properties": {"operation": {"type": "string", "enum": ["list", "create", "delete"]}}}},
  {"name": "delete_order", "description": "Deletes an order."},
  {"name": "get_secret", "description": "Gets a secret."},
  {"name": "refund_payment", "description": "Refunds a payment."}
]}"#;

#[test]
fn recommended_policies_let_work_pass_and_stop_abuse() {
    use Effect::{Allow, Deny, Hold};
    let catalog = parse::catalog(SHOP.as_bytes()).unwrap();
    // What each profile decides: to look, to work carefully, to work.
    let cases: [(&str, &str, [Effect; 3]); 22] = [
        ("list_orders", "{}", [Allow, Allow, Allow]),
        ("get_page", r#"{"url": "https://example.com/a"}"#, [Allow, Allow, Allow]),
        ("get_page", r#"{"url": "http://169.254.169.254/latest"}"#, [Deny, Deny, Deny]),
        ("get_page", r#"{"url": "http://u@localhost:8080/"}"#, [Deny, Deny, Deny]),
        ("get_page", r#"{"url": "http://[::1]/"}"#, [Deny, Deny, Deny]),
        ("get_page", r#"{"url": "http://2130706433/"}"#, [Deny, Deny, Deny]),
        ("get_page", r#"{"url": "FILE:///etc/passwd"}"#, [Deny, Deny, Deny]),
        ("read_file", r#"{"paths": ["a", "b/c"]}"#, [Allow, Allow, Allow]),
        ("read_file", r#"{"paths": ["a", "../../key"]}"#, [Deny, Deny, Deny]),
        ("run_query", r#"{"sql": "select 1"}"#, [Deny, Allow, Hold]),
        ("run_query", r#"{"sql": "select 1; drop table a"}"#, [Deny, Deny, Hold]),
        ("run_query", r#"{"sql": "drop table a"}"#, [Deny, Deny, Hold]),
        ("add_note", "{}", [Deny, Allow, Allow]),
        ("send_email", r#"{"to": "a@example.com"}"#, [Deny, Hold, Allow]),
        ("add_role", "{}", [Deny, Hold, Hold]),
        ("start_job", "{}", [Deny, Allow, Allow]),
        ("volumes", r#"{"operation": "create"}"#, [Deny, Allow, Allow]),
        ("volumes", r#"{"operation": "delete"}"#, [Deny, Deny, Deny]),
        ("delete_order", "{}", [Deny, Deny, Deny]),
        ("get_secret", "{}", [Deny, Hold, Hold]),
        ("refund_payment", "{}", [Deny, Hold, Hold]),
        ("unknown", "{}", [Deny, Deny, Deny]),
    ];
    let profiles = [Profile::ReadOnly, Profile::Careful, Profile::Working];
    let mut wrong = Vec::new();
    for (at, profile) in profiles.into_iter().enumerate() {
        let text = recommended(&catalog, profile, &[], true);
        assert!(validate::check(text.as_bytes(), Some(&catalog)).diagnostics.is_empty(), "{text}");
        let policy = compile(&parse::parse(text.as_bytes()).policy.unwrap());
        for (tool, arguments, expected) in &cases {
            let call = format!(r#"{{"tool": "{tool}", "arguments": {arguments}}}"#);
            let call = read_strict(call.as_bytes(), &Limits::DOCUMENT).unwrap();
            let call = parse::call(&call).unwrap();
            let mut counters = MemoryStore::new();
            let mut env = Env { now: Time(0), counters: &mut counters, approvals: None };
            let found = evaluate(Some(&policy), &call, &mut env).decision.effect;
            if found != expected[at] {
                wrong.push(format!("{profile:?} {tool} {arguments}: {found:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_agent_in_a_loop_is_stopped() {
    let catalog = parse::catalog(SHOP.as_bytes()).unwrap();
    let text = recommended(&catalog, Profile::Careful, &[], true);
    let policy = compile(&parse::parse(text.as_bytes()).policy.unwrap());
    let mut counters = MemoryStore::new();
    let mut passed = |tool: &str, at: &dyn Fn(u64) -> u64| {
        let call = Call { tool: tool.to_owned(), ..Call::default() };
        let passes = |time: u64| {
            let mut env = Env { now: Time(at(time)), counters: &mut counters, approvals: None };
            evaluate(Some(&policy), &call, &mut env).decision.effect == Effect::Allow
        };
        (0..1000).map(passes).filter(|passed| *passed).count()
    };
    assert_eq!(passed("add_note", &|_| 0), 30);
    assert_eq!(passed("start_job", &|_| 0), 10);
    // Ten a minute, and a hundred a day, of what costs.
    assert_eq!(passed("start_job", &|time| 60_000 + time * 10_000), 90);
}

#[test]
fn recommended_policies_say_why() {
    let catalog = parse::catalog(SHOP.as_bytes()).unwrap();
    let text = recommended(&catalog, Profile::Working, &["delete_order", "add_role"], true);
    let expected = r#"{
  "version": "1",
  "default": "deny",
  "hide": ["delete_order"],
  "tools": {
    "add_role": {
      "action": "require_approval",
      "limits": [
        {
          "counter": "add_role_rate",
          "window": "minute",
          "max": 30,
          "scope": "grant",
          "x-reason": "an agent in a loop changes no more than this"
        }
      ],
      "x-reason": "Write, critical: name `add`; a person is asked: it changes who may do what"
    }
  },
  "x-reason": {
    "default": "what is not listed is not known, and denied",
    "hide": { "delete_order": "Destructive, high: name `delete`" }
  }
}
"#;
    assert_eq!(text, expected);
    let bare = recommended(&catalog, Profile::Working, &[], false);
    assert!(!bare.contains("x-reason"));
}

/// Names are the server's word, and no part of the document's text.
#[test]
fn no_name_breaks_out_of_the_document() {
    for name in ["a\"b", "a\\b", "", "x-reason", "*", "\u{202e}", "args", "a.b[0]"] {
        let tool = |prefix: &str| Tool { name: format!("{prefix}{name}"), ..Tool::default() };
        let schema = format!(
            r#"[{{"name":"get_x","inputSchema":{{"properties":{{{}:{{"type":"string","format":"uri"}}}}}}}}]"#,
            cattlegrid::json::quote(name)
        );
        let argument = parse::catalog(schema.as_bytes()).unwrap().tools.remove(0);
        let tools = vec![tool(""), tool("delete_"), tool("run_"), argument];
        let catalog = Catalog { server: None, tools };
        for profile in [Profile::ReadOnly, Profile::Careful, Profile::Working] {
            let text = recommended(&catalog, profile, &[], true);
            let parsed = parse::parse(text.as_bytes());
            assert!(parsed.policy.is_some(), "{name}: {text}\n{:?}", parsed.diagnostics);
        }
    }
}

/// Each answer is a policy that fits its server, and does what it says.
#[test]
fn answers_are_policies_that_fit() {
    let shop = parse::catalog(SHOP.as_bytes()).unwrap();
    let found = classify(&shop, Options::default());
    let mut all = vec![("shop".to_owned(), shop, found)];
    all.extend(real().into_iter().flatten());
    let mut wrong = Vec::new();
    for (server, catalog, found) in &all {
        for (at, tool) in catalog.tools.iter().enumerate() {
            let answers = answers(&catalog.tools, found, at);
            assert_eq!(answers.len(), 4);
            for Answer { question, policy, .. } in answers {
                let Some(policy) = policy else {
                    assert_eq!(question, Question::Validate);
                    continue;
                };
                let checked = validate::check(policy.as_bytes(), Some(catalog));
                let said = checked.diagnostics.iter();
                wrong.extend(
                    said.map(|one| {
                        format!("{server}, {}, {question:?}: {}", tool.name, one.message)
                    }),
                );
                // Where arguments decide too, a call without any says nothing of the limit.
                let more = policy.contains("\"require") || policy.contains("\"deny_if");
                let policy = compile(&checked.policy.unwrap());
                let call = Call { tool: tool.name.clone(), ..Call::default() };
                let mut counters = MemoryStore::new();
                let mut decide = || {
                    let mut env = Env { now: Time(0), counters: &mut counters, approvals: None };
                    evaluate(Some(&policy), &call, &mut env).decision.effect
                };
                match question {
                    Question::Block => assert_eq!(decide(), Effect::Deny),
                    Question::Approve => assert_eq!(decide(), Effect::Hold),
                    Question::Limit if more => {}
                    Question::Limit => {
                        let passed = (0..100).filter(|_| decide() == Effect::Allow).count();
                        assert!([5, 10, 30, 60].contains(&passed), "{passed}");
                    }
                    Question::Validate => {}
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_answer_on_arguments_stops_what_it_names() {
    let catalog = parse::catalog(
        br#"[{"name": "run", "inputSchema": {"type": "object", "required": ["mode", "count", "title"],
            "properties": {"mode": {"enum": ["a", "b"]}, "count": {"type": "integer", "maximum": 9},
            "url": {"type": "string"}, "title": {"type": "string"}, "rest": {"type": "string"}}}}]"#,
    )
    .unwrap();
    let found = classify(&catalog, Options::default());
    let answer = answers(&catalog.tools, &found, 0).remove(3);
    let policy = compile(&parse::parse(answer.policy.unwrap().as_bytes()).policy.unwrap());
    let long = "x".repeat(201);
    for (arguments, expected) in [
        (r#"{"mode": "a", "count": 9, "title": "t"}"#.to_owned(), Effect::Allow),
        (r#"{"mode": "c", "count": 9, "title": "t"}"#.to_owned(), Effect::Deny),
        (r#"{"mode": "a", "count": 10, "title": "t"}"#.to_owned(), Effect::Deny),
        (r#"{"count": 9, "title": "t"}"#.to_owned(), Effect::Deny),
        (
            r#"{"mode": "a", "count": 9, "title": "t", "url": "http://10.0.0.1/"}"#.to_owned(),
            Effect::Deny,
        ),
        (format!(r#"{{"mode": "a", "count": 9, "title": "{long}"}}"#), Effect::Deny),
    ] {
        let call = format!(r#"{{"tool": "run", "arguments": {arguments}}}"#);
        let call = parse::call(&read_strict(call.as_bytes(), &Limits::DOCUMENT).unwrap()).unwrap();
        let mut counters = MemoryStore::new();
        let mut env = Env { now: Time(0), counters: &mut counters, approvals: None };
        assert_eq!(
            evaluate(Some(&policy), &call, &mut env).decision.effect,
            expected,
            "{arguments}"
        );
    }
}
