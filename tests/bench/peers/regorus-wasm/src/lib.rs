//! regorus as WebAssembly: its virtual machine behind three functions, so that nothing but it is measured.
//!
//! Texts go in through one buffer. `wasm.mjs` is the other side.

use std::cell::RefCell;
use std::sync::Arc;

use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::vm::RegoVM;
use regorus::{Engine, Rc, Value};

const ALLOW: &str = "data.gate.allow";

thread_local! {
    static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    static GATES: RefCell<Vec<RegoVM>> = const { RefCell::new(Vec::new()) };
}

/// The address of a buffer of at least so many bytes.
#[unsafe(no_mangle)]
pub extern "C" fn buffer(size: usize) -> *mut u8 {
    BUFFER.with_borrow_mut(|buffer| {
        if buffer.len() < size {
            buffer.resize(size, 0);
        }
        buffer.as_mut_ptr()
    })
}

fn text(from: usize, to: usize) -> String {
    BUFFER.with_borrow(|buffer| String::from_utf8(buffer[from..to].to_vec()).expect("it is utf-8"))
}

/// A gate with the policy of the first so many bytes in the buffer and the data of so many after them.
#[unsafe(no_mangle)]
pub extern "C" fn gate(policy: usize, data: usize) -> usize {
    let (policy, data) = (text(0, policy), text(policy, policy + data));
    let mut engine = Engine::new();
    engine.add_policy("gate.rego".into(), policy).expect("the policy is one");
    let entry: Rc<str> = ALLOW.into();
    let compiled = engine.compile_with_entrypoint(&entry).expect("the policy compiles");
    let program = Compiler::compile_from_policy(&compiled, &[ALLOW]).expect("it has a program");
    let mut machine = RegoVM::new();
    machine.load_program(Arc::clone(&program));
    machine
        .set_data(Value::from_json_str(&data).expect("it is json"))
        .expect("the data are no rules");
    GATES.with_borrow_mut(|gates| {
        gates.push(machine);
        gates.len() - 1
    })
}

/// Whether a gate allows the call of the first so many bytes in the buffer: 1 or 0.
#[unsafe(no_mangle)]
pub extern "C" fn allows(gate: usize, call: usize) -> u32 {
    let read = BUFFER.with_borrow(|buffer| {
        let text = std::str::from_utf8(&buffer[..call]).ok()?;
        Value::from_json_str(text).ok()
    });
    let Some(call) = read else { return 0 };
    GATES.with_borrow_mut(|gates| {
        let machine = &mut gates[gate];
        machine.set_input(call);
        let answer = machine.execute_entry_point_by_index(0);
        u32::from(answer.is_ok_and(|answer| answer == Value::Bool(true)))
    })
}
