//! `cattlegrid classify` and `cattlegrid recommend`.

use super::{Folder, nothing};

const TOOLS: &str = r#"{"server": "shop", "tools": [
  {"name": "list_orders", "description": "Lists orders."},
  {"name": "delete_order", "description": "Deletes an order.", "annotations": {"readOnlyHint": true}},
  {"name": "frobnicate"}
]}"#;

fn folder(test: &str) -> Folder {
    let folder = Folder::new(test);
    folder.file("shop.json", TOOLS);
    folder
}

#[test]
fn classify_says_what_tools_can_do_and_why() {
    let folder = folder("classify");
    let expected = "\
`list_orders`: Read, low (95 % sure)
  name `list`: Read
  description `Lists orders`: Read

`delete_order`: Destructive, high (95 % sure)
  name `delete`: Destructive
  description `Deletes an order`: Destructive
  annotation `readOnlyHint: true`: not believed
  attacks: Data destroyed

`frobnicate`: Write, medium (20 % sure)
  neither name nor description says what it does: Write
  attacks: Traps left behind

3 tools: 1 Read, 1 Write, 1 Destructive; 0 critical
";
    assert_eq!(folder.run(&["classify", "shop.json"], ""), (0, expected.to_owned(), nothing()));
    assert_eq!(folder.run(&["classify", "-"], TOOLS), (0, expected.to_owned(), nothing()));
    let (code, out, _) = folder.run(&["classify", "-"], "[]");
    assert_eq!((code, out.as_str()), (0, "0 tools; 0 critical\n"));
}

#[test]
fn classify_gives_it_all_as_data() {
    let folder = folder("classify-json");
    let (code, out, _) = folder.run(&["classify", "shop.json", "--format", "json"], "");
    let tools: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(code, 0);
    let expected = serde_json::json!({
        "name": "delete_order", "category": "Destructive", "risk": "high", "confidence": 95, "traits": [],
        "evidence": [
            {"place": "name", "words": "delete", "category": "Destructive"},
            {"place": "description", "words": "Deletes an order", "category": "Destructive"},
            {"place": "annotation", "of": "readOnlyHint", "words": "true"}
        ],
        "attacks": [{"id": "data-destruction", "name": "Data destroyed", "reason": "its category is Destructive"}]
    });
    assert_eq!(tools[1], expected);
    let trusting = ["classify", "shop.json", "--format", "json", "--trust-annotations"];
    let (_, out, _) = folder.run(&trusting, "");
    let tools: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(tools[1]["category"], "Read");
}

/// A server's words do not reach a terminal as they are.
#[test]
fn classify_prints_no_control_characters() {
    let folder = folder("classify-control");
    let tools = r#"[{"name": "delete_\u001b[2J\u202e", "description": "Deletes\u001b[2J \u202e everything.",
        "inputSchema": {"properties": {"url\u001b_url": {"type": "string"}}}}]"#;
    for command in ["classify", "recommend"] {
        let (code, out, _) = folder.run(&[command, "-"], tools);
        assert_eq!(code, 0);
        assert!(!out.contains('\u{1b}') && out.contains("delete_"), "{out}");
    }
    let (_, out, _) = folder.run(&["classify", "-"], tools);
    assert!(!out.contains('\u{202e}'), "{out}");
}

#[test]
fn what_is_no_catalog_is_said() {
    let folder = folder("classify-wrong");
    for command in ["classify", "recommend"] {
        let (code, out, error) = folder.run(&[command, "-"], r#"{"tools": {}}"#);
        assert_eq!((code, out.as_str()), (2, ""));
        assert!(error.contains("`tools` must be a list, not an object"), "{error}");
        let (code, _, error) = folder.run(&[command, "none.json"], "");
        assert!(code == 2 && error.contains("cannot read none.json"), "{error}");
    }
}

#[test]
fn recommend_writes_a_policy_that_fits() {
    let folder = folder("recommend");
    let (code, policy, error) = folder.run(&["recommend", "shop.json"], "");
    assert_eq!((code, error.as_str()), (0, ""));
    let check = ["check", "-", "--catalog", "shop.json"];
    let valid = "<stdin>: valid: 2 tools listed, 1 hidden, default deny\n".to_owned();
    assert_eq!(folder.run(&check, &policy), (0, valid, nothing()));
    let to_file = ["recommend", "shop.json", "-o", "new.json", "--profile", "working"];
    assert_eq!(folder.run(&to_file, ""), (0, nothing(), nothing()));
    assert_eq!(folder.run(&["fmt", "--check", "new.json"], ""), (0, nothing(), nothing()));
    let only = [
        "recommend",
        "shop.json",
        "--profile",
        "read-only",
        "--tool",
        "list_orders",
        "--no-reasons",
    ];
    let expected = "{\n  \"version\": \"1\",\n  \"default\": \"deny\",\n  \"tools\": {\n    \"list_orders\": {}\n  }\n}\n";
    assert_eq!(folder.run(&only, ""), (0, expected.to_owned(), nothing()));
    let (code, _, error) = folder.run(&["recommend", "shop.json", "--tool", "list_order"], "");
    assert_eq!((code, error.as_str()), (2, "error: shop.json has no tool `list_order`\n"));
    let nothing = ["recommend", "shop.json", "--profile", "read-only", "--tool", "delete_order"];
    let (code, policy, error) = folder.run(&nothing, "");
    assert!(code == 0 && policy.contains(r#""hide": ["delete_order"]"#), "{policy}");
    assert_eq!(error, "note: nothing can be called: no tool of these is left by `read-only`\n");
}

#[test]
fn report_writes_a_page_for_each_server_and_tool() {
    let folder = folder("report");
    let write = ["report", "shop.json", "--html", "out/pages"];
    let said = format!(
        "5 pages; begin at {}\n",
        std::path::Path::new("out/pages").join("index.html").display()
    );
    assert_eq!(folder.run(&write, ""), (0, said.clone(), nothing()));
    let page = std::fs::read_to_string(folder.0.join("out/pages/shop/delete_order.html")).unwrap();
    assert!(page.contains("How do I block <code><bdi>delete_order</bdi></code>?"), "{page}");
    assert!(page.contains("href=\"http://127.0.0.1:8088/#draft="));
    // Again, and it is the same.
    assert_eq!(folder.run(&write, ""), (0, said, nothing()));
    assert_eq!(
        std::fs::read_to_string(folder.0.join("out/pages/shop/delete_order.html")).unwrap(),
        page
    );
    let from_input = ["report", "-", "--html", "other", "--builder", "../builder/"];
    let (code, out, _) = folder.run(&from_input, r#"[{"name": "a"}]"#);
    assert!(code == 0 && out.starts_with("3 pages"), "{out}");
    for builder in ["javascript:alert(1)", "http://x/#a", ""] {
        let (code, _, error) =
            folder.run(&["report", "shop.json", "--html", "x", "--builder", builder], "");
        assert!(code == 2 && error.contains("--builder must be"), "{error}");
    }
    let (code, _, error) = folder.run(&["report", "shop.json", "--html", "shop.json"], "");
    assert!(code == 2 && error.contains("cannot make"), "{error}");
}
