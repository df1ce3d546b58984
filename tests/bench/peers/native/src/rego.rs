//! Rego, in regorus: its virtual machine (RVM), which is its fast way, kept from call to call.

use std::sync::Arc;

use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::vm::RegoVM;
use regorus::{Engine, Rc, Value};

use crate::case::{Call, Case, Rego};
use crate::contest::{Contestant, again, parsed, text};

const NAME: &str = "regorus (RVM)";
const ALLOW: &str = "data.gate.allow";

pub fn enter(case: &Case, calls: &[Call]) -> Vec<Box<dyn Contestant>> {
    let Some(rego) = &case.policies.rego else { return vec![] };
    let read = |text: &str| Value::from_json_str(text).expect("the call is json");
    let (mut of_parsed, mut of_text) = (machine(rego), machine(rego));
    vec![
        parsed(NAME, calls, read, move |call| allows(&mut of_parsed, call.clone())),
        text(NAME, calls, move |text| {
            Value::from_json_str(text).is_ok_and(|call| allows(&mut of_text, call))
        }),
    ]
}

pub fn set_up(case: &Case) -> Vec<Box<dyn Contestant>> {
    let Some(rego) = &case.policies.rego else { return vec![] };
    let (text, data) = (rego.text.clone(), rego.data.to_string());
    vec![again(NAME, "text", move || {
        let data = Value::from_json_str(&data).expect("it is json");
        machine_of(&text, data).get_entry_point_count() == 1
    })]
}

fn machine(rego: &Rego) -> RegoVM {
    let data = Value::from_json_str(&rego.data.to_string()).expect("it is json");
    machine_of(&rego.text, data)
}

fn machine_of(text: &str, data: Value) -> RegoVM {
    let mut engine = Engine::new();
    engine.add_policy("gate.rego".into(), text.into()).expect("the policy is one");
    let entry: Rc<str> = ALLOW.into();
    let compiled = engine.compile_with_entrypoint(&entry).expect("the policy compiles");
    let program = Compiler::compile_from_policy(&compiled, &[ALLOW]).expect("it has a program");
    let mut machine = RegoVM::new();
    machine.load_program(Arc::clone(&program));
    machine.set_data(data).expect("the data are no rules");
    machine
}

fn allows(machine: &mut RegoVM, call: Value) -> bool {
    machine.set_input(call);
    machine.execute_entry_point_by_index(0).is_ok_and(|answer| answer == Value::Bool(true))
}
