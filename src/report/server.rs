//! The page of all servers, and the page of one.

use super::html::{name, page as whole, policy, text, words};
use super::{Page, Report, Server, link};
use crate::classify::{ATTACKS, Attack, Category, Classified, Risk, attacks, recommend_for};

const RISKS: [Risk; 4] = [Risk::Critical, Risk::High, Risk::Medium, Risk::Low];

/// `3 tools`, `1 tool`.
fn tools(count: usize) -> String {
    format!("{count} tool{}", if count == 1 { "" } else { "s" })
}

/// All servers.
pub(super) fn overview(report: &Report<'_>) -> Page {
    let mut main = String::from("<h1>What these tools can do</h1>\n");
    let all: usize = report.servers.iter().map(|server| server.tools.len()).sum();
    let servers = report.servers.len();
    main.push_str(&format!(
        "<p>{} of {servers} server{}: what each can do at worst, why, which attacks abuse it, and a policy for it.</p>\n",
        tools(all),
        if servers == 1 { "" } else { "s" }
    ));
    main.push_str("<table>\n<thead><tr><th scope=\"col\">Server</th><th scope=\"col\">Tools</th>");
    for category in Category::ALL {
        main.push_str(&format!("<th scope=\"col\" class=\"wide\">{}</th>", category.as_str()));
    }
    main.push_str("<th scope=\"col\">Critical</th></tr></thead>\n<tbody>\n");
    for server in &report.servers {
        let of = |wanted: &dyn Fn(&Classified) -> bool| {
            server.found.iter().filter(|tool| wanted(tool)).count()
        };
        main.push_str(&format!(
            "<tr><th scope=\"row\"><a href=\"{}/index.html\">{}</a></th><td>{}</td>",
            server.folder,
            title(server),
            server.tools.len()
        ));
        for category in Category::ALL {
            let count = of(&|tool| tool.category == category);
            main.push_str(&format!("<td class=\"wide\">{count}</td>"));
        }
        main.push_str(&format!("<td>{}</td></tr>\n", of(&|tool| tool.risk == Risk::Critical)));
    }
    main.push_str("</tbody>\n</table>\n");
    Page { path: "index.html".to_owned(), html: whole("What these tools can do", &[], &main) }
}

/// What a server is called, as a part of a page.
pub(super) fn title(server: &Server<'_>) -> String {
    format!("<bdi>{}</bdi>", text(&super::html::short(server.name, 200)))
}

/// One server.
pub(super) fn page(report: &Report<'_>, server: &Server<'_>) -> Page {
    let mut main = format!("<h1>{}</h1>\n<p class=\"lead\">", title(server));
    main.push_str(&format!("<span class=\"tag\">{}</span>", tools(server.tools.len())));
    for risk in RISKS {
        let count = server.found.iter().filter(|tool| tool.risk == risk).count();
        if count > 0 {
            let risk = risk.as_str();
            main.push_str(&format!(" <span class=\"tag {risk}\">{count} {risk}</span>"));
        }
    }
    main.push_str("</p>\n");
    if server.doubled > 0 {
        let count = server.doubled;
        let one = count == 1;
        main.push_str(&format!(
            "<p>{} of its list {} the name of another and {} left out: only the first of a name can be called.</p>\n",
            tools(count),
            if one { "has" } else { "have" },
            if one { "is" } else { "are" }
        ));
    }
    main.push_str("<h2>Tools</h2>\n");
    main.push_str(&table(server, 0..server.tools.len(), ""));
    recommended(report, server, &mut main);
    abuses(server, &mut main);
    let way = [("../index.html", "All servers".to_owned())];
    let html = whole(&format!("Tools of {}", server.name), &way, &main);
    Page { path: format!("{}/index.html", server.folder), html }
}

/// The tools at these places, a line each.
pub(super) fn table(
    server: &Server<'_>,
    places: impl Iterator<Item = usize>,
    level: &str,
) -> String {
    let mut out = String::from(
        "<table>\n<thead><tr><th scope=\"col\">Tool</th><th scope=\"col\">At worst</th><th scope=\"col\">Risk</th>\
         <th scope=\"col\" class=\"wide\">Attacks</th></tr></thead>\n<tbody>\n",
    );
    for at in places {
        let (Some(is), Some(file)) = (server.found.get(at), server.files.get(at)) else { continue };
        let risk = is.risk.as_str();
        out.push_str(&format!(
            "<tr><th scope=\"row\"><a href=\"{level}{file}.html\">{}</a></th><td>{}</td>\
             <td><span class=\"tag {risk}\">{risk}</span></td><td class=\"wide\">{}</td></tr>\n",
            name(&is.tool),
            is.category.as_str(),
            attacks(is).len()
        ));
    }
    out.push_str("</tbody>\n</table>\n");
    out
}

fn recommended(report: &Report<'_>, server: &Server<'_>, main: &mut String) {
    let profile = report.settings.profile;
    let among = || server.tools.iter().zip(&server.found);
    let text = recommend_for(among(), profile, true);
    let to =
        link::to(report.settings.builder, server.name, &text, server.name, server.tools.iter());
    main.push_str("<h2>Recommended policy</h2>\n");
    main.push_str(&words(&format!(
        "For the profile `{}`; why each part is there stands under `x-reason`, which is yours to remove.",
        profile.as_str()
    )));
    if to.is_none() {
        main.push_str(
            " Its tools are too many for a link: open the builder and give it the server's list as a file.",
        );
    }
    main.push_str(&policy(&text, to.as_deref()));
}

/// Each attack that some tool is open to, with how many.
fn abuses(server: &Server<'_>, main: &mut String) {
    let mut counts: Vec<(&Attack, usize)> = ATTACKS.iter().map(|attack| (attack, 0)).collect();
    for is in &server.found {
        for abuse in attacks(is) {
            if let Some((_, count)) =
                counts.iter_mut().find(|(attack, _)| attack.id == abuse.attack.id)
            {
                *count = count.saturating_add(1);
            }
        }
    }
    counts.retain(|(_, count)| *count > 0);
    if counts.is_empty() {
        return;
    }
    main.push_str("<h2>Attacks that abuse such tools</h2>\n<table>\n<thead><tr><th scope=\"col\">Attack</th><th scope=\"col\">Tools</th><th scope=\"col\" class=\"wide\">What in a policy stops it</th></tr></thead>\n<tbody>\n");
    for (attack, count) in counts {
        main.push_str(&format!(
            "<tr><th scope=\"row\">{}</th><td>{count}</td><td class=\"wide\">{}</td></tr>\n",
            text(attack.name),
            words(attack.stops)
        ));
    }
    main.push_str("</tbody>\n</table>\n");
}
