//! The engine as a proxy-wasm filter.
