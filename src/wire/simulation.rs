//! What came of a scenario, as JSON text.

use super::text::Members;
use crate::compile::CompiledPolicy;
use crate::diagnostic::Diagnostic;
use crate::json::quote;
use crate::simulate::{
    self, CallRecord, Counter, Difference, Group, GroupRecord, Level, Record, Scenario, StepResult,
    Tally,
};

/// Runs the scenario of a text through a policy, or through the one that stands in it, as
/// [`record_text`] shows it.
///
/// # Errors
/// Everything that is wrong with the text.
pub fn simulate_text(
    policy: Option<&CompiledPolicy>,
    text: &[u8],
) -> Result<String, Vec<Diagnostic>> {
    let scenario = Scenario::parse(text)?;
    let own;
    let policy = match policy {
        Some(policy) => policy,
        None => {
            own = scenario.own_policy(text)?;
            &own
        }
    };
    Ok(record_text(&scenario, &simulate::record(&scenario, policy)))
}

/// What came of a scenario:
///
/// ```text
/// result  = tally + { "groups": [ group ] }
/// group   = { "name"?, "pointer" } + tally + { "counters": [ counter ], "steps": [ tally ],
///             "results": [ call ], "left_out"?: tally + { "from", "to" } }
/// tally   = { "calls", "allowed", "denied", "held", "met", "not_met" }
/// counter = { "rule", "label", "counter", "scope", "grant"?, "session"?, "window", "max" }
/// call    = { "step", "repetition", "at", "tool", "decision", "rule"?, "label"?, "message"?, "approval"?: { "digest" },
///             "given_back"?: true, "met"?: boolean, "differences"?: [ { "member", "expected", "got" } ],
///             "limits": [ { "counter", "used", "remaining", "start", "end" } ] }
/// ```
///
/// `pointer` leads to the object that has the group's `steps`. Of each step `steps` has what came of
/// all its repetitions. The `counter` of a limit is one of the group's `counters`, by its number, and
/// stands as it did when the call was over: until `end` it can only grow, but for what is given back,
/// and then it begins at nothing. Times are milliseconds. `results` is bounded: what is not in it is
/// summed up in `left_out`, but for the first call of each step that was not decided as expected.
#[must_use]
pub fn record_text(scenario: &Scenario, record: &Record) -> String {
    record_members(scenario, record).end()
}

/// The members of the same.
pub(super) fn record_members(scenario: &Scenario, record: &Record) -> Members {
    let mut out = Members::default();
    tally(&mut out, &record.tally());
    let groups: Vec<(&Group, &GroupRecord)> = scenario.groups.iter().zip(&record.groups).collect();
    out.list("groups", &groups, |(group, record)| group_text(group, record));
    out
}

fn group_text(group: &Group, record: &GroupRecord) -> String {
    let mut out = Members::default();
    out.some_text("name", group.name.as_deref());
    out.text("pointer", &group.pointer);
    tally(&mut out, &record.tally());
    out.list("counters", &record.counters, counter);
    out.list("steps", &record.steps, |step| {
        let mut out = Members::default();
        tally(&mut out, step);
        out.end()
    });
    out.list("results", &record.calls, call);
    if let Some(left_out) = &record.left_out {
        let mut text = Members::default();
        tally(&mut text, &left_out.tally);
        text.json("from", &left_out.from.0.to_string());
        text.json("to", &left_out.to.0.to_string());
        out.json("left_out", &text.end());
    }
    out.end()
}

fn tally(out: &mut Members, tally: &Tally) {
    let Tally { calls, allowed, denied, held, met, not_met } = tally;
    out.json("calls", &calls.to_string());
    out.json("allowed", &allowed.to_string());
    out.json("denied", &denied.to_string());
    out.json("held", &held.to_string());
    out.json("met", &met.to_string());
    out.json("not_met", &not_met.to_string());
}

fn counter(counter: &Counter) -> String {
    let mut out = Members::default();
    out.text("rule", &counter.id.rule);
    out.text("label", &counter.id.label);
    out.text("counter", &counter.name);
    out.text("scope", counter.scope.as_str());
    out.some_text("grant", counter.grant.as_deref());
    out.some_text("session", counter.session.as_deref());
    let seconds = counter.window.seconds().to_string();
    out.json("window", &counter.window.word().map_or(seconds, quote));
    out.json("max", &counter.max.to_string());
    out.end()
}

fn call(call: &CallRecord) -> String {
    let StepResult { step, repetition, at, decision, given_back, differences, .. } = &call.result;
    let mut out = Members::default();
    out.json("step", &step.to_string());
    out.json("repetition", &repetition.to_string());
    out.json("at", &at.0.to_string());
    out.text("tool", &decision.tool);
    out.text("decision", decision.effect.as_str());
    if let Some(id) = &decision.id {
        out.text("rule", &id.rule);
        out.text("label", &id.label);
    }
    out.some_text("message", decision.message.as_deref());
    if let Some(digest) = &decision.digest {
        let mut approval = Members::default();
        approval.text("digest", digest);
        out.json("approval", &approval.end());
    }
    if *given_back {
        out.json("given_back", "true");
    }
    if let Some(met) = call.met {
        out.json("met", if met { "true" } else { "false" });
    }
    if !differences.is_empty() {
        out.list("differences", differences, difference);
    }
    out.list("limits", &call.levels, level);
    out.end()
}

fn difference(difference: &Difference) -> String {
    let mut out = Members::default();
    out.text("member", difference.member.as_str());
    out.text("expected", &difference.expected);
    out.json("got", &difference.got.as_deref().map_or("null".to_owned(), quote));
    out.end()
}

fn level(level: &Level) -> String {
    let Level { counter, used, remaining, start, end } = level;
    let mut out = Members::default();
    out.json("counter", &counter.to_string());
    out.json("used", &used.to_string());
    out.json("remaining", &remaining.to_string());
    out.json("start", &start.0.to_string());
    out.json("end", &end.0.to_string());
    out.end()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn simulated(text: &str) -> Value {
        let text = simulate_text(None, text.as_bytes());
        serde_json::from_str(&text.unwrap()).unwrap()
    }

    const POLICY: &str = r#"{"version":"1","default":"deny","tools":{
        "pay":{"limits":[{"counter":"sum","window":"minute","max":10,"increment_from":"args.amount"},
                         {"counter":"calls","window":90,"max":3,"scope":"session"}]},
        "ask":{"action":"require_approval"}}}"#;

    #[test]
    fn shows_all_that_a_table_and_a_chart_want() {
        let result = simulated(&format!(
            r#"{{"policy":{POLICY},
            "steps":[{{"at":"2026-01-01T00:00:30Z","grant":"g","session":"s","outcome":"error",
                "call":{{"tool":"pay","arguments":{{"amount":4.5}}}},"times":1,"expect":{{"decision":"allow","remaining":5.5}}}}],
            "groups":[{{"name":"é \"1\"","steps":[
                {{"call":{{"tool":"ask"}}}},
                {{"call":{{"tool":"ask"}},"approval":{{"by":"ada"}}}},
                {{"at":"+1s","call":{{"tool":"pay","arguments":{{"amount":6}}}},"times":2,"every":"500ms",
                  "expect":{{"decision":"allow","rule":"x"}}}}]}}]}}"#
        ));
        let tally = |calls, allowed, denied, held, met, not_met| json!({"calls": calls, "allowed": allowed, "denied": denied, "held": held, "met": met, "not_met": not_met});
        let begin = 1_767_225_600_000_u64;
        let sum = "/tools/pay/limits/0";
        let calls = "/tools/pay/limits/1";
        let counter = |rule, label, name, scope, window, max| json!({"rule": rule, "label": label, "counter": name, "scope": scope, "window": window, "max": max});
        let mut counters = [
            counter(sum, "/tools/pay/limits/sum-per-minute", "sum", "grant", json!("minute"), 10),
            counter(calls, "/tools/pay/limits/calls-per-90s", "calls", "session", json!(90), 3),
        ];
        let without = json!(counters.clone());
        for counter in &mut counters {
            counter["grant"] = json!("g");
        }
        counters[1]["session"] = json!("s");
        let level = |counter, used: f64, max: f64, start, seconds: u64| {
            let number = |number: f64| {
                if number.fract() == 0.0 { json!(number as u64) } else { json!(number) }
            };
            json!({"counter": counter, "used": number(used), "remaining": number(max - used), "start": start,
                   "end": start + seconds * 1000})
        };
        // 2026-01-01T00:00:00Z is a multiple of 90 seconds.
        let levels = |used: f64, of_calls: f64| {
            json!([level(0, used, 10.0, begin, 60), level(1, of_calls, 3.0, begin, 90)])
        };
        let mut one = tally(1, 1, 0, 0, 1, 0);
        let steps = json!([one.clone()]);
        merge(
            &mut one,
            json!({"pointer": "", "counters": counters, "steps": steps, "results": [
            {"step": 0, "repetition": 0, "at": begin + 30_000, "tool": "pay", "decision": "allow", "given_back": true,
             "met": true, "limits": levels(0.0, 0.0)}]}),
        );
        let mut two = tally(4, 2, 1, 1, 0, 2);
        let digest = &result["groups"][1]["results"][0]["approval"]["digest"];
        assert_eq!(digest.as_str().map(str::len), Some(64));
        let steps = [tally(1, 0, 0, 1, 0, 0), tally(1, 1, 0, 0, 0, 0), tally(2, 1, 1, 0, 0, 2)];
        let message = r#"Limit of 10 per minute reached for "pay". Try again in 59 seconds."#;
        merge(
            &mut two,
            json!({"name": "é \"1\"", "pointer": "/groups/0", "counters": without, "steps": steps,
            "results": [
                {"step": 0, "repetition": 0, "at": begin, "tool": "ask", "decision": "hold", "rule": "/tools/ask/action",
                 "label": "/tools/ask/action", "message": "Call to \"ask\" needs the approval of a person",
                 "approval": {"digest": digest}, "limits": []},
                {"step": 1, "repetition": 0, "at": begin, "tool": "ask", "decision": "allow", "limits": []},
                {"step": 2, "repetition": 0, "at": begin + 1000, "tool": "pay", "decision": "allow", "met": false,
                 "differences": [{"member": "rule", "expected": "x", "got": null}], "limits": levels(6.0, 1.0)},
                {"step": 2, "repetition": 1, "at": begin + 1500, "tool": "pay", "decision": "deny", "rule": sum,
                 "label": "/tools/pay/limits/sum-per-minute", "message": message, "met": false,
                 "differences": [{"member": "decision", "expected": "allow", "got": "deny"},
                                 {"member": "rule", "expected": "x", "got": sum}], "limits": levels(6.0, 1.0)}]}),
        );
        let mut expected = tally(5, 3, 1, 1, 1, 2);
        merge(&mut expected, json!({"groups": [one, two]}));
        assert_eq!(result, expected);
    }

    fn merge(into: &mut Value, members: Value) {
        let (Value::Object(into), Value::Object(members)) = (into, members) else { panic!() };
        into.extend(members);
    }

    #[test]
    fn questions_change_nothing_of_what_comes_of_the_steps() {
        let steps = r#""steps":[{"call":{"tool":"ask"},"expect":{"decision":"hold"}}]"#;
        let asserts = r#""assert":["never allow any tool", "what is this?"]"#;
        let whole = simulated(&format!(r#"{{"policy":{POLICY},{asserts},{steps}}}"#));
        assert_eq!(whole, simulated(&format!(r#"{{"policy":{POLICY},{steps}}}"#)));
        assert_eq!(whole["met"], 1);
        let alone = simulated(&format!(r#"{{"policy":{POLICY},{asserts}}}"#));
        assert_eq!((&alone["calls"], &alone["groups"]), (&json!(0), &json!([])));
    }

    #[test]
    fn a_policy_that_is_given_stands_before_that_of_the_scenario() {
        let text = br#"{"policy":"p.json","steps":[{"call":{"tool":"a"}}]}"#;
        let policy = br#"{"version":"1","default":"allow"}"#;
        let policy = crate::compile::compile(&crate::parse::parse(policy).policy.unwrap());
        let result: Value =
            serde_json::from_str(&simulate_text(Some(&policy), text).unwrap()).unwrap();
        assert_eq!(result["allowed"], 1);
        let faults = simulate_text(None, text).unwrap_err();
        let found = |one: &Diagnostic| (one.code.as_str(), one.pointer.clone(), one.span);
        let place = crate::source::Span::new(10, 18);
        assert_eq!(found(&faults[0]), ("wrong-type", "/policy".to_owned(), place));
        let broken = br#"{"policy":{"version":"1","default":"alow"},"steps":[]}"#;
        let faults = simulate_text(None, broken).unwrap_err();
        assert_eq!((faults.len(), faults[0].pointer.as_str()), (1, "/policy/default"));
        assert_eq!(faults[0].span.of(std::str::from_utf8(broken).unwrap()), "alow");
    }

    #[test]
    fn a_hundred_thousand_calls_are_no_hundred_thousand_rows() {
        let text = |rest: &str| {
            format!(
                r#"{{"policy":{{"version":"1","default":"allow","all_tools":{{"limits":[
                {{"counter":"c","window":"hour","max":10,"on_deny":"{rest}"}}]}}}},
                "steps":[{{"call":{{"tool":"t"}},"every":"1s","times":99998,"expect":{{"decision":"deny"}}}},
                         {{"at":"+1s","call":{{"tool":"u"}},"times":1,"expect":{{"decision":"deny"}}}},
                         {{"call":{{"tool":"v"}},"times":1,"expect":{{"decision":"hold"}}}}]}}"#
            )
        };
        for (message, fewest) in [("", 2_000), (&*"x".repeat(1 << 19), 10)] {
            let written = simulate_text(None, text(message).as_bytes());
            assert!(written.as_ref().unwrap().len() < 3 << 20);
            let result: Value = serde_json::from_str(&written.unwrap()).unwrap();
            assert_eq!((&result["calls"], &result["met"]), (&json!(100_000), &json!(99_719)));
            let group = &result["groups"][0];
            let results = group["results"].as_array().unwrap();
            assert!(results.len() >= fewest, "{}", results.len());
            // Behind all that is left out, the last step is not as expected.
            assert_eq!(results[results.len() - 1]["step"], 2);
            assert_eq!(results[results.len() - 2]["step"], 0);
            let left_out = &group["left_out"];
            assert_eq!(left_out["calls"], 100_000 - results.len());
            assert_eq!(left_out["to"], 1_767_225_600_000_u64 + 99_998_000);
            assert_eq!(left_out["from"], 1_767_225_600_000_u64 + (results.len() as u64 - 1) * 1000);
        }
    }
}
