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
