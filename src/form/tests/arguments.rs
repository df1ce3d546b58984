use super::*;

fn of(schema: &str) -> Vec<Argument> {
    let catalog = format!(r#"[{{"name": "t", "inputSchema": {schema}}}]"#);
    let catalog = parse::catalog(catalog.as_bytes()).unwrap();
    arguments(&catalog.tools[0])
}

/// `path types?` with a `?` for what is optional.
fn lines(schema: &str) -> Vec<String> {
    let line = |one: &Argument| {
        format!("{} {}{}", one.path, one.types.join("|"), if one.optional { "?" } else { "" })
    };
    of(schema).iter().map(line).collect()
}

#[test]
fn arguments_are_found_wherever_they_are() {
    for (schema, expected) in [
        ("{}", vec![]),
        (r#"{"type": "object"}"#, vec![]),
        (
            r#"{"properties": {"b": {"type": "string"}, "a": {}}, "required": ["b"]}"#,
            vec!["args.b string", "args.a ?"],
        ),
        (
            r#"{"properties": {"o": {"type": "object", "required": ["x"], "properties": {"x": {"type": "number"}}}}, "required": ["o"]}"#,
            vec!["args.o object", "args.o.x number"],
        ),
        (
            r#"{"properties": {"l": {"items": {"properties": {"p": {"type": "number"}}}}}}"#,
            vec!["args.l array?", "args.l[*] object?", "args.l[*].p number?"],
        ),
        (
            r#"{"properties": {"m": {"type": "array", "items": {"type": "array", "items": {"type": "integer"}}}}}"#,
            vec!["args.m array?", "args.m[*] array?", "args.m[*][*] integer?"],
        ),
        // Keys that a path cannot have as they are.
        (
            r#"{"properties": {"a.b": {"properties": {"c": {}}}, "": {}, "x[0]": {}, "__proto__": {}, "é \"": {}}}"#,
            vec![
                r#"args["a.b"] object?"#,
                r#"args["a.b"].c ?"#,
                r#"args[""] ?"#,
                r#"args["x[0]"] ?"#,
                "args.__proto__ ?",
                "args.é \" ?",
            ],
        ),
        // Several forms.
        (
            r#"{"properties": {"a": {"anyOf": [{"type": "string"}, {"type": "null"}]}, "b": {"type": ["integer", "string"]}, "c": {"enum": ["x", 1, null]}}}"#,
            vec!["args.a null|string?", "args.b integer|string?", "args.c string|number|null?"],
        ),
        (
            r#"{"properties": {"s": {"oneOf": [{"type": "object", "required": ["k"], "properties": {"k": {"const": "a"}, "p": {"type": "string"}}},
                {"type": "object", "required": ["k"], "properties": {"k": {"const": "b"}}}]}}, "required": ["s"]}"#,
            vec!["args.s object", "args.s.k string", "args.s.p string?"],
        ),
        // References, also to what they stand in.
        (
            r##"{"$defs": {"p": {"type": "object", "properties": {"id": {"type": "string"}, "parent": {"$ref": "#/$defs/p"}}}}, "properties": {"p": {"$ref": "#/$defs/p"}, "all": {"$ref": "#"}, "gone": {"$ref": "#/x"}}}"##,
            vec![
                "args.p object?",
                "args.p.id string?",
                "args.p.parent object?",
                "args.all object?",
                "args.all.p object?",
                "args.all.p.id string?",
                "args.all.p.parent object?",
                "args.all.all object?",
                "args.all.gone ?",
                "args.gone ?",
            ],
        ),
        // What is not read leaves the argument, without a word about what it is.
        (
            r#"{"properties": {"a": {"allOf": [{"type": "string"}]}, "b": {"type": "thing"}, "c": true, "d": {"not": {}}}}"#,
            vec!["args.a ?", "args.b ?", "args.d ?"],
        ),
    ] {
        assert_eq!(lines(schema), expected, "{schema}");
    }
}

#[test]
fn paths_lead_where_they_say() {
    for argument in of(
        r#"{"properties": {"a.b": {"properties": {"c": {}}}, "": {}, "x[0]": {"items": {"properties": {"]": {}}}}, "é \" \\": {}}}"#,
    ) {
        let path = crate::model::Path::parse(&argument.path)
            .unwrap_or_else(|_| panic!("{}", argument.path));
        assert_eq!(path.as_str(), argument.path);
    }
}

#[test]
fn what_a_schema_says_is_told() {
    let all = of(
        r##"{"$defs": {"d": {"type": "string", "format": "date", "description": "of the definition", "default": "x"}}, "properties": {
        "n": {"type": "integer", "minimum": 1, "maximum": 1e3, "title": "N", "description": "how many", "default": 5},
        "d": {"$ref": "#/$defs/d", "description": "its own"},
        "p": {"type": "string", "pattern": "^a"},
        "e": {"enum": ["a", 1, null, {"b": 2}]}}}"##,
    );
    let [number, date, pattern, listed] = all.as_slice() else { panic!("{all:?}") };
    assert_eq!(number.minimum.as_ref().unwrap().as_str(), "1");
    assert_eq!(number.maximum.as_ref().unwrap().as_str(), "1e3");
    assert_eq!((number.title.as_deref(), number.default.as_deref()), (Some("N"), Some("5")));
    assert_eq!(
        (date.format.as_deref(), date.description.as_deref()),
        (Some("date"), Some("its own"))
    );
    assert_eq!(date.default.as_deref(), Some("\"x\""));
    assert_eq!(pattern.pattern.as_deref(), Some("^a"));
    assert_eq!(listed.values.as_ref().unwrap(), &["\"a\"", "1", "null", "{\"b\":2}"]);
}

#[test]
fn operators_fit() {
    let of_type = |schema: &str| {
        let schema = format!(r#"{{"properties": {{"a": {schema}}}}}"#);
        of(&schema)[0].operators.join(" ")
    };
    for (schema, expected) in [
        (r#"{"type": "number"}"#, "lte gte lt gt eq neq in not_in exists"),
        (r#"{"type": "string"}"#, "eq neq in not_in regex contains exists"),
        (r#"{"type": "string", "enum": ["a"]}"#, "in not_in eq neq regex contains exists"),
        (r#"{"enum": [1, 2]}"#, "in not_in eq neq lte gte lt gt exists"),
        (r#"{"type": "boolean"}"#, "eq neq exists"),
        (r#"{"type": "array"}"#, "contains eq neq exists"),
        (r#"{"type": "object"}"#, "exists eq neq"),
        (r#"{"type": "null"}"#, "exists"),
        (r#"{"type": ["integer", "null"]}"#, "lte gte lt gt eq neq in not_in exists"),
        (r#"{"type": ["boolean", "string"]}"#, "eq neq in not_in regex contains exists"),
        ("{}", "eq neq in not_in lte gte lt gt regex contains exists"),
    ] {
        assert_eq!(of_type(schema), expected, "{schema}");
    }
    let mut every: Vec<&str> = of_type("{}").leak().split(' ').collect();
    every.sort_unstable();
    let mut known = crate::model::Test::OPERATORS.to_vec();
    known.sort_unstable();
    assert_eq!(every, known);
}

/// A schema that wants to be much stays little.
#[test]
fn hostile_schemas_stay_small() {
    let members = |count: usize, schema: &str| {
        (0..count).map(|n| format!(r#""k{n}":{schema}"#)).collect::<Vec<_>>().join(",")
    };
    let wide = format!(r#"{{"properties": {{{}}}}}"#, members(5_000, "{}"));
    assert_eq!(of(&wide).len(), 500);
    // Each level has as many again.
    let tree = format!(
        r##"{{"$defs": {{"a": {{"properties": {{{}}}}}, "b": {{"properties": {{{}}}}}, "c": {{"properties": {{{}}}}}}}, "properties": {{{}}}}}"##,
        members(50, r##"{"$ref":"#/$defs/b"}"##),
        members(50, r##"{"$ref":"#/$defs/c"}"##),
        members(
            50,
            r##"{"anyOf":[{"$ref":"#/$defs/a"},{"type":"array","items":{"$ref":"#/$defs/b"}}]}"##
        ),
        members(50, r##"{"$ref":"#/$defs/a"}"##),
    );
    let all = of(&tree);
    assert!(all.len() <= 500 && all.iter().all(|one| one.path.len() < 200));
    // Those of the top level that come last are not forgotten for what is in the first.
    assert!(all.iter().any(|one| one.path == "args.k7"));
    let mut deep = r#"{"type": "string"}"#.to_owned();
    for _ in 0..12 {
        deep = format!(r#"{{"properties": {{"a": {{"items": {deep}}}}}}}"#);
    }
    assert_eq!(of(&deep).len(), 8);
    let ring = r##"{"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}, "properties": {"x": {"$ref": "#/$defs/a"}}}"##;
    assert_eq!(lines(ring), ["args.x ?"]);
    let text = "x".repeat(1 << 19);
    let long = of(&format!(
        r#"{{"properties": {{"a": {{"description": "{text}", "title": "{text}", "default": "{text}", "enum": [{}]}}, "{text}": {{}}}}}}"#,
        (0..5_000).map(|n| n.to_string()).collect::<Vec<_>>().join(",")
    ));
    let [argument] = long.as_slice() else { panic!("{}", long.len()) };
    assert_eq!(argument.description.as_ref().unwrap().chars().count(), 1_001);
    assert_eq!((argument.values.as_ref().unwrap().len(), argument.more_values), (200, 4_800));
    assert_eq!(argument.default, None);
}
