#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::*;
use crate::approval::{Keys, Secrets};
use crate::diagnostic::{Code, Diagnostic};
use crate::evaluate::{Env, evaluate};
use crate::json::Limits;
use crate::model::{Amount, Call, Decision, Effect, Time};
use crate::quota::{self, CounterStore, MemoryStore};

/// `printf %s token | sha256sum`
const TOKEN: &str = "3c469e9d6c5875d37a43f353d4f88e61fcf812c66eee3457465a40b0da4153e0";
const OTHER: &str = "0000000000000000000000000000000000000000000000000000000000000000";
const POLICY: &str = r#""policy":{"version":"1","default":"deny"}"#;

fn settings(members: &str) -> Settings {
    let text = format!("{{{members}}}");
    read(text.as_bytes()).unwrap_or_else(|faults| panic!("{text}: {faults:?}"))
}

/// Code, underlined text, message and help.
fn lines(text: &str) -> Vec<String> {
    let line = |fault: &Diagnostic| {
        let help = fault.help.as_deref().unwrap_or("-");
        format!("{} | {} | {} | {help}", fault.code.as_str(), fault.span.of(text), fault.message)
    };
    read(text.as_bytes()).err().unwrap().iter().map(line).collect()
}

fn grant(label: &str, more: &str) -> String {
    format!(r#"{{"label":"{label}","token_sha256":"{TOKEN}"{more}}}"#)
}

/// The label and the policy's name.
fn who(
    settings: &Settings,
    header: Option<&str>,
    server: Option<&str>,
) -> Option<(String, String)> {
    let Identity { label, policy } = settings.identity(header, server)?;
    Some((label.as_str().to_owned(), policy.map_or("-".to_owned(), |policy| policy.name.clone())))
}

fn pair(label: &str, policy: &str) -> Option<(String, String)> {
    Some((label.to_owned(), policy.to_owned()))
}

#[test]
fn a_token_stands_for_its_grant() {
    let with = settings(&format!(r#"{POLICY},"grants":[{}]"#, grant("ada", "")));
    assert_eq!(who(&with, Some("Bearer token"), None), pair("ada", "default"));
    assert_eq!(who(&with, Some("bearer  token "), None), pair("ada", "default"));
    for other in
        ["token", "Basic token", "Bearer tokens", "Bearer ", "Bearer", "Bearer a, Bearer b"]
    {
        assert_eq!(who(&with, Some(other), None), None, "{other}");
    }
    assert_eq!(who(&with, None, None), None);
    let open = settings(POLICY);
    assert_eq!(who(&open, None, None), pair("anonymous", "default"));
    assert_eq!(who(&open, Some("Bearer whatever"), None), pair("anonymous", "default"));
    assert!(!open.wants_tokens());
    let closed = settings(&format!(r#"{POLICY},"grants":[]"#));
    assert_eq!(who(&closed, Some("Bearer token"), None), None);
    assert_eq!(who(&closed, None, None), None);
}

#[test]
fn each_grant_has_its_policy_and_strangers_may_have_one() {
    let policies = r#""policies":{"a":{"policy":{"version":"1","default":"deny"}},
        "b":{"policy":{"version":"1","default":"allow"},"mode":"shadow"}}"#;
    let with = |more: &str| settings(&format!("{policies},{more}"));
    let named = with(&format!(r#""grants":[{}]"#, grant("ada", r#","policy":"b""#)));
    assert_eq!(who(&named, Some("Bearer token"), None), pair("ada", "b"));
    let modes: Vec<Mode> = named.policies().iter().map(|policy| policy.mode).collect();
    assert_eq!(modes, [Mode::Enforce, Mode::Shadow]);
    // No policy for it: known, and denied everything.
    let without = with(&format!(r#""grants":[{}]"#, grant("ada", "")));
    assert_eq!(who(&without, Some("Bearer token"), None), pair("ada", "-"));
    assert_eq!(who(&with(r#""mode":"shadow""#), None, None), pair("anonymous", "-"));
    let stranger =
        with(&format!(r#""grants":[{}],"anonymous":"a""#, grant("ada", r#","policy":"b""#)));
    assert_eq!(who(&stranger, None, None), pair("anonymous", "a"));
    assert_eq!(who(&stranger, Some("Bearer token"), None), pair("ada", "b"));
    // A wrong token is not no token.
    assert_eq!(who(&stranger, Some("Bearer wrong"), None), None);
    // Whoever hides who he is gets past no policy that is enforced.
    let of_one = with(r#""mode":"shadow","anonymous":"a""#);
    assert_eq!(of_one.mode, Mode::Shadow);
    let enforced =
        r#""policies":{"a":{"policy":{"version":"1","default":"deny"},"mode":"enforce"}}"#;
    assert_eq!(settings(&format!(r#"{enforced},"mode":"shadow""#)).mode, Mode::Enforce);
    // What all have, policies can have otherwise.
    let shadow = with(r#""mode":"shadow""#);
    let modes: Vec<Mode> = shadow.policies().iter().map(|policy| policy.mode).collect();
    assert_eq!(modes, [Mode::Shadow, Mode::Shadow]);
}

#[test]
fn a_grant_can_be_for_one_server() {
    let grants = [
        grant("ada", r#","server":"a","policy":"p""#),
        grant("ada", r#","policy":"q""#),
        format!(r#"{{"label":"bob","token_sha256":"{OTHER}","server":"b"}}"#),
    ];
    let policies = r#""policies":{"p":{"policy":{"version":"1","default":"deny"}},
        "q":{"policy":{"version":"1","default":"deny"}}}"#;
    let servers = r#""servers":[{"name":"a","path":"/a"},{"name":"b","path":"/b"}]"#;
    let all = settings(&format!(r#"{policies},{servers},"grants":[{}]"#, grants.join(",")));
    assert_eq!(who(&all, Some("Bearer token"), Some("a")), pair("ada", "p"));
    assert_eq!(who(&all, Some("Bearer token"), Some("b")), pair("ada", "q"));
    let one = settings(&format!(r#"{policies},{servers},"grants":[{}]"#, grants[0]));
    assert_eq!(who(&one, Some("Bearer token"), Some("a")), pair("ada", "p"));
    // Known, but for another server.
    assert_eq!(who(&one, Some("Bearer token"), Some("b")), pair("ada", "-"));
}

#[test]
fn paths_lead_to_servers_in_one_way_only() {
    let settings = settings(&format!(
        r#"{POLICY},"servers":[{{"name":"all","path":"/"}},{{"name":"a","path":"/a"}},{{"name":"ab","path":"/a/b/"}}]"#
    ));
    let server = |name: &str| Place::Server(name.to_owned());
    for (path, place) in [
        ("/", server("all")),
        ("/ax", server("all")),
        ("/a", server("a")),
        ("/a/mcp?x=/a/b", server("a")),
        ("/a/b", server("ab")),
        ("/a/b/c", server("ab")),
        ("/a/b/../c", Place::Nowhere),
        ("/a/./b", Place::Nowhere),
        ("/a//b", Place::Nowhere),
        ("/a/%62", Place::Nowhere),
        ("/a\\b", Place::Nowhere),
        ("/a;x/b", Place::Nowhere),
        ("*", Place::Nowhere),
        ("", Place::Nowhere),
    ] {
        assert_eq!(settings.server(path), place, "{path}");
    }
    let one = super::read(format!("{{{POLICY}}}").as_bytes()).unwrap();
    assert_eq!(one.server("/any//thing"), Place::Only);
}

fn passes(settings: &Settings, message: &str) -> bool {
    settings.lets_pass(&Message::read(message.as_bytes(), &Limits::MESSAGE).unwrap())
}

#[test]
fn methods_pass_as_they_are_told() {
    let method = |method: &str| format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}"}}"#);
    let completion = |of: &str| {
        format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"completion/complete","params":{{"ref":{{"type":"{of}"}}}}}}"#
        )
    };
    let usual = settings(POLICY);
    let strict = settings(&format!(r#"{POLICY},"resources":"deny","unknown_methods":"allow""#));
    let quiet = settings(&format!(r#"{POLICY},"prompts":"deny""#));
    for (message, expected) in [
        (method("initialize"), [true, true, true]),
        (method("resources/read"), [true, false, true]),
        (method("prompts/get"), [true, true, false]),
        (method("resources/erase"), [false, false, false]),
        (method("tools/erase"), [false, true, false]),
        (completion("ref/prompt"), [true, true, false]),
        (completion("ref/resource"), [true, false, true]),
        (completion("ref/else"), [true, false, false]),
        (r#"{"jsonrpc":"2.0","id":1,"result":{}}"#.to_owned(), [true, true, true]),
    ] {
        let found = [&usual, &strict, &quiet].map(|settings| passes(settings, &message));
        assert_eq!(found, expected, "{message}");
    }
}

#[test]
fn lists_show_what_can_be_called_if_told_so() {
    let policy = r#""policy":{"version":"1","default":"deny","hide":["h"],"tools":{"a":{},"h":{},
        "d":{"action":"deny"},"n":{"deny_if":[{"conditions":[]}]},"l":{"limits":[{"counter":"c","window":"day","max":1}]}}}"#;
    let shown = |list: &str| {
        let settings = settings(&format!(r#"{policy},"list":"{list}""#));
        let policy = settings.policies()[0].clone();
        ["a", "h", "d", "n", "l", "else"].map(|tool| settings.shows(&policy.policy, tool))
    };
    assert_eq!(shown("hidden"), [true, false, true, true, true, true]);
    assert_eq!(shown("callable"), [true, false, false, false, true, false]);
}

#[test]
fn numbers_and_the_store_are_taken_as_they_are_written() {
    let usual = settings(POLICY);
    assert_eq!((usual.request.bytes, usual.answer.bytes), (1 << 20, 16 << 20));
    assert_eq!((usual.store.clone(), usual.on_store_failure), (Store::Shared, Passage::Deny));
    let other = settings(&format!(
        r#"{POLICY},"limits":{{"request_bytes":2048}},
        "store":{{"rate_limit_service":{{"cluster":"limits","timeout_ms":20}},"on_failure":"allow"}}"#
    ));
    assert_eq!((other.request.bytes, other.answer.bytes), (2048, 16 << 20));
    let service =
        Service { cluster: "limits".to_owned(), domain: "cattlegrid".to_owned(), timeout_ms: 20 };
    assert_eq!(
        (other.store.clone(), other.on_store_failure),
        (Store::Service(service), Passage::Allow)
    );
}

#[test]
fn all_that_is_wrong_is_said_in_its_place() {
    let text = format!(
        "{{\n \"polcy\": 1,\n {POLICY},\n \"grants\": [\n  {{\"label\": \" \", \"token_sha256\": \"ab\"}},\n  {{}},\n  1]}}"
    );
    assert_eq!(
        lines(&text),
        [
            "unknown-key | polcy | unknown key `polcy` | `policy` is there already",
            "blank-name |   | the label is blank | -",
            "invalid-digest | ab | not a sha-256 in 64 hexadecimal digits | \
             write what `printf %s \"$TOKEN\" | sha256sum` prints",
            "missing-key | { | a grant needs `label` | -",
            "missing-key | { | a grant needs `token_sha256` | -",
            "wrong-type | 1 | a grant must be an object, not a number | -",
        ]
    );
    let twice = format!(r#""grants":[{},{}]"#, grant("a", ""), grant("b", ""));
    let server = grant("a", r#","server":"x""#);
    let digest = format!("invalid-digest | {TOKEN} | another grant has this token already | -");
    for (members, line) in [
        (r#""policies":{},"anonymous":"a""#, "unknown-reference | a | no policy is called `a` | -"),
        (
            r#""policies":{"support":{"policy":{"version":"1","default":"deny"}}},"anonymous":"suport""#,
            "unknown-reference | suport | no policy is called `suport` | did you mean `support`?",
        ),
        (
            &format!(r#"{POLICY},"mode":"dry""#),
            "unknown-setting | dry | unknown setting `dry` | it is `enforce` or `shadow`",
        ),
        (
            &format!(r#"{POLICY},"list":"all""#),
            "unknown-setting | all | unknown setting `all` | it is `hidden` or `callable`",
        ),
        (
            &format!(r#"{POLICY},"resources":"hide""#),
            "unknown-setting | hide | unknown setting `hide` | it is `allow` or `deny`",
        ),
        (
            &format!(r#"{POLICY},"servers":[{{"name":"a","path":"a"}}]"#),
            "invalid-prefix | a | `a` is no path that requests can begin with | \
             it begins with `/` and has letters, digits and `-._~`, as in `/billing`",
        ),
        (
            &format!(
                r#"{POLICY},"servers":[{{"name":"a","path":"/a"}},{{"name":"a","path":"/b"}}]"#
            ),
            "duplicate-name | a | another server is called `a` | -",
        ),
        (
            &format!(
                r#"{POLICY},"servers":[{{"name":"a","path":"/a"}},{{"name":"b","path":"/a/"}}]"#
            ),
            "duplicate-name | /a/ | another server has this path | -",
        ),
        (
            &format!(r#"{POLICY},"policies":{{"default":{{{POLICY}}}}}"#),
            "duplicate-name | default | `policy` is the policy with this name already | \
             give it another name, or leave `policy` out",
        ),
        (
            &format!(r#"{POLICY},"limits":{{"answer_bytes":1.5}}"#),
            "out-of-bounds | 1.5 | `answer_bytes` is a whole number from 1024 to 67108864 | -",
        ),
        (
            &format!(r#"{POLICY},"store":{{"rate_limit_service":{{}}}}"#),
            "missing-key | { | a service needs `cluster` | -",
        ),
        (&format!("{POLICY},{twice}"), &digest),
        (
            &format!(r#"{POLICY},"grants":[{server}]"#),
            "unknown-reference | x | no server is called `x` | -",
        ),
        ("", "missing-key | { | a configuration needs `policy` or `policies` | -"),
    ] {
        let text = format!("{{{members}}}");
        assert_eq!(lines(&text), [line], "{text}");
    }
    assert_eq!(
        lines("[]"),
        ["wrong-type | [] | a configuration must be an object, not a list | -"]
    );
}

#[test]
fn parts_are_judged_in_their_place() {
    let pointers = |text: &str| -> Vec<String> {
        let faults = read(text.as_bytes()).err().unwrap();
        faults.into_iter().map(|fault| fault.pointer).collect()
    };
    assert_eq!(
        pointers(
            r#"{"policy":{"version":"1"},"policies":{"a/b":{"policy":{"version":"2","default":"deny"}}},
            "approval_keys":[{"hs256":"short"},{"ed25519":7}],"grants":[{"label":1}]}"#
        ),
        [
            "/policy",
            "/policies/a~1b/policy/version",
            "/approval_keys/0/hs256",
            "/approval_keys/1/ed25519",
            "/grants/0",
            "/grants/0/label",
        ]
    );
    assert!(lines("{\"policy\": {").iter().all(|line| line.starts_with("syntax")));
    let secret = r#""approval_keys":[{"hs256":"0123456789abcdef0123456789abcdef"}]"#;
    assert!(!settings(&format!("{POLICY},{secret}")).approvals.is_empty());
    // Where nothing is enforced a secret that is only named is left out, and is none by which to approve.
    let named = settings(&format!(r#"{POLICY},"approval_keys":[{{"hs256_env":"A"}}]"#));
    assert!(named.approvals.is_empty() && named.secrets == ["A"]);
    let find = |name: &str| (name == "A").then(|| b"0123456789abcdef0123456789abcdef\n".to_vec());
    let enforced = |name: &str| {
        let text = format!(r#"{{{POLICY},"approval_keys":[{{"hs256_env":"{name}"}}]}}"#);
        read_with(text.as_bytes(), Secrets::Found(&find))
    };
    assert!(!enforced("A").unwrap().approvals.is_empty());
    let faults = enforced("B").unwrap_err();
    assert_eq!(faults[0].message, "there is no secret with this name");
    assert_eq!(faults[0].pointer, "/approval_keys/0/hs256_env");
    assert!(settings(POLICY).approvals.is_empty());
}

#[test]
fn a_service_knows_limits_by_names_and_whole_numbers() {
    let limit = |counter: &str, window: &str, max: &str| {
        format!(r#"{{"counter":"{counter}","window":{window},"max":{max}}}"#)
    };
    let text = format!(
        r#"{{"policies":{{
            "a/b \"c\"":{{"policy":{{"version":"1","default":"deny","all_tools":{{"limits":[{}]}},"tools":{{
                "pay/é":{{"limits":[{},{}],"rate_limit":{{"max":3,"window":7}}}},"read":{{}}}}}}}},
            "tried":{{"mode":"shadow","policy":{{"version":"1","default":"deny","all_tools":{{"limits":[{}]}}}}}}
        }},"store":{{"rate_limit_service":{{"cluster":"limits"}}}}}}"#,
        limit("calls", "\"day\"", "100000000000000000000"),
        limit("n", "\"minute\"", "10"),
        limit("sum, of; all", "90", "0.9").replace('}', r#","increment_from":"args.x"}"#),
        limit("calls", "\"hour\"", "5"),
    );
    let settings = read(text.as_bytes()).unwrap();
    let all: Vec<_> =
        settings.shared_limits().map(|one| (one.name, one.max, one.seconds)).collect();
    let base = "a%2Fb%20%22c%22";
    let own = [
        (format!("{base}/tools/pay~1%C3%A9/limits/n-per-minute"), 10, 120),
        (format!("{base}/tools/pay~1%C3%A9/limits/sum%2C%20of%3B%20all-per-90s"), 0, 180),
        (format!("{base}/tools/pay~1%C3%A9/rate_limit"), 3, 14),
    ];
    let every = (format!("{base}/all_tools/limits/calls-per-day"), u64::MAX / 2, 172_800);
    assert_eq!(all, [own.to_vec(), vec![every.clone()]].concat());
    let of = |tool| -> Vec<String> {
        settings.policies()[0].shared_limits_of(tool).map(|limit| limit.name).collect()
    };
    let every = [every.0];
    assert_eq!(of("pay/é"), [&own.map(|(name, ..)| name)[..], &every].concat());
    assert_eq!((of("read"), of("else")), (every.to_vec(), every.to_vec()));
}

#[test]
fn what_a_service_does_not_tell_is_no_precondition() {
    let with = |mode: &str| {
        let policy = r#"{"version":"1","default":"deny","tools":{
            "read":{"limits":[{"counter":"n","window":"day","max":5}]},
            "send":{"preconditions":[{"tool":"read","counter":"n","op":"eq","value":0}]}}}"#;
        format!(
            r#"{{"policy":{policy},"mode":"{mode}","store":{{"rate_limit_service":{{"cluster":"limits"}}}}}}"#
        )
    };
    let faults = read(with("enforce").as_bytes()).unwrap_err();
    assert_eq!(faults.len(), 1);
    assert_eq!((faults[0].code, faults[0].pointer.as_str()), (Code::NotToldByService, "/store"));
    // What is only tried is counted by each proxy for itself.
    assert!(read(with("shadow").as_bytes()).is_ok());
}

/// A lock of one tool called `a`, whose only member is its name.
const LOCK: &str = r#"{"version":"1","tools":{"a":{"sha256":"SHA","definition":{"name":"a"}}}}"#;

#[test]
fn locks_belong_to_servers() {
    use crate::pin::{MemoryPins, OnChange, Unpinned};
    let digest = Sha256::digest(r#"{"name":"a"}"#);
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let lock = LOCK.replace("SHA", &digest);
    let one = settings(&format!(r#"{POLICY},"tools_lock":{lock}"#));
    let who = one.identity(None, None).unwrap();
    let call = |tool| one.unpinned(&who, None, tool, &mut MemoryPins::default());
    assert_eq!((call("a"), call("b")), (None, Some((Unpinned::New, true))));
    let nobody = Identity { policy: None, ..who };
    assert_eq!(one.unpinned(&nobody, None, "b", &mut MemoryPins::default()), None);
    let several = settings(&format!(
        r#"{POLICY},"changed_tools":"report","servers":[{{"name":"s","path":"/s","tools_lock":{lock}}},
            {{"name":"t","path":"/t"}},{{"name":"u","path":"/u","tools_lock":{lock},"changed_tools":"quarantine"}}]"#
    ));
    let of = |server| several.watch(Some(server)).map(|watch| watch.on_change);
    assert_eq!(of("s"), Some(OnChange::Report));
    assert_eq!(of("t"), None);
    assert_eq!(of("u"), Some(OnChange::Quarantine));
    assert!(several.watch(None).is_none());
    assert_eq!(several.watches().count(), 2);

    let faults = |members: &str| lines(&format!("{{{POLICY},{members}}}"));
    assert_eq!(
        faults(&format!(r#""tools_lock":{},"changed_tools":"hide""#, lock.replace(&digest, "0"))),
        [
            "pin-mismatch | 0 | this is not the sha-256 of the definition of `a` | let `cattlegrid pin` write the lock from the server's list of tools",
            "unknown-setting | hide | unknown setting `hide` | it is `quarantine` or `report`",
        ]
    );
    let nothing = "there is no `tools_lock` by which a change could be seen | `cattlegrid pin` writes one from the server's list of tools";
    assert_eq!(
        faults(r#""changed_tools":"report""#),
        [format!("lock-not-used | changed_tools | {nothing}")]
    );
    assert_eq!(
        faults(r#""servers":[{"name":"s","path":"/s","changed_tools":"report"}]"#),
        [format!("lock-not-used | changed_tools | {nothing}")]
    );
    let of_none = faults(&format!(r#""servers":[{{"name":"s","path":"/s"}}],"tools_lock":{lock}"#));
    assert_eq!(of_none.len(), 1, "{of_none:?}");
    assert!(
        of_none[0].starts_with("lock-not-used | tools_lock | ")
            && of_none[0].ends_with("each has its own `tools_lock`"),
        "{of_none:?}"
    );
}

#[test]
fn a_list_is_withheld_if_it_cannot_be_remembered_what_differs() {
    use crate::pin::{MemoryPins, PinMemory};
    use crate::quota::{StoreError, Swap};
    struct Deaf;
    impl PinMemory for Deaf {
        fn load(&mut self, _: &str) -> Result<(Vec<u8>, u64), StoreError> {
            Err(StoreError::Unavailable)
        }
        fn compare_and_set(&mut self, _: &str, _: u64, _: &[u8]) -> Result<Swap, StoreError> {
            Err(StoreError::Unavailable)
        }
    }
    let lock = r#"{"version":"1","tools":{}}"#;
    let settings =
        settings(&format!(r#""policy":{{"version":"1","default":"allow"}},"tools_lock":{lock}"#));
    let who = settings.identity(None, None).unwrap();
    let watch = settings.watch(None).unwrap();
    let judge = |memory: &mut dyn PinMemory| {
        let pins = Pins { watch, memory, now: crate::model::Time(0) };
        let list = br#"{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"a"}]}}"#;
        settings.judge_answer(who.policy.as_deref(), Some(pins), list, None, false).0
    };
    let Passing::List { text, hidden: 1, seen } = judge(&mut MemoryPins::default()) else {
        panic!()
    };
    assert_eq!(
        (text.as_str(), seen.new),
        (r#"{"jsonrpc":"2.0","id":1,"result":{"tools":[]}}"#, vec!["a".to_owned()])
    );
    assert!(matches!(judge(&mut Deaf), Passing::Withheld(_)));
}

/// What a host does that keeps counters elsewhere: it reserves what it is asked for, in a store of its own.
fn decided_elsewhere(
    named: &Arc<Named>,
    call: &Call,
    now: Time,
    store: &mut MemoryStore,
) -> (Decision, Vec<super::Taken>) {
    let mut deciding = super::Deciding::new(Some(named.clone()), None, call.clone(), now);
    for _ in 0..8 {
        match deciding.go_on(&Keys::default()) {
            super::Step::Decided { evaluation, taken, in_vain } => {
                assert!(in_vain.is_empty());
                return (evaluation.decision, taken);
            }
            super::Step::Reserve(requests) => {
                let mut count = |request: &quota::Request| {
                    let kept = store.load(&request.key).unwrap().count;
                    let fresh = (request.window.start(now), Amount::ZERO);
                    kept.map(|kept| (kept.start, kept.used))
                        .filter(|kept| kept.0 >= fresh.0)
                        .unwrap_or(fresh)
                };
                let counts: Vec<_> = requests.iter().map(&mut count).collect();
                let reserved = quota::reserve(requests.into_iter().collect(), now, store).is_ok();
                deciding.answered(reserved, &counts);
            }
        }
    }
    panic!("it asks for ever")
}

#[test]
fn counters_elsewhere_decide_as_counters_here() {
    let settings = settings(
        r#""policy":{"version":"1","default":"allow",
        "all_tools":{"limits":[{"counter":"all","window":"day","max":20,"scope":"all"}]},
        "tools":{
            "free":{},
            "pay":{"limits":[{"counter":"calls","window":"minute","max":3},
                {"counter":"sum","window":"hour","max":20,"increment_from":"args.x"}]},
            "late":{"preconditions":[{"tool":"pay","counter":"calls","op":"gte","value":1}]}}}"#,
    );
    let named = &settings.policies()[0];
    let (mut here, mut there) = (MemoryStore::new(), MemoryStore::new());
    let keys = Keys::default();
    let mut effects = Vec::new();
    for step in 0..60_u64 {
        let now = Time(1_767_225_600_000 + step * 7_000);
        let tool = ["pay", "free", "late", "pay", "other"][usize::try_from(step % 5).unwrap()];
        let arguments =
            [r#"{"x":2.5}"#, r#"{"x":7}"#, r#"{"x":-1}"#, "{}"][usize::try_from(step % 4).unwrap()];
        let text = format!(r#"{{"tool":"{tool}","arguments":{arguments}}}"#);
        let call = Call {
            grant: Some("ada".to_owned()),
            ..crate::parse::call_text(text.as_bytes()).unwrap()
        };
        let mut env = Env { now, counters: &mut here, approvals: Some(&keys) };
        let evaluation = evaluate(Some(&named.policy), &call, &mut env);
        let (decision, taken) = decided_elsewhere(named, &call, now, &mut there);
        assert_eq!(decision, evaluation.decision, "step {step}: {text}");
        assert_eq!(taken.len(), evaluation.reservation.taken().count(), "step {step}");
        effects.push((tool, decision.effect));
    }
    for tool in ["pay", "late", "other"] {
        for effect in [Effect::Allow, Effect::Deny] {
            assert!(effects.contains(&(tool, effect)), "{tool} {effect:?}");
        }
    }
}
