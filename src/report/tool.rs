//! The page of one tool.

use super::html::{name, page as whole, policy, short, text, words};
use super::related::Related;
use super::{Page, Report, Server, link, server};
use crate::classify::{
    Category, Classified, Evidence, Place, Profile, Question, Says, answers, attacks, recommend_for,
};
use crate::model::Tool;

/// So many characters of what a server says are shown.
const DESCRIPTION: usize = 2_000;

/// So many arguments are listed.
const ARGUMENTS: usize = 100;

/// The page of the tool at this place.
pub(super) fn page(
    report: &Report<'_>,
    of: &Server<'_>,
    at: usize,
    related: &Related,
) -> Option<Page> {
    let (tool, is, file) = (of.tools.get(at)?, of.found.get(at)?, of.files.get(at)?);
    let mut main = format!("<h1>{}</h1>\n", name(&tool.name));
    let (category, risk) = (is.category.as_str(), is.risk.as_str());
    main.push_str(&format!(
        "<p class=\"lead\"><span class=\"tag\">{category}</span> <span class=\"tag {risk}\">{risk} risk</span> \
         <span class=\"muted small\">{} % sure</span></p>\n",
        is.confidence
    ));
    abilities(is, &mut main);
    why(is, &mut main);
    definition(tool, &mut main);
    abused(is, &mut main);
    recommended(report, of, (tool, is), &mut main);
    questions(report, of, at, &mut main);
    let places = related.to(at);
    if !places.is_empty() {
        main.push_str("<h2>Related tools</h2>\n");
        main.push_str(&server::table(of, places.into_iter(), ""));
    }
    let way = [("../index.html", "All servers".to_owned()), ("index.html", server::title(of))];
    let html = whole(&format!("{} of {}", tool.name, of.name), &way, &main);
    Some(Page { path: format!("{}/{file}.html", of.folder), html })
}

fn abilities(is: &Classified, main: &mut String) {
    let at_worst = match is.category {
        Category::Read => "It looks and changes nothing.",
        Category::Write => "It makes or changes something.",
        Category::Execute => "It sets something going: code, a query, a job, a page.",
        Category::Destructive => "It takes something away.",
        Category::Financial => "It moves money, or asks for it.",
    };
    main.push_str(&format!("<h2>What it can do at worst</h2>\n<p>{at_worst}</p>\n"));
    if !is.traits.is_empty() {
        main.push_str("<ul>\n");
        for one in &is.traits {
            main.push_str(&format!("<li>{}</li>\n", capital(one.meaning())));
        }
        main.push_str("</ul>\n");
    }
}

/// A clause as a sentence begins.
fn capital(clause: &str) -> String {
    let mut chars = clause.chars();
    let first = chars.next().map(|first| first.to_ascii_uppercase());
    text(&first.into_iter().chain(chars).collect::<String>())
}

fn why(is: &Classified, main: &mut String) {
    main.push_str(
        "<h2>Why</h2>\n<table>\n<thead><tr><th scope=\"col\">Where</th><th scope=\"col\">Words</th>\
         <th scope=\"col\">What they say</th></tr></thead>\n<tbody>\n",
    );
    for (at, Evidence { place, words, says }) in is.evidence.iter().enumerate() {
        // Of what something else has said since, nothing is left to be told.
        if at > 0 && *place == Place::Nowhere {
            continue;
        }
        let place = match place {
            Place::Name => "name".to_owned(),
            Place::Description => "description".to_owned(),
            Place::Argument(argument) => format!("argument {}", name(argument)),
            Place::Annotation(annotation) => format!("annotation {}", name(annotation)),
            Place::Sibling(_) => "another tool".to_owned(),
            Place::Nowhere => "nowhere".to_owned(),
        };
        let says = match says {
            Says::Category(category) => category.as_str().to_owned(),
            Says::Trait(one) => text(one.meaning()),
            Says::Risk(risk) => format!("the risk is no less than {}", risk.as_str()),
            Says::Nothing => "not believed".to_owned(),
        };
        main.push_str(&format!(
            "<tr><td>{place}</td><td><bdi>{}</bdi></td><td>{says}</td></tr>\n",
            text(words)
        ));
    }
    main.push_str("</tbody>\n</table>\n");
}

/// The text without the space that all of its lines but the first begin with, as docstrings have it.
fn aligned(said: &str) -> String {
    let indent = |line: &str| line.len().saturating_sub(line.trim_start().len());
    let lines = || said.lines().skip(1).filter(|line| !line.trim().is_empty());
    let shared = lines().map(indent).min().unwrap_or(0);
    let cut =
        |line: &str| line.get(shared.min(indent(line))..).unwrap_or(line).trim_end().to_owned();
    let first = said.lines().next().unwrap_or_default().to_owned();
    std::iter::once(first).chain(said.lines().skip(1).map(cut)).collect::<Vec<_>>().join("\n")
}

fn definition(tool: &Tool, main: &mut String) {
    main.push_str("<h2>What its server says of it</h2>\n");
    match tool.description.as_deref().map(str::trim).filter(|said| !said.is_empty()) {
        None => main.push_str("<p>Nothing: it has no description.</p>\n"),
        Some(said) => main.push_str(&format!(
            "<blockquote dir=\"auto\">{}</blockquote>\n",
            text(&short(&aligned(said), DESCRIPTION))
        )),
    }
    let schema = tool.input_schema.as_ref();
    let properties = schema.and_then(|schema| schema.get("properties")?.value.as_object());
    let members = properties.map(|properties| properties.members()).unwrap_or_default();
    if members.is_empty() {
        return;
    }
    let required = schema.and_then(|schema| schema.get("required")?.value.as_list());
    let is_required =
        |key: &str| required.unwrap_or_default().iter().any(|one| one.value.as_str() == Some(key));
    main.push_str(
        "<h3>Arguments</h3>\n<table>\n<thead><tr><th scope=\"col\">Argument</th><th scope=\"col\">Type</th>\
         <th scope=\"col\">Required</th><th scope=\"col\" class=\"wide\">What it is said to be</th></tr></thead>\n<tbody>\n",
    );
    for member in members.iter().take(ARGUMENTS) {
        let object = member.node.value.as_object();
        let of = |key| object.and_then(|object| object.get(key)?.value.as_str());
        main.push_str(&format!(
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td class=\"wide\"><bdi>{}</bdi></td></tr>\n",
            name(&member.key),
            text(&short(of("type").unwrap_or("any"), 40)),
            if is_required(&member.key) { "yes" } else { "no" },
            text(&short(of("description").unwrap_or(""), 240))
        ));
    }
    main.push_str("</tbody>\n</table>\n");
    let more = members.len().saturating_sub(ARGUMENTS);
    if more > 0 {
        main.push_str(&format!("<p class=\"muted\">… and {more} more.</p>\n"));
    }
}

fn abused(is: &Classified, main: &mut String) {
    let found = attacks(is);
    main.push_str("<h2>Attacks that abuse it</h2>\n");
    if found.is_empty() {
        main.push_str("<p>None of those that are known here.</p>\n");
    }
    for abuse in found {
        let attack = abuse.attack;
        main.push_str(&format!(
            "<h3 id=\"{}\">{}</h3>\n<p>{}</p>\n<p>Why this tool: {}.</p>\n<p>What stops it: {}.</p>\n\
             <p class=\"muted small\">{}</p>\n",
            attack.id,
            text(attack.name),
            words(attack.happens),
            words(&abuse.reason),
            words(attack.stops),
            text(&attack.known_as.join(", "))
        ));
    }
}

fn recommended(
    report: &Report<'_>,
    of: &Server<'_>,
    (tool, is): (&Tool, &Classified),
    main: &mut String,
) {
    main.push_str("<h2>Recommended policy</h2>\n");
    if tool.name.trim().is_empty() {
        main.push_str("<p>No policy can name it: it is denied by <code>default</code>.</p>\n");
        return;
    }
    let chosen = report.settings.profile;
    let others = Profile::ALL.into_iter().filter(|profile| *profile != chosen);
    for profile in std::iter::once(chosen).chain(others) {
        let about = match profile {
            Profile::ReadOnly => "for looking only",
            Profile::Careful => {
                "for work, with a person for what reaches others, costs or changes rights"
            }
            Profile::Working => {
                "for work, with a person for money, for rights and for what runs any text"
            }
        };
        let document = recommend_for(std::iter::once((tool, is)), profile, true);
        let to = if profile == chosen { opened(report, of, tool, &document, None) } else { None };
        main.push_str(&format!(
            "<details{}><summary><code>{}</code>, {about}</summary>\n{}</details>\n",
            if profile == chosen { " open" } else { "" },
            profile.as_str(),
            policy(&document, to.as_deref())
        ));
    }
}

/// The link that opens a policy for this tool, and for another that it names.
fn opened(
    report: &Report<'_>,
    of: &Server<'_>,
    tool: &Tool,
    policy: &str,
    other: Option<&Tool>,
) -> Option<String> {
    let tools = std::iter::once(tool).chain(other);
    link::to(report.settings.builder, &tool.name, policy, of.name, tools)
}

fn questions(report: &Report<'_>, of: &Server<'_>, at: usize, main: &mut String) {
    let Some(tool) = of.tools.get(at) else { return };
    let found = answers(&of.tools, &of.found, at);
    if found.is_empty() {
        return;
    }
    main.push_str("<h2>Questions and answers</h2>\n");
    for answer in found {
        let called = name(&tool.name);
        let question = match answer.question {
            Question::Limit => format!("How do I rate-limit {called}?"),
            Question::Block => format!("How do I block {called}?"),
            Question::Approve => format!("How do I require approval for {called}?"),
            Question::Validate => format!("How do I validate the arguments of {called}?"),
        };
        main.push_str(&format!("<h3>{question}</h3>\n<p>{}</p>\n", words(&answer.says)));
        if let Some(document) = &answer.policy {
            let beside = answer.beside.as_deref();
            let other = of.tools.iter().find(|other| Some(other.name.as_str()) == beside);
            let to = opened(report, of, tool, document, other);
            main.push_str(&policy(document, to.as_deref()));
        }
    }
}
