//! The buffer through which text comes in.
//!
//! JavaScript writes UTF-8 straight into wasm memory, which is many times quicker than handing over
//! a string, and asks for a larger buffer only when a text does not fit.

use std::cell::RefCell;

use wasm_bindgen::prelude::*;

thread_local! {
    static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// The address of the buffer, which has at least `size` bytes from now on. It stays until a larger
/// one is asked for.
#[wasm_bindgen]
pub fn buffer(size: usize) -> *mut u8 {
    BUFFER.with_borrow_mut(|buffer| {
        if buffer.len() < size {
            *buffer = vec![0; size];
        }
        buffer.as_mut_ptr()
    })
}

/// Calls a function with the first `length` bytes of the buffer.
pub fn with<R>(length: usize, read: impl FnOnce(&[u8]) -> R) -> R {
    BUFFER.with_borrow(|buffer| read(buffer.get(..length).unwrap_or(buffer)))
}
