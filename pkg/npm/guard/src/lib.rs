//! The boundary to JavaScript of a guard: who stands between clients and servers of MCP, over HTTP or a
//! pipe, and owns the sockets. Here is decided what goes on and what is answered.
//!
//! `guard` holds a configuration, `exchange` one request and its answer, `pipe` the answers that come
//! on one line for many requests, `step` the small texts in which JavaScript is told what to do. Messages
//! are bytes. Nothing here keeps counters: what is to be reserved goes out, and comes back as it was
//! reserved.

mod answer;
mod exchange;
mod guard;
mod pipe;
mod step;
