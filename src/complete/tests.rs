use super::place::{Slot, Step, find};

/// Where the cursor `‸` is: the way, what can stand there, what was begun, and what is beside it.
fn place(text: &str) -> String {
    let offset = text.find('‸').unwrap();
    let text = text.replace('‸', "");
    let Some(place) = find(&text, offset) else { return "nowhere".to_owned() };
    let step = |step: &Step| match step {
        Step::Key(key) => key.clone(),
        Step::Item(at) => at.to_string(),
    };
    let way: Vec<String> = place.steps.iter().map(step).collect();
    let slot = if place.slot == Slot::Key { "key" } else { "value" };
    let token = place.token.map_or("nothing", |token| token.span.of(&text));
    let mut keys: Vec<String> = place.keys().collect();
    keys.sort();
    format!("{slot} of /{}: {token} beside {}", way.join("/"), keys.join(" "))
}

#[test]
fn finds_its_way_through_texts_that_are_not_finished() {
    for (text, expected) in [
        ("‸", "value of /: nothing beside "),
        ("{ ‸ }", "key of /: nothing beside "),
        (r#"{"a": 1, "b‸": 2, "c": 3}"#, r#"key of /: "b" beside a c"#),
        (r#"{"a": {"b": [1, {"c": ‸}]}}"#, "value of /a/b/1/c: nothing beside "),
        (r#"{"a": ["x", "y‸"], "b": 1}"#, r#"value of /a/1: "y" beside a b"#),
        // Escapes are followed.
        (r#"{"\u0061\"b": tr‸ue}"#, r#"value of /a"b: true beside "#),
        // A string without an end, before it and where one writes.
        ("{\"a\": \"x\n, \"b\": ‸}", "value of /b: nothing beside a"),
        (r#"{"a": "x‸, "b": 1}"#, r#"value of /a: "x beside b"#),
        (r#"{"a": "x‸y, "b": 1}"#, r#"value of /a: "xy beside b"#),
        (r#"{"a": {"b": "x‸}, "c": 1}"#, r#"value of /a/b: "x beside "#),
        ("{\"a\": \"x‸\n}", r#"value of /a: "x beside "#),
        ("{\"a‸\n\"b\": 1}", r#"key of /: "a beside b"#),
        // Commas, colons and brackets that are missing.
        (r#"{"a": 1 "b": ‸ "c": 2}"#, "value of /b: nothing beside a c"),
        (r#"{"a" 1, "b": ‸}"#, "value of /b: nothing beside "),
        (r#"{"a" "b": ‸}"#, "value of /b: nothing beside "),
        (r#"{"a": [1, {"b": 2], "c": ‸}"#, "value of /c: nothing beside a"),
        (r#"{"a": {"b": ‸"#, "value of /a/b: nothing beside "),
        (r#"{"a": [1 2, ‸]}"#, "value of /a/2: nothing beside a"),
        (r#"{"a": 1]}, "b": ‸}"#, "nowhere"),
        ("{a: 1, b‸", "key of /: b beside a"),
        (r#"{"a": "b‸": 1}"#, r#"key of /: "b" beside "#),
        // Comments are no place.
        ("{ // \"a‸\n }", "nowhere"),
        ("{ /* \"a */ \"b\": ‸ }", "value of /b: nothing beside "),
        ("{ {‸} }", "nowhere"),
        ("1 ‸", "nowhere"),
    ] {
        assert_eq!(place(text), expected, "{text}");
    }
}
