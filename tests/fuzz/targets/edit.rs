#![no_main]
#![allow(dead_code, reason = "each target has one of the bodies")]

#[path = "../../engine"]
mod engine {
    pub mod bodies;
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    engine::bodies::edit::check(bytes);
});
