use super::*;
use crate::parse;
use crate::validate::check;

const SETTINGS: Settings<'_> = Settings {
    options: Options { trust_annotations: false },
    profile: Profile::Careful,
    builder: "https://example.com/builder/",
};

fn catalog(text: &str) -> Catalog {
    parse::catalog(text.as_bytes()).unwrap()
}

fn pages(catalogs: &[(&str, &Catalog)]) -> Vec<Page> {
    Report::new(catalogs, SETTINGS).pages().collect()
}

/// A catalog of tools with these names.
fn named(names: &[&str]) -> Catalog {
    let tool = |name: &&str| Tool { name: (*name).to_owned(), ..Tool::default() };
    Catalog { server: None, tools: names.iter().map(tool).collect() }
}

#[test]
fn names_become_names_of_files() {
    for name in
        ["delete_order", "get-page", "__proto__", "constructor", "a1", "com", "lpt", "common"]
    {
        assert_eq!(file_name(name), name);
    }
    let long = "x".repeat(400);
    let mut files = Vec::new();
    for name in [
        "Delete_Order",
        "DELETE_ORDER",
        "a.b",
        "a b",
        "a/b",
        "a\\b",
        "../x",
        "..",
        ".",
        "",
        " ",
        "index",
        "con",
        "nul",
        "com1",
        "é",
        "e\u{301}",
        "\u{202e}",
        "\0",
        "*",
        "a:b",
        "名前",
        "<b>",
        "a\"b",
        &long,
    ] {
        let file = file_name(name);
        let safe =
            |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-' | '.');
        assert!(
            file.chars().all(safe) && !file.starts_with('.') && !file.is_empty(),
            "{name:?}: {file}"
        );
        assert!(file.len() < 100 && file.chars().filter(|c| *c == '.').count() <= 1, "{file}");
        files.push(file);
    }
    let all = files.len();
    files.sort();
    files.dedup();
    assert_eq!(files.len(), all);
}

#[test]
fn every_tool_has_a_page_and_every_link_leads_to_one() {
    let shop = catalog(
        r#"{"tools": [{"name": "list_orders"}, {"name": "delete_order"}, {"name": "../x"}, {"name": "index"},
            {"name": "LIST_ORDERS"}, {"name": "list_orders"}, {"name": " "}, {"name": "*"}]}"#,
    );
    let other = named(&["get_page"]);
    let pages = pages(&[("shop", &shop), ("Shop", &other), ("shop", &other), ("..", &other)]);
    let paths: Vec<&str> = pages.iter().map(|page| page.path.as_str()).collect();
    assert_eq!(paths.len(), 1 + 4 + 7 + 3);
    let mut folded: Vec<String> = paths.iter().map(|path| path.to_lowercase()).collect();
    folded.sort();
    folded.dedup();
    assert_eq!(folded.len(), paths.len());
    for page in &pages {
        assert!(!page.path.contains("..") && page.path.split('/').count() <= 2, "{}", page.path);
        for link in page.html.split(" href=\"").skip(1) {
            let link = link.split('"').next().unwrap();
            if link.starts_with("https://example.com/builder/#draft=") {
                continue;
            }
            let folder = page.path.rsplit_once('/').map_or("", |(folder, _)| folder);
            let target = match link.strip_prefix("../") {
                Some(up) => up.to_owned(),
                None if folder.is_empty() => link.to_owned(),
                None => format!("{folder}/{link}"),
            };
            assert!(paths.contains(&target.as_str()), "{}: {link}", page.path);
        }
    }
    let shop = &pages[1].html;
    assert!(shop.contains("1 tool of its list has the name of another"), "{shop}");
}

#[test]
fn what_a_server_says_is_text() {
    let evil = r#"</style></pre><script>alert(1)</script><img src=x onerror=alert(1)>\"'`\u202e\u0007\ufeff\udb40\udc41"#;
    let text = format!(
        r#"{{"tools": [{{"name": "{evil}", "title": "{evil}", "description": "Deletes {evil}",
            "annotations": {{"readOnlyHint": true, "title": "{evil}"}},
            "inputSchema": {{"type": "object", "required": ["{evil}"], "properties": {{"{evil}": {{"type": "{evil}", "description": "{evil}"}},
            "url{evil}_url": {{"type": "string"}}, "mode": {{"enum": ["{evil}"]}}}}}}}}]}}"#
    );
    let catalog = catalog(&text);
    for page in pages(&[(&format!("s{}", catalog.tools[0].name), &catalog)]) {
        let (head, body) = page.html.split_once("</style>").unwrap();
        let own = head.split_once("<style>").unwrap().0;
        assert!(own.contains("default-src 'none'"));
        for bad in ["<script", "<img", "</style", "\u{202e}", "\u{7}", "\u{feff}", "\u{e0041}"] {
            assert!(!body.contains(bad) && !own.contains(bad), "{}: {bad:?}", page.path);
        }
        if page.path != "index.html" {
            assert!(body.contains("&lt;script&gt;") && body.contains("U+202E"), "{}", page.path);
        }
    }
}

#[test]
fn the_same_catalogs_give_the_same_pages() {
    let one = named(&["delete_order", "get_order", "list_orders"]);
    let twice = || pages(&[("shop", &one)]).into_iter().map(|page| page.html).collect::<Vec<_>>();
    assert_eq!(twice(), twice());
}

#[test]
fn policies_on_the_pages_are_accepted() {
    let shop = catalog(
        r#"[{"name": "list_orders"}, {"name": "delete_order"}, {"name": "a\u202eb"}, {"name": "run_query",
            "inputSchema": {"properties": {"sql": {"type": "string"}, "n": {"type": "integer"}}}}]"#,
    );
    let mut policies = 0;
    for page in pages(&[("shop", &shop)]) {
        for part in page.html.split("<pre>").skip(1) {
            let shown = part.split("</pre>").next().unwrap();
            let text = shown.replace("&quot;", "\"").replace("&#39;", "'").replace("&lt;", "<");
            let text = text.replace("&gt;", ">").replace("&amp;", "&");
            let checked = check(text.as_bytes(), Some(&shop));
            assert!(checked.policy.is_some(), "{}: {text}", page.path);
            policies += 1;
        }
    }
    // One of the server; of each tool three that are recommended, and the answers.
    assert!(policies > 1 + 4 * 6, "{policies}");
}

#[test]
fn a_link_holds_the_policy_and_its_tools() {
    use base64ct::{Base64UrlUnpadded, Encoding};
    let tools = named(&["get_order", "<b>"]).tools;
    let link = link::to("http://b/", "name", "{\n}\n", "shop", tools.iter()).unwrap();
    let packed =
        Base64UrlUnpadded::decode_vec(link.strip_prefix("http://b/#draft=").unwrap()).unwrap();
    let draft = miniz_oxide::inflate::decompress_to_vec(&packed).unwrap();
    let draft: serde_json::Value = serde_json::from_slice(&draft).unwrap();
    let expected = serde_json::json!({"name": "name", "policy": "{\n}", "catalog": {"title": "shop",
        "source": {"tools": [{"name": "get_order"}, {"name": "<b>"}]}}});
    assert_eq!(draft, expected);
    // No browser would take it.
    let mut state = 1u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        char::from(b'!' + u8::try_from((state >> 33) % 90).unwrap())
    };
    let random: String = (0..2_000_000).map(|_| next()).collect();
    let many = [Tool { name: random, ..Tool::default() }];
    assert!(link::to("http://b/", "", "", "", many.iter()).is_none());
}

#[test]
fn related_tools_are_about_the_same() {
    let tools =
        named(&["create_alarm", "delete_alarm", "list_alarms", "get_user", "x", "add_user"]).tools;
    let related = related::Related::new(&tools);
    assert_eq!(related.to(0), [1, 2]);
    assert_eq!(related.to(3), [5]);
    assert_eq!(related.to(4), [0; 0]);
}

#[test]
fn thousands_of_tools_take_no_time() {
    let tool = |at: usize| Tool {
        name: format!("delete_record_{at}"),
        description: Some("Deletes a record. It cannot be undone.".to_owned()),
        ..Tool::default()
    };
    let catalog = Catalog { server: None, tools: (0..2_000).map(tool).collect() };
    let begun = std::time::Instant::now();
    assert_eq!(pages(&[("many", &catalog)]).len(), 2_002);
    // A debug build on a busy machine.
    assert!(begun.elapsed().as_secs() < 120);
}
