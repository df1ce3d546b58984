//! Every call to the proxy, in one place.
//!
//! They are most of what the filter costs. Counted in Envoy 1.40 (callgrind, instructions): what the proxy
//! answers with bytes, be they headers, a body or shared data, 10,000 to 12,000, for it makes a set of
//! names each time that it asks for memory; the time, a metric, a write to shared data 1,000 to 2,300; each
//! callback 2,400. An ordinary call with two limits costs 88,000, in which are ten callbacks, four such answers
//! (a fifth where others count in the same slot: see [`crate::recall`]) and 21,000 of the filter's own; Envoy's
//! `mcp` filter with RBAC costs 135,000. In time that is less where Envoy is busy, and more where it sleeps between
//! requests and its code leaves the caches: of the lines that a call misses in a first cache of 32 KB (simulated)
//! Envoy's filters add 1,700 and this one 3,900, of which 1,300 are the filter's own (1,010 as `pkg/envoy/profile` lays
//! it out), hardly a line of which runs twice in a call, and the rest the ways in and out and what it asks for. So less code that runs is worth more than quicker
//! code, and fewer calls to the proxy more than both. Compiled to be small (`s`) the filter takes 5,000 more, and misses
//! no less. With a single connection, so that Envoy sleeps between calls, a filter that asks the proxy all that this one
//! asks and decides nothing adds 30 µs, an empty one 15, Envoy's own 35; each answer in bytes is 3 of them, and so is
//! a write to shared data.
//!
//! Tried, and of no use: to let a message go on as soon as it is as long as its header says, so that the
//! proxy need not hold it (as many instructions and no less time, for the end then takes the whole way
//! alone); to let the headers of an answer go on before its body is read (1 µs of 30 in a filter that only asks); to leave out the callbacks in which nothing happens (3,000, and nginx needs them); `wasm-opt` at
//! other levels than `-O3`, or not at all (each within the noise of all others); to pass over scalars without
//! a call of a function. What need not be known or told at once, waits for a tick: 2,000, and with the calls that passed
//! and the time of most decisions 4,000 more.
//!
//! Each byte of a message costs 25 instructions more, so that a pass over the whole text that is saved shows:
//! it was 30 when UTF-8 was looked for twice and short keys were compared as slices.
//!
//! The calls are those of the proxy-wasm ABI 0.2.1, so that any proxy that speaks it can be the host;
//! what only Envoy knows is in [`code_details`], and what it must be told in [`NO_BODY`]. A failure is a value here and means a refusal to
//! whoever asked; where the SDK itself panics, on statuses that the ABI does not foresee, the filter
//! traps and the proxy answers 503.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cattlegrid::model::Time;
use cattlegrid::pin::PinMemory;
use cattlegrid::quota::{StoreError, Swap};
use proxy_wasm::hostcalls;
use proxy_wasm::types::{BufferType, LogLevel, MapType, MetricType, Status};

use crate::headers::{Headers, ascii};
use crate::store::Slots;

/// Which way a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// From the client to the server.
    Request,
    /// From the server to the client.
    Response,
}

impl Way {
    fn headers(self) -> MapType {
        match self {
            Way::Request => MapType::HttpRequestHeaders,
            Way::Response => MapType::HttpResponseHeaders,
        }
    }

    fn body(self) -> BufferType {
        match self {
            Way::Request => BufferType::HttpRequestBody,
            Way::Response => BufferType::HttpResponseBody,
        }
    }
}

/// The headers of a message; `None` if the proxy does not tell.
pub fn headers(way: Way) -> Option<Headers> {
    Headers::read(map::pairs(way.headers())?)
}

/// All headers at once, as bytes. The SDK makes two texts of each.
#[cfg(target_arch = "wasm32")]
#[allow(unsafe_code, reason = "what is outside of wasm is called")]
mod map {
    use proxy_wasm::types::MapType;

    #[link(wasm_import_module = "env")]
    unsafe extern "C" {
        fn proxy_get_header_map_pairs(map: MapType, data: *mut *mut u8, size: *mut usize) -> u32;
    }

    /// The headers as the ABI has them; `None` if the proxy does not tell.
    pub fn pairs(map: MapType) -> Option<Vec<u8>> {
        let (mut data, mut size) = (std::ptr::null_mut(), 0);
        // SAFETY: both are written to once, as what they are.
        let status = unsafe { proxy_get_header_map_pairs(map, &raw mut data, &raw mut size) };
        if status != 0 {
            return None;
        }
        if data.is_null() {
            return Some(Vec::new());
        }
        // SAFETY: the proxy got this room, of this size, from the SDK's allocator, which is that of every
        // vector, has filled it, and leaves it to us.
        Some(unsafe { Vec::from_raw_parts(data, size, size) })
    }
}

/// There is no proxy around tests.
#[cfg(not(target_arch = "wasm32"))]
mod map {
    pub fn pairs(_: proxy_wasm::types::MapType) -> Option<Vec<u8>> {
        None
    }
}

/// Sets a header; must come before the headers have gone on. Whether it could be set.
#[must_use]
pub fn set_header(way: Way, name: &str, value: &str) -> bool {
    hostcalls::set_map_value(way.headers(), name, Some(value)).is_ok()
}

/// Removes a header, however often it is there; must come before the headers have gone on. Whether
/// it is gone.
#[must_use]
pub fn remove_header(way: Way, name: &str) -> bool {
    hostcalls::remove_map_value(way.headers(), name).is_ok()
}

/// What the proxy holds of a body, up to `most` bytes; nothing if there is none.
pub fn body(way: Way, most: usize) -> Vec<u8> {
    hostcalls::get_buffer(way.body(), 0, most).ok().flatten().unwrap_or_default()
}

/// Replaces all that the proxy holds of a body. Whether it could be replaced.
#[must_use]
pub fn set_body(way: Way, bytes: &[u8]) -> bool {
    hostcalls::set_buffer(way.body(), 0, usize::MAX, bytes).is_ok()
}

/// Answers in the server's place. The proxy sends it when the running callback has returned; a second
/// answer to one request would hang the client.
pub fn answer(status: u16, headers: Vec<(&str, &str)>, body: &str) {
    // A proxy that did not take it would keep the request paused, and nothing would pass.
    let _ = hostcalls::send_http_response(status.into(), headers, Some(body.as_bytes()));
}

/// Answers with the server's own status and headers, those of the connection aside, and another body,
/// of any size. Only while the headers are paused.
pub fn resend(body: &[u8]) {
    const OWN: [&str; 3] = ["content-length", "transfer-encoding", "connection"];
    let headers = hostcalls::get_map_bytes(MapType::HttpResponseHeaders).unwrap_or_default();
    let headers: Vec<(&str, &str)> = headers
        .iter()
        .filter(|(name, _)| !name.starts_with(':') && !OWN.contains(&name.as_str()))
        .filter_map(|(name, value)| Some((name.as_str(), std::str::from_utf8(value).ok()?)))
        .collect();
    let status = hostcalls::get_map_value_bytes(MapType::HttpResponseHeaders, ":status");
    let status = status.ok().flatten().and_then(|status| String::from_utf8(status).ok());
    let status = status.and_then(|status| status.parse().ok()).unwrap_or(502);
    let _ = hostcalls::send_http_response(status, headers, Some(body));
}

/// A moment of the proxy's time as the engine knows it; `None` before 1970.
pub fn time_of(moment: SystemTime) -> Option<Time> {
    let since = moment.duration_since(UNIX_EPOCH).ok()?;
    u64::try_from(since.as_millis()).ok().map(Time)
}

/// The proxy's time, as exact as it has it, to measure with.
pub fn moment() -> Option<SystemTime> {
    hostcalls::get_current_time().ok()
}

/// Has the proxy call back from time to time. Only while it loads its configuration.
pub fn tick_every(period: Duration) {
    // Without it, what is told then is told late.
    let _ = hostcalls::set_tick_period(period);
}

/// Whether lines that tell what happened are written at all. It costs more to make one than to ask.
pub fn is_logging() -> bool {
    hostcalls::get_log_level().is_ok_and(|level| level as u32 <= LogLevel::Info as u32)
}

/// Writes a line that tells what happened.
pub fn log(line: &str) {
    let _ = hostcalls::log(LogLevel::Info, line);
}

/// Writes a line that says why nothing works.
pub fn log_error(line: &str) {
    let _ = hostcalls::log(LogLevel::Error, line);
}

/// A counter of the proxy's telemetry; `None` if it cannot be had.
pub fn metric(name: &str) -> Option<u32> {
    hostcalls::define_metric(MetricType::Counter, name).ok()
}

/// A histogram of the proxy's telemetry; `None` if it cannot be had.
pub fn histogram(name: &str) -> Option<u32> {
    hostcalls::define_metric(MetricType::Histogram, name).ok()
}

/// Adds a value to a histogram of the proxy's telemetry.
pub fn record(metric: u32, value: u64) {
    let _ = hostcalls::record_metric(metric, value);
}

/// Adds to a counter of the proxy's telemetry.
pub fn count(metric: u32, by: i64) {
    let _ = hostcalls::increment_metric(metric, by);
}

/// A variable of the environment that the proxy hands to the filter; `None` if there is none of this
/// name, or nothing is handed over.
#[cfg(target_arch = "wasm32")]
pub fn variable(name: &str) -> Option<Vec<u8>> {
    // Each ends with a NUL.
    let bytes = environment::read()?;
    let mut variables = bytes.split(|byte| *byte == 0);
    let value = variables.find_map(|it| it.strip_prefix(name.as_bytes())?.strip_prefix(b"="));
    value.map(<[u8]>::to_vec)
}

/// The environment that the proxy hands to the filter, by the functions of WASI that are a part of the
/// proxy-wasm ABI. The SDK has no call for them.
#[cfg(target_arch = "wasm32")]
#[allow(unsafe_code, reason = "what is outside of wasm is called")]
mod environment {
    #[link(wasm_import_module = "wasi_snapshot_preview1")]
    unsafe extern "C" {
        fn environ_sizes_get(count: *mut u32, size: *mut u32) -> u32;
        fn environ_get(pointers: *mut *mut u8, bytes: *mut u8) -> u32;
    }

    /// The most variables, and the most bytes of them, that are read.
    const MOST: (u32, u32) = (4_096, 1 << 20);

    /// All of it, as `NAME=value` with a NUL behind each.
    pub fn read() -> Option<Vec<u8>> {
        let (mut count, mut size) = (0, 0);
        // SAFETY: each is written to once, as the number that it is.
        let known = unsafe { environ_sizes_get(&raw mut count, &raw mut size) } == 0;
        if !known || count > MOST.0 || size > MOST.1 {
            return None;
        }
        let mut pointers = vec![std::ptr::null_mut::<u8>(); count as usize];
        let mut bytes = vec![0; size as usize];
        // SAFETY: there is as much room as was asked for, and nobody follows the pointers.
        let read = unsafe { environ_get(pointers.as_mut_ptr(), bytes.as_mut_ptr()) } == 0;
        read.then_some(bytes)
    }
}

/// There is no proxy around tests.
#[cfg(not(target_arch = "wasm32"))]
pub fn variable(_: &str) -> Option<Vec<u8>> {
    None
}

/// The text of the filter's configuration.
pub fn configuration() -> Vec<u8> {
    let bytes = hostcalls::get_buffer(BufferType::PluginConfiguration, 0, usize::MAX);
    bytes.ok().flatten().unwrap_or_default()
}

/// Whether an answer did not come, or broke off, because the server failed, as opposed to the client
/// that went away. Known when the exchange is over; where the proxy does not say, `false`.
pub fn upstream_failed() -> bool {
    code_details().starts_with(b"upstream_")
}

/// Whether a request did not arrive in the time that the proxy gives it. Known when the exchange is
/// over; where the proxy does not say, `false`.
pub fn request_timed_out() -> bool {
    code_details() == b"request_overall_timeout"
}

/// What Envoy's operator is to be told when that happens and no body was ever seen.
pub const NO_BODY: &str = "a request was held until its time was over, and no body came: if this happens to every \
                       request, the proxy shows no body while headers are held: set \
                       `allow_on_headers_stop_iteration: true` on the filter";

/// How an exchange ended, in Envoy's words; empty where the proxy has none.
fn code_details() -> Vec<u8> {
    hostcalls::get_property(vec!["response", "code_details"]).ok().flatten().unwrap_or_default()
}

/// Asks a gRPC service: its number, by which the answer is known; or `None` if it cannot be asked.
/// `upstream` is a serialised `GrpcService`.
pub fn ask(
    upstream: &str,
    service: &str,
    method: &str,
    message: &[u8],
    timeout: Duration,
) -> Option<u32> {
    hostcalls::dispatch_grpc_call(upstream, service, method, vec![], Some(message), timeout).ok()
}

/// The answer of a gRPC service, while it is being told.
pub fn grpc_answer(size: usize) -> Vec<u8> {
    let bytes = hostcalls::get_buffer(BufferType::GrpcReceiveBuffer, 0, size);
    bytes.ok().flatten().unwrap_or_default()
}

/// Lets a request go on that was paused. Nothing may follow: what comes next may already have been.
pub fn resume() {
    let _ = hostcalls::resume_http_request();
}

/// The slots of the counters: names in the data that all workers share.
pub struct SharedData;

/// The name of a slot: four digits behind what all have. Made by hand; the words of `format!` took a tenth
/// of what the filter adds to a call with two limits.
struct Name([u8; 20]);

impl Name {
    fn of(slot: u16) -> Name {
        let mut name = *b"cattlegrid/slot/0000";
        let (_, digits) = name.split_at_mut(16);
        let mut rest = slot;
        for digit in digits.iter_mut().rev() {
            *digit = b'0'.saturating_add(u8::try_from(rest % 10).unwrap_or(0));
            rest /= 10;
        }
        Name(name)
    }

    fn as_str(&self) -> &str {
        ascii(&self.0).unwrap_or_default()
    }
}

impl Slots for SharedData {
    fn read(&mut self, slot: u16) -> Result<Option<(Vec<u8>, u32)>, StoreError> {
        match hostcalls::get_shared_data(Name::of(slot).as_str()) {
            Ok((Some(bytes), Some(state))) => Ok(Some((bytes, state))),
            Ok((None, None)) => Ok(None),
            _ => Err(StoreError::Unavailable),
        }
    }

    fn write(&mut self, slot: u16, bytes: &[u8], state: Option<u32>) -> Result<Swap, StoreError> {
        match hostcalls::set_shared_data(Name::of(slot).as_str(), Some(bytes), state) {
            Ok(()) => Ok(Swap::Kept),
            Err(Status::CasMismatch) => Ok(Swap::Changed),
            Err(_) => Err(StoreError::Unavailable),
        }
    }
}

/// The name under which it is remembered which tools of a server differ.
fn name_of_pins(server: &str) -> String {
    ["cattlegrid/pins/", server].concat()
}

/// Makes the value of a server that is not there yet, for nothing is inserted "if absent". To be called
/// when nobody looks at lists: while the proxy loads its configuration.
///
/// # Errors
/// If it cannot be read or written.
pub fn prepare_pins(server: &str) -> Result<(), StoreError> {
    let name = name_of_pins(server);
    match hostcalls::get_shared_data(&name) {
        Ok((None, None)) => hostcalls::set_shared_data(&name, Some(NO_PINS), None)
            .map_err(|_| StoreError::Unavailable),
        Ok(_) => Ok(()),
        Err(_) => Err(StoreError::Unavailable),
    }
}

/// In front of the value, so that one that is empty is still one: some proxies tell no value from none.
const NO_PINS: &[u8] = b"1";

impl PinMemory for SharedData {
    fn load(&mut self, server: &str) -> Result<(Vec<u8>, u64), StoreError> {
        match hostcalls::get_shared_data(&name_of_pins(server)) {
            Ok((Some(bytes), Some(state))) => {
                let value = bytes.strip_prefix(NO_PINS).ok_or(StoreError::Unavailable)?;
                Ok((value.to_vec(), state.into()))
            }
            _ => Err(StoreError::Unavailable),
        }
    }

    fn compare_and_set(
        &mut self,
        server: &str,
        seen: u64,
        value: &[u8],
    ) -> Result<Swap, StoreError> {
        let state = u32::try_from(seen).map_err(|_| StoreError::Unavailable)?;
        let value = [NO_PINS, value].concat();
        match hostcalls::set_shared_data(&name_of_pins(server), Some(&value), Some(state)) {
            Ok(()) => Ok(Swap::Kept),
            Err(Status::CasMismatch) => Ok(Swap::Changed),
            Err(_) => Err(StoreError::Unavailable),
        }
    }
}
