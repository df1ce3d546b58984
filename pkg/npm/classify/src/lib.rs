//! The boundary to JavaScript of a module that says what the tools of a server can do at worst.

#[path = "../../src/catalog.rs"]
mod catalog;

use cattlegrid::classify::{self, Options, Profile, Wanted};
use cattlegrid::diagnostic::name;
use cattlegrid::wire::classified_text;
use js_sys::TypeError;
use wasm_bindgen::prelude::*;

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
