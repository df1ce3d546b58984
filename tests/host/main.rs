//! The filter that ships, in another proxy-wasm host than Envoy: `proxy-wasm-host`, in this process.
//!
//! `proxy` is the proxy, which has no network; `store` is what it keeps for its filters, with the faults that a
//! test wants of it. The clock is the host's, so that the vectors run on the very file that ships.

mod attacks;
mod data;
mod faults;
mod proxy;
mod store;
mod vectors;

/// What is special to one proxy is there, and nowhere else in the filter.
#[test]
fn one_file_of_the_filter_calls_the_proxy() {
    let calls = [
        "hostcalls",
        ".get_http",
        ".set_http",
        ".send_http",
        ".get_property",
        ".dispatch",
        "code_details",
    ];
    let mut callers = Vec::new();
    for entry in std::fs::read_dir(proxy::project("pkg/envoy/src")).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        if calls.iter().any(|call| text.contains(call)) {
            callers.push(path.file_name().unwrap().to_string_lossy().into_owned());
        }
    }
    assert_eq!(callers, ["host.rs"]);
}
