//! The command line, run as people run it.

mod classify;
mod coverage;
mod foresight;
mod pin;
mod replay;
mod scenarios;
mod update;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cattlegrid::export::{Address, Envoy, Upstream, envoy};

const POLICY: &str = r#"{
  "version": "1",
  "default": "deny",
  "hide": ["drop"],
  "tools": {
    "search": {},
    "pay": {
      "deny_if": [{ "conditions": [{ "path": "args.amount", "op": "gt", "value": 100 }], "on_deny": "too much" }],
      "limits": [{ "counter": "payments", "window": "minute", "max": 10 }]
    },
    "close": { "action": "require_approval" }
  }
}"#;

const BROKEN: &str = "{\n\t\"version\": \"1\",\n\t\"defualt\": \"deny\"\n}";

const CATALOG: &str = r#"{"server": "bank", "tools": [{"name": "transfer"}, {"name": "balance"}]}"#;

/// A folder for the files of one test, gone when the test is over.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("cattlegrid-{}-{test}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        let folder = Folder(path);
        folder.file("policy.json", POLICY);
        folder.file("broken.json", BROKEN);
        folder.file("tools.json", CATALOG);
        folder
    }

    fn file(&self, name: &str, text: impl AsRef<[u8]>) {
        std::fs::write(self.0.join(name), text).unwrap();
    }

    /// Runs the command in the folder: its exit code, standard output and standard error.
    fn run(&self, arguments: &[&str], input: &str) -> (i32, String, String) {
        run(&self.0, arguments, input)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left behind in the folder for temporary files harms nobody.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn run(folder: &Path, arguments: &[&str], input: &str) -> (i32, String, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_cattlegrid"))
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Whoever does not read its input closes it.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn nothing() -> String {
    String::new()
}

#[test]
fn check_says_what_was_understood() {
    let folder = Folder::new("valid");
    let valid = "policy.json: valid: 3 tools listed, 1 hidden, default deny\n".to_owned();
    assert_eq!(folder.run(&["check", "policy.json"], ""), (0, valid.clone(), nothing()));
    let from_input = valid.replace("policy.json", "<stdin>");
    assert_eq!(folder.run(&["check", "-"], POLICY), (0, from_input, nothing()));
    assert_eq!(folder.run(&["check", "policy.json", "--json"], ""), (0, "[]\n".into(), nothing()));
}

#[test]
fn check_draws_what_is_wrong() {
    let folder = Folder::new("broken");
    let expected = "\
error[unknown-key]: unknown key `defualt`
 --> broken.json:3:3
  |
3 |     \"defualt\": \"deny\"
  |      ^^^^^^^
  |
help: did you mean `default`?
  |
3 -     \"defualt\": \"deny\"
3 +     \"default\": \"deny\"
  |

broken.json: invalid (1 error)
";
    assert_eq!(folder.run(&["check", "broken.json"], ""), (1, expected.into(), nothing()));
}

#[test]
fn check_speaks_json() {
    let folder = Folder::new("json");
    let (code, out, _) = folder.run(&["check", "broken.json", "--json"], "");
    assert_eq!(code, 1);
    let found: serde_json::Value = serde_json::from_str(&out).unwrap();
    let span = serde_json::json!({"start": 21, "end": 28, "from": {"line": 3, "column": 3}, "to": {"line": 3, "column": 10}});
    let expected = serde_json::json!([{
        "code": "unknown-key", "severity": "error", "message": "unknown key `defualt`", "pointer": "/defualt",
        "span": span, "labels": [], "help": "did you mean `default`?",
        "fix": {"title": "rename it to `default`", "edits": [{"span": span, "text": "default"}], "safe": true}
    }]);
    assert_eq!(found, expected);
}

#[test]
fn check_knows_the_tools_of_a_server() {
    let folder = Folder::new("catalog");
    folder.file("one.json", r#"{"version": "1", "default": "deny", "tools": {"start": {}}}"#);
    let (code, out, _) = folder.run(&["check", "one.json", "--catalog", "tools.json"], "");
    assert_eq!(code, 0, "{out}");
    let nothing = "warning[nothing-callable-on-server]: nothing can be called on `bank`: `default` is `deny` and `start`, the only tool listed, is not one of its tools\n";
    assert!(out.starts_with(nothing), "{out}");
    assert!(out.contains("warning[unknown-tool]: `start` is not a tool of `bank`"), "{out}");
    let end = "one.json: valid: 1 tool listed, 0 hidden, default deny (2 warnings)\n";
    assert!(out.ends_with(end), "{out}");
    assert_eq!(folder.run(&["check", "one.json", "--catalog", "-"], CATALOG).1, out);
}

#[test]
fn check_draws_many_faults_once() {
    let folder = Folder::new("many");
    let keys: Vec<String> = (0..150).map(|at| format!("\"k{at}\": 1")).collect();
    folder.file(
        "many.json",
        format!("{{\"version\": \"1\", \"default\": \"deny\",\n{}}}", keys.join(",\n")),
    );
    let (code, out, _) = folder.run(&["check", "many.json"], "");
    assert_eq!((code, out.matches("error[unknown-key]").count()), (1, 100));
    let end = "\n\n… and 50 more, which `--format json` lists\n\nmany.json: invalid (150 errors)\n";
    assert!(out.ends_with(end), "{out}");
}

#[test]
fn evaluate_answers_with_its_exit_code() {
    let folder = Folder::new("evaluate");
    let decide = |call: &str| folder.run(&["evaluate", "policy.json", "-"], call);
    let (code, out, _) = decide(r#"{"tool": "pay", "arguments": {"amount": 100}}"#);
    assert_eq!(code, 0);
    assert!(out.starts_with("allow: pay\n"), "{out}");
    let (code, out, _) = decide(r#"{"tool": "pay", "arguments": {"amount": 101}}"#);
    assert_eq!(code, 1);
    assert_eq!(
        out,
        "deny: pay\n  too much\n  rule: /tools/pay/deny_if/0\n  label: /tools/pay/deny_if/args.amount-gt\n"
    );
    let message =
        r#"{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "close"}}"#;
    let (code, out, _) = decide(message);
    assert_eq!(code, 1);
    assert!(out.starts_with("hold: close\n"), "{out}");
    for call in [
        r#"{"tool": "drop"}"#,
        r#"{"tool": "other"}"#,
        r#"{"tool": "search", "arguments": []}"#,
        "[",
        "",
    ] {
        let (code, out, _) = decide(call);
        assert_eq!(code, 1, "{call}");
        assert!(out.starts_with("deny: "), "{out}");
    }
    let now = ["evaluate", "policy.json", "-", "--now", "2026-01-01T00:00:59Z", "--json"];
    let (code, out, _) = folder.run(&now, r#"{"tool": "pay"}"#);
    assert_eq!(code, 0);
    let decision: serde_json::Value = serde_json::from_str(&out).unwrap();
    let limit = serde_json::json!({"counter": "payments", "scope": "grant", "window": "minute", "max": 10, "remaining": 9, "reset_after": 1});
    assert_eq!(decision["decision"], "allow");
    assert_eq!(decision["limits"], serde_json::json!([limit]));
}

#[test]
fn explain_shows_every_rule() {
    let folder = Folder::new("explain");
    folder.file("call.json", r#"{"tool": "pay", "arguments": {"amount": "4200"}}"#);
    let (code, out, _) = folder.run(&["explain", "policy.json", "call.json"], "");
    assert_eq!(code, 1);
    for line in [
        "deny: pay",
        "/tools/pay/deny_if/0: errored, denies",
        "  args.amount gt: errored, saw \"4200\"",
        "/tools/pay/limits/0: satisfied",
    ] {
        assert!(out.lines().any(|found| found == line), "{line}\n{out}");
    }
    let (code, out, _) = folder.run(&["explain", "policy.json", "call.json", "--json"], "");
    assert_eq!(code, 1);
    let explanation: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(explanation["rules"][0]["conditions"][0]["saw"], "\"4200\"");
    assert_eq!(explanation["limit_outcomes"][0]["remaining"], 10);
}

/// What cannot run says so in one sentence and with an exit code of its own.
#[test]
fn commands_that_cannot_run_say_why() {
    let folder = Folder::new("cannot");
    folder.file("call.json", r#"{"tool": "pay"}"#);
    for (arguments, why) in [
        (vec!["check", "none.json"], "error: cannot read none.json: there is no such file\n"),
        (vec!["check", "."], "error: cannot read .: it is a folder\n"),
        (
            vec!["check", "-", "--catalog", "-"],
            "error: standard input (`-`) can be read only once: name a file for the other\n",
        ),
        (
            vec!["evaluate", "policy.json", "call.json", "--now", "noon"],
            "error: `noon` is not a time: write it as 2026-01-31T12:00:00Z\n",
        ),
        (
            vec!["explain", "policy.json", "none.json"],
            "error: cannot read none.json: there is no such file\n",
        ),
    ] {
        assert_eq!(folder.run(&arguments, POLICY), (2, nothing(), why.to_owned()));
    }
    for (arguments, begin) in [
        (
            vec!["check", "policy.json", "--catalog", "broken.json"],
            "error[invalid-catalog]: a catalog needs `tools`\n",
        ),
        (
            vec!["evaluate", "broken.json", "call.json"],
            "error[unknown-key]: unknown key `defualt`\n",
        ),
        (vec!["check"], "error: the following required arguments were not provided:\n"),
        (vec!["chekc"], "error: unrecognized subcommand 'chekc'\n"),
        (vec!["check", "policy.json", "--jsno"], "error: unexpected argument '--jsno' found\n"),
    ] {
        let (code, out, why) = folder.run(&arguments, "");
        assert_eq!((code, out), (2, nothing()), "{arguments:?}");
        assert!(why.starts_with(begin), "{why}");
    }
}

#[test]
fn a_reader_that_has_gone_is_no_failure() {
    let folder = Folder::new("gone");
    let mut child = Command::new(env!("CARGO_BIN_EXE_cattlegrid"))
        .args(["check", "-"])
        .current_dir(&folder.0)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Closed before there is anything to print.
    drop(child.stdout.take());
    child.stdin.take().unwrap().write_all(BROKEN.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(output.stderr, b"");
}

/// Colour is for terminals only.
const FILTER: &str = r#"{
  "policies": { "p": { "policy": { "version": "1", "default": "deny", "description": "it's" } } },
  "anonymous": "p",
  "servers": [{ "name": "a", "path": "/a" }, { "name": "b: c", "path": "/" }]
}
"#;

const SHARED: &str = r#"{
  "policy": { "version": "1", "default": "deny", "tools": {
    "pay": { "limits": [{ "counter": "it's \"n\"", "window": "day", "max": 10.5, "increment_from": "args.x" }] }
  } },
  "store": { "rate_limit_service": { "cluster": "limits: 1", "domain": "a \"b\"" } }
}
"#;

#[test]
fn limitador_is_told_the_limits() {
    let folder = Folder::new("limitador-limits");
    folder.file("shared.json", SHARED);
    let (code, out, err) = folder.run(&["limitador-limits", "shared.json"], "");
    assert_eq!(code, 0, "{err}");
    let name = "default/tools/pay/limits/it%27s%20%22n%22-per-day";
    let limit = format!(
        r#"
- namespace: "a \"b\""
  name: "{name}"
  max_value: 10
  seconds: 172800
  conditions:
    - "descriptors.exists(descriptors, descriptors['limit'] == '{name}')"
  variables:
    - "descriptors.filter(descriptors, descriptors['limit'] == '{name}')[0]['counter']"
"#
    );
    assert!(out.ends_with(&limit), "{out}");
    folder.file("none.json", r#"{"policy": {"version": "1", "default": "deny"}, "store": {"rate_limit_service": {"cluster": "a"}}}"#);
    let (code, out, _) = folder.run(&["limitador-limits", "none.json"], "");
    assert!(code == 0 && out.ends_with("\n[]\n"), "{out}");
    folder.file("plain.json", r#"{"policy": {"version": "1", "default": "deny"}}"#);
    for (file, why) in
        [("plain.json", "each proxy counts for itself"), ("broken.json", "unknown key")]
    {
        let (code, out, err) = folder.run(&["limitador-limits", file], "");
        assert!(code == 2 && out.is_empty() && err.contains(why), "{err}");
    }
}

#[test]
fn check_envoy_says_what_is_wrong_with_a_configuration() {
    let folder = Folder::new("check-envoy");
    folder.file("good.json", FILTER);
    folder.file("bad.json", r#"{"policies": {}, "anonymous": "p", "mode": "dry"}"#);
    let (code, out, err) = folder.run(&["check-envoy", "good.json"], "");
    assert_eq!((code, out.as_str()), (0, "good.json: valid: 1 policy, no tokens\n"), "{err}");
    let (code, out, _) = folder.run(&["check-envoy", "bad.json"], "");
    assert_eq!(code, 1);
    for words in
        ["no policy is called `p`", "unknown setting `dry`", "bad.json: invalid (2 errors)"]
    {
        assert!(out.contains(words), "{out}");
    }
    let (code, out, _) = folder.run(&["check-envoy", "--format", "github", "bad.json"], "");
    assert!(code == 1 && out.contains("unknown-reference"), "{out}");
}

#[test]
fn envoy_config_writes_all_that_envoy_wants() {
    let folder = Folder::new("envoy-config");
    folder.file("filter.json", FILTER);
    folder.file("plain.json", r#"{"policy": {"version": "1", "default": "deny"}}"#);
    let with = |file: &str, upstreams: &[&str]| {
        let mut arguments = vec!["envoy-config", file];
        arguments.extend(upstreams.iter().flat_map(|upstream| ["--upstream", upstream]));
        folder.run(&arguments, "")
    };
    let (code, out, err) =
        with("filter.json", &["b: c=https://mcp.example.com/x/mcp", "a=http://127.0.0.1:3001/mcp"]);
    assert_eq!(code, 0, "{err}");
    for words in [
        "          value: |\n                            {\n",
        "path_separated_prefix: /a }",
        "prefix: / }",
        "cluster: \"mcp_b: c\"",
        "prefix_rewrite: /x/mcp",
        "auto_host_rewrite: true",
        "sni: mcp.example.com",
        "port_value: 443",
        "port_value: 3001",
        "domains: [\"127.0.0.1\", \"localhost\"]",
        "port_value: 10000",
    ] {
        assert!(out.contains(words), "{words} is not in\n{out}");
    }
    assert!(!out.contains("# set:"), "{out}");
    let (code, out, err) = folder.run(
        &[
            "envoy-config",
            "plain.json",
            "--upstream",
            "http://127.0.0.1:1/mcp",
            "--filter-file",
            "filter.yaml",
        ],
        "",
    );
    let part = std::fs::read_to_string(folder.0.join("filter.yaml")).unwrap();
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("config_discovery:") && !out.contains("failure_policy"), "{out}");
    assert!(part.contains("\n      config:\n        name: cattlegrid\n"), "{part}");
    assert!(part.contains("\n          value: |\n            {\"policy\""), "{part}");
    folder.file(
        "named.json",
        r#"{"policy": {"version": "1", "default": "deny"}, "approval_keys": [{"hs256_env": "A"}]}"#,
    );
    let (_, out, _) = with("named.json", &["http://127.0.0.1:3001/mcp"]);
    assert!(out.contains("environment_variables: { host_env_keys: [\"A\"] }"), "{out}");
    let (code, out, _) = with("plain.json", &["http://127.0.0.1:3001/mcp"]);
    assert!(code == 0 && out.contains("- match: { path: /mcp }"), "{out}");
    for (file, upstreams, why) in [
        ("plain.json", vec!["a=http://127.0.0.1/mcp"], "has no `servers`"),
        ("plain.json", vec!["http://127.0.0.1/a", "http://127.0.0.1/b"], "has no `servers`"),
        ("filter.json", vec!["http://127.0.0.1/mcp"], "say `NAME=URL`"),
        ("filter.json", vec!["a=http://127.0.0.1/mcp"], "the server `b: c` wants one upstream"),
        ("plain.json", vec!["ftp://127.0.0.1/mcp"], "the scheme must be http or https"),
        ("plain.json", vec!["127.0.0.1:3001"], "no url"),
        ("plain.json", vec!["http://127.0.0.1:99999/mcp"], "the port is no number"),
        ("plain.json", vec!["http:///mcp"], "no host"),
        ("plain.json", vec!["http://a/x?y"], "the path may have"),
    ] {
        let (code, out, err) = with(file, &upstreams);
        assert!(code == 2 && out.is_empty() && err.contains(why), "{upstreams:?}: {err}");
    }
    folder.file("shared.json", SHARED);
    let with_service = |file: &str, service: &str| {
        let upstream = ["--upstream", "http://127.0.0.1:3001/mcp"];
        folder.run(
            &[&["envoy-config", file, "--rate-limit-service", service], &upstream[..]].concat(),
            "",
        )
    };
    let (code, out, err) = with_service("shared.json", "limits.internal:8081");
    assert_eq!(code, 0, "{err}");
    for words in [
        "- name: \"limits: 1\"\n      type: STRICT_DNS",
        "explicit_http_config: { http2_protocol_options: {} }",
        "address: \"limits.internal\"\n                      port_value: 8081\n",
    ] {
        assert!(out.contains(words), "{words} is not in\n{out}");
    }
    let (code, out, _) = with_service("shared.json", "[::1]:8081");
    assert!(code == 0 && out.contains("address: \"::1\""), "{out}");
    folder.file("taken.json", SHARED.replace("limits: 1", "mcp_server"));
    for (file, service, why) in [
        ("shared.json", "8081", "it is like `127.0.0.1:8081`"),
        ("shared.json", ":8081", "it is like `127.0.0.1:8081`"),
        ("shared.json", "a b:8081", "it is like `127.0.0.1:8081`"),
        ("shared.json", "a:80810", "it is like `127.0.0.1:8081`"),
        ("plain.json", "a:1", "has no `rate_limit_service`"),
        ("taken.json", "a:1", "the cluster `mcp_server` is that of a server"),
    ] {
        let (code, out, err) = with_service(file, service);
        assert!(code == 2 && out.is_empty() && err.contains(why), "{service}: {err}");
    }
    let (code, _, err) = with("shared.json", &["http://127.0.0.1:3001/mcp"]);
    assert!(code == 2 && err.contains("say `--rate-limit-service HOST:PORT`"), "{err}");
    folder.file("odd.json", "{\"policy\": {\"version\": \"1\", \"default\": \"deny\", \"description\": \"\u{2028}\u{1f600}\"}}");
    let (_, out, _) = with("odd.json", &["http://127.0.0.1:3001/mcp"]);
    assert!(out.contains(r#"\"description\": \"\u2028\U0001f600\""#), "{out}");
}

#[test]
fn envoy_config_writes_what_the_library_writes() {
    let folder = Folder::new("envoy-library");
    folder.file("filter.json", FILTER);
    folder.file("shared.json", SHARED);
    let hosts = ["127.0.0.1", "localhost"].map(str::to_owned);
    let servers = [
        Upstream::new("b: c", "https://mcp.example.com/x/mcp").unwrap(),
        Upstream::new("a", "http://127.0.0.1:3001/mcp").unwrap(),
    ];
    let written = envoy(&Envoy::usual(FILTER, &servers, &hosts)).unwrap();
    assert_eq!(written.filter, None);
    let upstreams = [
        "--upstream",
        "b: c=https://mcp.example.com/x/mcp",
        "--upstream",
        "a=http://127.0.0.1:3001/mcp",
    ];
    let command = [&["envoy-config", "filter.json"], &upstreams[..]].concat();
    assert_eq!(folder.run(&command, ""), (0, written.envoy, nothing()));
    let servers = [Upstream::new("", "http://127.0.0.1:3001/mcp").unwrap()];
    let service = Address::read("limits.internal:8081").unwrap();
    let parts = Envoy {
        rate_limit_service: Some(&service),
        listen: "0.0.0.0:80".parse().unwrap(),
        admin: "[::1]:81".parse().unwrap(),
        hosts: &hosts[..1],
        filter_file: Some("filter.yaml"),
        wasm: "a b.wasm",
        ..Envoy::usual(SHARED, &servers, &hosts)
    };
    let written = envoy(&parts).unwrap();
    #[rustfmt::skip]
    let command = ["envoy-config", "shared.json", "--upstream", "http://127.0.0.1:3001/mcp",
        "--rate-limit-service", "limits.internal:8081", "--listen", "0.0.0.0:80", "--admin", "[::1]:81",
        "--host", "127.0.0.1", "--filter-file", "filter.yaml", "--wasm", "a b.wasm"];
    assert_eq!(folder.run(&command, ""), (0, written.envoy, nothing()));
    let part = std::fs::read_to_string(folder.0.join("filter.yaml")).unwrap();
    assert_eq!(Some(part), written.filter);
    // What is no text is refused, and not written as another.
    folder.file("bytes.json", [FILTER.as_bytes(), b"\xff"].concat());
    let (code, out, err) =
        folder.run(&["envoy-config", "bytes.json", "--upstream", "http://a"], "");
    assert!(code == 2 && out.is_empty() && err.contains("invalid-utf8"), "{err}");
}

#[test]
fn there_is_no_colour_in_a_pipe() {
    let folder = Folder::new("colour");
    assert!(!folder.run(&["check", "broken.json"], "").1.contains('\u{1b}'));
}

#[test]
fn check_speaks_to_tools() {
    let folder = Folder::new("formats");
    let (code, out, _) = folder.run(&["check", "--format", "sarif", "broken.json"], "");
    let log: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &log["version"]), (1, &"2.1.0".into()));
    assert_eq!(log["runs"][0]["results"][0]["ruleId"], "unknown-key");
    let (code, out, _) = folder.run(&["check", "--format", "github", "broken.json"], "");
    let expected = "::error file=broken.json,line=3,endLine=3,col=3,endColumn=10,title=unknown-key::unknown key `defualt`%0Ahelp: did you mean `default`?\n";
    assert_eq!((code, out.as_str()), (1, expected));
    let (code, out, _) = folder.run(&["check", "--format", "json", "policy.json"], "");
    assert_eq!((code, out.as_str()), (0, "[]\n"));
}

#[test]
fn check_fixes_files() {
    let folder = Folder::new("fix");
    let (code, out, err) = folder.run(&["check", "--fix", "broken.json"], "");
    assert_eq!(code, 0, "{out}{err}");
    assert_eq!(err, "broken.json:3: fixed: rename it to `default`\n");
    let text = std::fs::read_to_string(folder.0.join("broken.json")).unwrap();
    assert_eq!(text, BROKEN.replace("defualt", "default"));
    // Nothing is left beside it, and what is right is left alone.
    assert_eq!(std::fs::read_dir(&folder.0).unwrap().count(), 3);
    let (code, _, err) = folder.run(&["check", "--fix", "policy.json"], "");
    assert_eq!((code, err.as_str()), (0, ""));
    let text = std::fs::read_to_string(folder.0.join("policy.json")).unwrap();
    assert_eq!(text, POLICY);
}

#[test]
fn check_prints_what_it_mends_of_standard_input() {
    let folder = Folder::new("fix-stdin");
    let (code, out, err) = folder.run(&["check", "--fix", "-"], BROKEN);
    assert_eq!((code, out.as_str()), (0, BROKEN.replace("defualt", "default").as_str()));
    assert!(err.starts_with("<stdin>:3: fixed: rename it to `default`\n"), "{err}");
}

#[test]
fn fmt_prints_one_form() {
    let folder = Folder::new("fmt");
    folder.file("p.json", r#"{"default":"deny","x-team":"ops","tools":{"a":{}},"version":"1"}"#);
    let canonical = "{\n  \"version\": \"1\",\n  \"default\": \"deny\",\n  \"tools\": {\n    \"a\": {}\n  },\n  \"x-team\": \"ops\"\n}\n";
    let (code, _, err) = folder.run(&["fmt", "--check", "p.json"], "");
    assert_eq!((code, err.as_str()), (1, "p.json: not in the canonical form\n"));
    let (code, out, _) = folder.run(&["fmt", "p.json"], "");
    assert_eq!((code, out.as_str()), (0, ""));
    assert_eq!(std::fs::read_to_string(folder.0.join("p.json")).unwrap(), canonical);
    assert_eq!(folder.run(&["fmt", "--check", "p.json"], "").0, 0);
    assert_eq!(folder.run(&["fmt", "-"], canonical).1, canonical);
    let (code, out, err) = folder.run(&["fmt", "-"], BROKEN);
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.contains("unknown-key"), "{err}");
}

#[test]
fn compile_writes_what_the_engine_reads() {
    let folder = Folder::new("compile");
    let text = r#"{"version":"1","default":"deny","tools":{"a":{}}}"#;
    folder.file("p.json", text);
    let (code, out, err) = folder.run(&["compile", "p.json", "-o", "p.cgp"], "");
    assert_eq!((code, out.as_str(), err.as_str()), (0, "", ""));
    let bytes = std::fs::read(folder.0.join("p.cgp")).unwrap();
    let policy = cattlegrid::compile::from_bytes(&bytes).unwrap();
    let parsed = cattlegrid::parse::parse(text.as_bytes()).policy.unwrap();
    assert_eq!(policy.hash(), cattlegrid::compile::compile(&parsed).hash());
    // What is no policy is not written.
    let (code, _, err) = folder.run(&["compile", "-", "-o", "p.cgp"], BROKEN);
    assert_eq!(code, 2);
    assert!(err.contains("unknown-key"), "{err}");
    assert_eq!(std::fs::read(folder.0.join("p.cgp")).unwrap(), bytes);
}

#[cfg(unix)]
#[test]
fn a_file_keeps_its_rights_and_its_link() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = Folder::new("rights");
    let (file, link) = (folder.0.join("broken.json"), folder.0.join("link.json"));
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o640)).unwrap();
    symlink("broken.json", &link).unwrap();
    let (code, _, err) = folder.run(&["check", "--fix", "link.json"], "");
    assert_eq!(code, 0, "{err}");
    assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
}

#[test]
fn codes_are_listed_and_explained() {
    let folder = Folder::new("codes");
    let (code, out, _) = folder.run(&["codes"], "");
    assert_eq!(code, 0);
    assert!(out.lines().any(|line| line == "warning  unknown-tool"), "{out}");
    let (code, out, _) = folder.run(&["codes", "unknown-key"], "");
    assert_eq!(code, 0);
    assert!(
        out.starts_with("error [unknown-key]\n\nA key that the language does not know."),
        "{out}"
    );
    let (code, _, err) = folder.run(&["codes", "unknown-kee"], "");
    assert_eq!(
        (code, err.as_str()),
        (2, "error: there is no code `unknown-kee`: did you mean `unknown-key`?\n")
    );
}

/// What OpenSSL made of a key that is only in this test.
const PRIVATE: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIAEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB
-----END PRIVATE KEY-----
";
const PUBLIC: &str = "-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAiojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w=
-----END PUBLIC KEY-----
";
const SECRET: &str = "a secret that is only in this test\n";

#[test]
fn approve_makes_what_evaluate_accepts() {
    let folder = Folder::new("approve");
    folder.file("private.pem", PRIVATE);
    folder.file("public.pem", PUBLIC);
    folder.file("secret", SECRET);
    let call =
        |token: &str| format!(r#"{{"tool":"close","arguments":{{"id":7}},"approval":"{token}"}}"#);
    let (_, out, _) = folder.run(
        &["evaluate", "policy.json", "-", "--json"],
        r#"{"tool":"close","arguments":{"id":7.0}}"#,
    );
    let decision: serde_json::Value = serde_json::from_str(&out).unwrap();
    let digest = decision["approval"]["digest"].as_str().unwrap();
    for (key, check, other) in
        [("private.pem", "public.pem", "secret"), ("secret", "secret", "public.pem")]
    {
        let approve = ["approve", "--key", key, "--subject", "ada", digest];
        let (code, token, error) = folder.run(&approve, "");
        assert_eq!((code, error.as_str()), (0, ""), "{token}");
        let (_, again, _) = folder.run(&approve, "");
        assert_ne!(token, again, "each has a `jti` of its own");
        let call = call(token.trim());
        for verb in ["evaluate", "explain"] {
            let with = |check: &str| {
                folder.run(&[verb, "policy.json", "-", "--approval-key", check], &call)
            };
            let (code, out, _) = with(check);
            assert_eq!((code, out.lines().next()), (0, Some("allow: close")), "{out}");
            let (code, out, _) = with(other);
            assert_eq!(code, 1);
            let why = "(the approval was not accepted: it is signed in a way for which there is no key here)";
            assert!(out.contains(why), "{out}");
        }
        // Ten minutes later, and one for clocks that differ.
        let later = [
            "evaluate",
            "policy.json",
            "-",
            "--approval-key",
            check,
            "--now",
            "2099-01-01T00:00:00Z",
        ];
        assert!(folder.run(&later, &call).1.contains("it expired"));
        let both =
            ["evaluate", "policy.json", "-", "--approval-key", other, "--approval-key", check];
        assert_eq!(folder.run(&both, &call).0, 0);
    }
}

#[test]
fn approve_says_what_it_cannot_use() {
    let folder = Folder::new("approve-not");
    folder.file("private.pem", PRIVATE);
    folder.file("public.pem", PUBLIC);
    folder.file("short", "short");
    let digest = "0123456789abcdef".repeat(4);
    let fails = |arguments: &[&str], why: &str| {
        let (code, out, error) = folder.run(arguments, "");
        assert_eq!((code, out.as_str()), (2, ""));
        assert!(error.starts_with("error: ") && error.contains(why), "{error}");
    };
    let shouted = digest.to_uppercase();
    let approve = |key, digest| ["approve", "--subject", "ada", "--key", key, digest];
    fails(&approve("private.pem", "abc"), "`abc` is no digest");
    fails(&approve("private.pem", &shouted), "is no digest");
    fails(
        &approve("public.pem", &digest),
        "public.pem: this is not an unencrypted ed25519 private key",
    );
    fails(&approve("short", &digest), "short: a secret for hs256 has at least 32 bytes");
    fails(&approve("none", &digest), "cannot read none");
    for expires in ["10", "0s", "500ms", "-1m"] {
        let expires = format!("--expires={expires}");
        let arguments = ["approve", "--subject", "ada", "--key", "private.pem", &expires, &digest];
        fails(&arguments, "is not a span of time");
    }
    fails(&["approve", "--subject", " ", "--key", "private.pem", &digest], "who approves");
    let check = |key| ["evaluate", "policy.json", "policy.json", "--approval-key", key];
    fails(&check("private.pem"), "private.pem: this is a private key");
    fails(&check("short"), "short: a secret for hs256 has at least 32 bytes");
}
