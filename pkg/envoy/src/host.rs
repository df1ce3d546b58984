//! Every call to the proxy, in one place.
//!
//! The calls are those of the proxy-wasm ABI 0.2.1, so that any proxy that speaks it can be the host;
//! what only Envoy knows is in [`code_details`], and what it must be told in [`NO_BODY`]. A failure is a value here and means a refusal to
//! whoever asked; where the SDK itself panics, on statuses that the ABI does not foresee, the filter
//! traps and the proxy answers 503.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cattlegrid::model::Time;
use cattlegrid::quota::{StoreError, Swap};
use proxy_wasm::hostcalls;
use proxy_wasm::types::{BufferType, LogLevel, MapType, MetricType, Status};

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

/// The headers of a message; names in lower case, each once.
pub struct Headers(Vec<(String, String)>);

impl Headers {
    /// The headers of a message; `None` if the proxy does not tell. Of a header that came in several
    /// lines the values are joined by `, `; bytes that are no text become U+FFFD.
    pub fn of(way: Way) -> Option<Headers> {
        let mut headers: Vec<(String, String)> = Vec::new();
        for (name, value) in hostcalls::get_map_bytes(way.headers()).ok()? {
            let value = String::from_utf8(value)
                .unwrap_or_else(|bytes| String::from_utf8_lossy(bytes.as_bytes()).into_owned());
            match headers.iter_mut().find(|(other, _)| *other == name) {
                Some((_, values)) => values.extend([", ", &value]),
                None => headers.push((name, value)),
            }
        }
        Some(Headers(headers))
    }

    /// The headers with such names.
    pub fn such_as(&self, wanted: fn(&str) -> bool) -> Vec<(String, String)> {
        self.0.iter().filter(|(name, _)| wanted(name)).cloned().collect()
    }

    /// The value of a header.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
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

/// The name of a slot: four digits behind what all have. Made by hand, four times a call with two
/// limits; the words of `format!` took a tenth of what the filter adds to such a call.
fn name_of(slot: u16) -> String {
    let mut name = String::with_capacity(20);
    name.push_str("cattlegrid/slot/");
    for power in [1_000u16, 100, 10, 1] {
        let digit = slot.checked_div(power).unwrap_or(0) % 10;
        name.push(char::from_digit(digit.into(), 10).unwrap_or('0'));
    }
    name
}

impl Slots for SharedData {
    fn read(&mut self, slot: u16) -> Result<Option<(Vec<u8>, u32)>, StoreError> {
        match hostcalls::get_shared_data(&name_of(slot)) {
            Ok((Some(bytes), Some(state))) => Ok(Some((bytes, state))),
            Ok((None, None)) => Ok(None),
            _ => Err(StoreError::Unavailable),
        }
    }

    fn write(&mut self, slot: u16, bytes: &[u8], state: Option<u32>) -> Result<Swap, StoreError> {
        match hostcalls::set_shared_data(&name_of(slot), Some(bytes), state) {
            Ok(()) => Ok(Swap::Kept),
            Err(Status::CasMismatch) => Ok(Swap::Changed),
            Err(_) => Err(StoreError::Unavailable),
        }
    }
}
