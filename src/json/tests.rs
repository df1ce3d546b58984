use super::*;

fn strict(text: &str) -> Result<Value, FaultKind> {
    read_strict(text.as_bytes(), &Limits::MESSAGE).map(|node| node.value).map_err(|f| f.kind)
}

/// Each fault as `what: underlined text`.
fn faults(text: &str) -> Vec<String> {
    let read = read(text.as_bytes(), &Limits::DOCUMENT);
    read.faults.iter().map(|fault| format!("{}: {}", fault.kind, fault.span.of(text))).collect()
}

fn number(text: &str) -> Number {
    Number::parse(text).unwrap()
}

#[test]
fn reads_what_rfc_8259_allows() {
    let text =
        " {\"a\" : [1, -0.5e+2, true, false, null, \"\\u00e9\\ud83d\\ude00\\/\\n\", {}] }\r\n";
    let value = strict(text).unwrap();
    assert_eq!(write(&value), "{\"a\":[1,-0.5e+2,true,false,null,\"é😀/\\n\",{}]}");
    for scalar in ["0", "-0", "1E400", "\"\"", "null", "\"\u{2028}\u{7f}\""] {
        assert!(strict(scalar).is_ok(), "{scalar}");
    }
}

#[test]
fn refuses_everything_else() {
    for text in [
        "",
        " ",
        "NaN",
        "Infinity",
        "-Infinity",
        "True",
        "nul",
        "01",
        "1.",
        ".5",
        "+1",
        "1e",
        "0x1",
        "1_0",
        "--1",
        "[1,]",
        "[,1]",
        "[1 2]",
        "{\"a\":1,}",
        "{a:1}",
        "{'a':1}",
        "{\"a\" 1}",
        "{\"a\":}",
        "{1:1}",
        "[",
        "{",
        "\"a",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\t\"",
        "\"\\u+123\"",
        "// c\n1",
        "/*c*/1",
        "1 2",
        "{}{}",
        "]",
        "\u{feff}1",
        "\u{a0}1",
        "\"a\nb\"",
    ] {
        assert!(strict(text).is_err(), "{text:?}");
        assert!(!faults(text).is_empty(), "{text:?}");
    }
}

#[test]
fn refuses_what_readers_disagree_on() {
    assert!(matches!(strict("{\"a\":1,\"\\u0061\":2}"), Err(FaultKind::DuplicateKey(_))));
    assert_eq!(strict("\"\\ud800\""), Err(FaultKind::LoneSurrogate));
    assert_eq!(strict("\"\\udc00\\ud800\""), Err(FaultKind::LoneSurrogate));
    assert_eq!(strict("\"\\ud800\\u0041\""), Err(FaultKind::LoneSurrogate));
    let invalid = read_strict(b"\"\xff\"", &Limits::MESSAGE).unwrap_err();
    assert_eq!((invalid.kind, invalid.span), (FaultKind::InvalidUtf8, Span::new(1, 2)));
}

#[test]
fn keeps_its_limits() {
    let nested = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
    assert!(strict(&nested(128)).is_ok());
    assert_eq!(strict(&nested(129)), Err(FaultKind::TooDeep));
    assert_eq!(strict(&nested(100_000)), Err(FaultKind::TooDeep));
    let limits = Limits { bytes: 3, depth: 1 };
    assert!(read_strict(b"123", &limits).is_ok());
    assert_eq!(read_strict(b"1234", &limits).unwrap_err().kind, FaultKind::TooLarge);
    assert_eq!(strict(&"9".repeat(401)), Err(FaultKind::NumberTooLarge));
    assert_eq!(strict("1e401"), Err(FaultKind::NumberTooLarge));
    assert_eq!(strict("1e99999999999"), Err(FaultKind::NumberTooLarge));
}

#[test]
fn reports_all_faults_with_their_words() {
    assert_eq!(
        faults("{\"a\": tru, \"b\": 'x', c: 1, \"d\": 01, \"a2\": 1, \"a2\": [1,, 2], }"),
        [
            "expected a value: tru",
            "expected a value: 'x'",
            "expected a key in double quotes: c",
            "not a number as json writes it: 01",
            "the key stands twice in one object: \"a2\"",
            "expected a value: ",
            "a comma stands before the closing bracket: ,",
        ]
    );
    assert_eq!(faults("{\"a\": 1 \"b\": 2}"), ["expected `,` or `}`: "]);
    assert_eq!(faults("{\"a\": [1, 2}"), ["expected `,` or `]`: }"]);
    assert_eq!(faults("{\"a\": \"x\n, \"b\": 1}"), ["the string has no closing quote: \"x"]);
    assert_eq!(faults("{} x y "), ["something stands behind the end: x y"]);
    assert_eq!(faults("\u{feff}{}"), ["the text begins with a byte order mark: \u{feff}"]);
}

#[test]
fn reading_a_broken_text_always_ends() {
    let pieces = ["{", "}", "[", "]", ",", ":", "\"", "\\", "1", "a", " ", "\n", "é", "'"];
    let mut seed = 1u32;
    for _ in 0..20_000 {
        let mut text = String::new();
        for _ in 0..(seed >> 24) % 14 {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            text.push_str(pieces[(seed >> 16) as usize % pieces.len()]);
        }
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let ours = read(text.as_bytes(), &Limits::DOCUMENT);
        let theirs = serde_json::from_str::<serde_json::Value>(&text);
        if ours.faults.is_empty() {
            assert!(theirs.is_ok(), "{text:?}");
        } else if theirs.is_ok() {
            let duplicate = |fault: &Fault| matches!(fault.kind, FaultKind::DuplicateKey(_));
            assert!(ours.faults.iter().all(duplicate), "{text:?} {:?}", ours.faults);
        }
    }
}

#[test]
fn large_objects_find_their_members() {
    let text: Vec<String> = (0..50).map(|n| format!("\"k{n}\":{n}")).collect();
    let value = strict(&format!("{{{}}}", text.join(","))).unwrap();
    let object = value.as_object().unwrap();
    for n in 0..50u64 {
        let found = object.get(&format!("k{n}")).unwrap();
        assert_eq!(found.value, Value::Number(Number::from(n)));
    }
    assert!(object.get("k50").is_none());
    let many = vec!["\"a\":1"; 1000].join(",");
    let read = read(format!("{{{many}}}").as_bytes(), &Limits::DOCUMENT);
    assert_eq!(read.faults.len(), 100);
}

#[test]
fn numbers_compare_by_value() {
    let ascending = [
        "-1e400",
        "-10",
        "-9.99",
        "-1",
        "-0.1",
        "-1e-400",
        "0",
        "1e-400",
        "0.1",
        "0.11",
        "1",
        "1.5",
        "9.99",
        "10",
        "9007199254740992",
        "9007199254740993",
        "1e400",
    ];
    for (i, a) in ascending.iter().enumerate() {
        for (j, b) in ascending.iter().enumerate() {
            assert_eq!(number(a).cmp(&number(b)), i.cmp(&j), "{a} {b}");
        }
    }
    for (a, b) in
        [("1", "1.0"), ("1", "10e-1"), ("0", "-0.000e5"), ("100", "1e2"), ("0.010", "1E-2")]
    {
        assert_eq!(number(a), number(b));
    }
}

#[test]
fn numbers_have_one_plain_text() {
    for (text, plain) in [
        ("5.0", "5"),
        ("-0", "0"),
        ("1e3", "1000"),
        ("-1.50", "-1.5"),
        ("12e-3", "0.012"),
        ("0.5", "0.5"),
        ("1e-7", "0.0000001"),
        ("123.456e1", "1234.56"),
        ("1e21", "1000000000000000000000"),
    ] {
        assert_eq!(number(text).plain(), plain);
    }
    assert_eq!(number("18446744073709551615").to_u64(), Some(u64::MAX));
    assert_eq!(number("18446744073709551616").to_u64(), None);
    assert_eq!(number("1e400").to_u64(), None);
    assert_eq!(number("1.5").to_u64(), None);
    assert!(
        number("1.50e1").is_integer() && !number("1.5").is_integer() && number("0").is_integer()
    );
}

#[test]
fn canonical_form_is_that_of_rfc_8785() {
    let value = strict(
        "{\"numbers\": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
          \"string\": \"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\\"\\/\",
          \"literals\": [null, true, false], \"\\r\": 1, \"\u{1F600}\": 2, \"\u{fb33}\": 3}",
    );
    // The RFC's own example (section 3.2.2), with keys that sort differently in UTF-16 and UTF-8.
    assert_eq!(
        canonical(&value.unwrap()),
        "{\"\\r\":1,\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],\
         \"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\",\"😀\":2,\"\u{fb33}\":3}"
    );
    for (text, canonical) in [
        ("1e21", "1e+21"),
        ("1e20", "100000000000000000000"),
        ("1e-6", "0.000001"),
        ("1e-7", "1e-7"),
        ("-0", "0"),
        ("9007199254740993", "9007199254740993"),
        ("1e400", "1e+400"),
        // Beyond what is read, and no double's: written so that it can be read again.
        ("0.1e-400", "0.1e-400"),
        ("-1400e400", "-1400e+400"),
        ("-1.0", "-1"),
    ] {
        assert_eq!(number(text).canonical(), canonical);
    }
}

#[test]
fn one_slip_is_one_fault() {
    let unterminated = "the string has no closing quote";
    for (text, wrong) in [
        (r#"{"a: "1", "b": "c"}"#, "\"a"),
        (r#"{"a: 1, "b": "c"}"#, "\"a"),
        ("{\"a\": \"1,\n \"b\": 2}", "\"1,"),
        ("[\"a", "\"a"),
    ] {
        assert_eq!(faults(text), [format!("{unterminated}: {wrong}")], "{text}");
    }
    assert_eq!(faults("{\"a\": [{\"b\": [1"), ["expected `,` or `]`: "]);
    assert_eq!(faults("[1, // x\n2, /* y */ 3]").len(), 2);
    assert_eq!(
        faults("/* never ends"),
        ["json has no comments: /* never ends", "expected a value: "]
    );
}

/// RFC 8785, section 3.2.3.
#[test]
fn canonical_keys_are_in_the_order_of_utf_16() {
    let text = r#"{"\u20ac":"Euro Sign","\r":"Carriage Return",
        "\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One","\ud83d\ude00":"Emoji: Grinning Face",
        "\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}"#;
    let canonical = canonical(&strict(text).unwrap());
    let value = strict(&canonical).unwrap();
    let names = value.as_object().unwrap().members().iter().map(|member| &member.node.value);
    let names: Vec<_> = names.filter_map(Value::as_str).collect();
    assert_eq!(
        names,
        [
            "Carriage Return",
            "One",
            "Control",
            "Latin Small Letter O With Diaeresis",
            "Euro Sign",
            "Emoji: Grinning Face",
            "Hebrew Letter Dalet With Dagesh",
        ]
    );
}

/// By the order that RFC 8785 names, with objects of few members and of many.
#[test]
fn canonical_keys_are_sorted_by_their_code_units() {
    let ends = ["", "a", "\u{7f}", "\u{80}", "\u{7ff}", "\u{800}", "\u{d7ff}", "\u{e000}"];
    let ends =
        [&ends[..], &["\u{efff}", "\u{f000}", "\u{ffff}", "\u{10000}", "\u{10ffff}"]].concat();
    let pairs = ends.iter().flat_map(|a| ends.iter().map(move |b| format!("{b}{a}")));
    let mut keys: Vec<String> = pairs.collect();
    keys.sort();
    keys.dedup();
    for few in keys.chunks(5).chain([&keys[..]]) {
        let object = |keys: &[String]| {
            let members = keys.iter().map(|key| (key.clone(), Value::Null));
            canonical_exact(&members.collect())
        };
        let mut sorted = few.to_vec();
        sorted.sort_by(|a, b| a.encode_utf16().cmp(b.encode_utf16()));
        let expected: Vec<String> =
            sorted.iter().map(|key| format!("{}:null", quote(key))).collect();
        let backwards: Vec<String> = few.iter().rev().cloned().collect();
        assert_eq!(object(&backwards), format!("{{{}}}", expected.join(",")));
    }
}

#[test]
fn what_is_written_in_parts_is_what_is_written_at_once() {
    let rows: Vec<String> = (0..2000)
        .map(|n| format!(r#"{{"z":[{n},"a \"word\" \n\u0001",1.50],"a":{{"é":null,"":true}}}}"#))
        .collect();
    let value = strict(&format!("{{\"rows\":[{}]}}", rows.join(","))).unwrap();
    let (mut all, mut parts) = (String::new(), 0);
    canonical_exact_in_parts(&value, &mut |part| {
        all.push_str(part);
        parts += 1;
    });
    assert!(parts > 5, "{parts}");
    assert_eq!(all, canonical_exact(value.as_object().unwrap()));
    assert_eq!(strict(&all).unwrap(), value);
}

#[test]
fn numbers_in_a_text_are_written_as_alone() {
    for text in ["0", "-0", "-7", "10", "1.0", "99e1"].map(str::to_owned).into_iter().chain([
        "9".repeat(20),
        "9".repeat(21),
        "9".repeat(22),
        format!("1{}", "0".repeat(20)),
        format!("1{}", "0".repeat(21)),
    ]) {
        let value = strict(&text).unwrap();
        let mut exact = String::new();
        canonical_exact_in_parts(&value, &mut |part| exact.push_str(part));
        assert_eq!(exact, number(&text).exact());
        assert_eq!(canonical(&value), number(&text).canonical());
        assert_eq!(write(&value), text);
    }
}

/// RFC 8785, appendix B: the bits of a double, and its text.
#[test]
fn canonical_numbers_are_those_of_the_table() {
    for (bits, text) in [
        (0x0000_0000_0000_0000, "0"),
        (0x8000_0000_0000_0000, "0"),
        (0x0000_0000_0000_0001, "5e-324"),
        (0x8000_0000_0000_0001, "-5e-324"),
        (0x7fef_ffff_ffff_ffff, "1.7976931348623157e+308"),
        (0xffef_ffff_ffff_ffff, "-1.7976931348623157e+308"),
        (0x4340_0000_0000_0000, "9007199254740992"),
        (0xc340_0000_0000_0000, "-9007199254740992"),
        (0x4430_0000_0000_0000, "295147905179352830000"),
        (0x44b5_2d02_c7e1_4af5, "9.999999999999997e+22"),
        (0x44b5_2d02_c7e1_4af6, "1e+23"),
        (0x44b5_2d02_c7e1_4af7, "1.0000000000000001e+23"),
        (0x444b_1ae4_d6e2_ef4e, "999999999999999700000"),
        (0x444b_1ae4_d6e2_ef4f, "999999999999999900000"),
        (0x444b_1ae4_d6e2_ef50, "1e+21"),
        (0x3eb0_c6f7_a0b5_ed8c, "9.999999999999997e-7"),
        (0x3eb0_c6f7_a0b5_ed8d, "0.000001"),
        (0x41b3_de43_5555_5553, "333333333.3333332"),
        (0x41b3_de43_5555_5554, "333333333.33333325"),
        (0x41b3_de43_5555_5555, "333333333.3333333"),
        (0x41b3_de43_5555_5556, "333333333.3333334"),
        (0x41b3_de43_5555_5557, "333333333.33333343"),
        (0xbecb_f647_612f_3696, "-0.0000033333333333333333"),
        (0x4314_3ff3_c1cb_0959, "1424953923781206.2"),
    ] {
        let double = f64::from_bits(bits);
        assert_eq!(Number::from_f64(double).unwrap().canonical(), text, "{bits:x}");
        // What the text says is that double again, and is canonical.
        let read = number(text);
        assert_eq!(read.canonical(), text);
        assert!(read.to_f64() == double, "{bits:x}");
        // A number written with more digits than it needs.
        assert_eq!(number(&format!("{double:e}")).canonical(), text, "{bits:x}");
    }
    for bits in [0x7fff_ffff_ffff_ffff, 0x7ff0_0000_0000_0000, 0xfff0_0000_0000_0000] {
        assert!(Number::from_f64(f64::from_bits(bits)).is_none(), "{bits:x}");
    }
}

/// RFC 8785, section 3.2.4: the bytes of the example of section 3.2.2.
#[test]
fn canonical_text_is_the_published_bytes() {
    let text = r#"{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],
        "string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}"#;
    let bytes = "7b226c69746572616c73223a5b6e756c6c2c747275652c66616c73655d2c226e756d62657273223a\
        5b3333333333333333332e333333333333332c31652b33302c342e352c302e3030322c31652d32375d2c22737472\
        696e67223a22e282ac245c75303030665c6e4127425c225c5c5c5c5c222f227d";
    let canonical: String =
        canonical(&strict(text).unwrap()).bytes().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(canonical, bytes);
}

#[test]
fn the_exact_form_is_that_of_the_rfc_unless_that_rounds() {
    for text in
        ["0", "-0", "1e21", "1E-7", "4.50", "0.1", "123456.789", "1e400", "9007199254740993"]
    {
        assert_eq!(number(text).exact(), number(text).canonical(), "{text}");
    }
    // One double, two numbers.
    let (a, b) = (number("50000"), number("50000.0000000000001"));
    assert_eq!(a.canonical(), b.canonical());
    assert_ne!(a.exact(), b.exact());
    assert_eq!(number("5.0e4").exact(), a.exact());
}

#[test]
fn whatever_must_be_is_escaped_wherever_it_stands() {
    for length in 0..24 {
        let plain: String = (0..length).map(|at| ['a', '\u{7f}', '~', ' '][at % 4]).collect();
        assert_eq!(quote(&plain), format!("\"{plain}\""));
        for at in 0..length {
            for c in (0..=0x80).map(char::from).chain(['é', '\u{ffff}', '😀']) {
                let text = [&plain[..at], &c.to_string(), &plain[at + 1..]].concat();
                let escaped = match c {
                    '"' => "\\\"".to_owned(),
                    '\\' => "\\\\".to_owned(),
                    '\u{8}' => "\\b".to_owned(),
                    '\t' => "\\t".to_owned(),
                    '\n' => "\\n".to_owned(),
                    '\u{c}' => "\\f".to_owned(),
                    '\r' => "\\r".to_owned(),
                    '\0'..' ' => format!("\\u{:04x}", u32::from(c)),
                    _ => c.to_string(),
                };
                let expected = ["\"", &plain[..at], &escaped, &plain[at + 1..], "\""].concat();
                assert_eq!(quote(&text), expected, "{c:?} at {at} of {length}");
            }
        }
    }
}
