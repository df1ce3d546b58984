//! The boundary to JavaScript of a module that says what the tools of a server can do at worst.

#[path = "../../src/catalog.rs"]
mod catalog;
#[path = "../../src/fault.rs"]
mod fault;

use cattlegrid::classify::{self, Options, Profile, Wanted};
use cattlegrid::diagnostic::{Diagnostic, name};
use cattlegrid::pin::{Lock, review};
use cattlegrid::wire::{classified_text, review_text};
use wasm_bindgen::prelude::*;

use crate::fault::TypeError;

/// What each tool of a catalog can do, as JSON; throws a message if it is none.
#[wasm_bindgen(js_name = classify)]
pub fn classify_tools(catalog: &str, trust_annotations: bool) -> Result<String, JsValue> {
    let catalog = catalog::read(catalog.as_bytes())?;
    Ok(classified_text(&classify::classify(&catalog, Options { trust_annotations })))
}

/// The text of a policy for a server's tools, or for some of them; throws a message if the catalog is
/// none, has no such tool, or there is no such profile.
#[wasm_bindgen]
pub fn recommend(
    catalog: &str,
    profile: &str,
    tools: Vec<String>,
    reasons: bool,
    trust_annotations: bool,
) -> Result<String, JsValue> {
    let catalog = catalog::read(catalog.as_bytes())?;
    let Some(profile) = Profile::parse(profile) else {
        let names = Profile::ALL.map(|one| format!("`{}`", one.as_str())).join(", ");
        let why = format!("there is no profile {}: there are {names}", name(profile));
        return Err(TypeError::new(&why).into());
    };
    if let Some(unknown) = tools.iter().find(|tool| catalog.tool(tool).is_none()) {
        return Err(TypeError::new(&format!("the catalog has no tool {}", name(unknown))).into());
    }
    let tools: Vec<&str> = tools.iter().map(String::as_str).collect();
    let wanted = Wanted { profile, tools: &tools, reasons };
    Ok(classify::recommend(&catalog, Options { trust_annotations }, wanted))
}

/// The text of a lock of a server's tools; throws a message if they cannot be pinned.
#[wasm_bindgen]
pub fn pin(tools: &str) -> Result<String, JsValue> {
    Ok(lock_of(tools)?.write())
}

/// What has changed since tools were pinned, as JSON; throws a message if the lock or the catalog is none.
#[wasm_bindgen(js_name = reviewPins)]
pub fn review_pins(lock: &str, tools: &str) -> Result<String, JsValue> {
    let before = Lock::read(lock.as_bytes()).map_err(|faults| no("lock", &faults))?;
    Ok(review_text(&review(&before, &lock_of(tools)?)))
}

fn lock_of(tools: &str) -> Result<Lock, JsValue> {
    Lock::of(tools.as_bytes()).map_err(|faults| no("catalog", &faults))
}

/// The error to throw for a text that is not what it should be.
fn no(what: &str, faults: &[Diagnostic]) -> JsValue {
    let why = faults.first().map_or("", |fault| &fault.message);
    TypeError::new(&format!("this is no {what}: {why}")).into()
}
