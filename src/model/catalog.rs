//! Catalogs: what a server said its tools are.

use crate::json::{Object, Value};

/// A snapshot of a server's `tools/list`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Catalog {
    /// The server's name, if the snapshot says it.
    pub server: Option<String>,
    /// The tools, in the server's order.
    pub tools: Vec<Tool>,
}

/// One tool as its server describes it. All but the name is the server's word and proves nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tool {
    /// The name that calls use.
    pub name: String,
    /// A name for people.
    pub title: Option<String>,
    /// What it does, as the server says.
    pub description: Option<String>,
    /// The JSON Schema of its arguments; `None` if there is none or it is not an object.
    pub input_schema: Option<Object>,
    /// What the server says of its behaviour; `None` if it says nothing or that is not an object.
    pub annotations: Option<Object>,
}

impl Catalog {
    /// The tool of this name.
    #[must_use]
    pub fn tool(&self, name: &str) -> Option<&Tool> {
        self.tools.iter().find(|tool| tool.name == name)
    }
}

impl Tool {
    /// The schema of an argument at the top level, if the schema names it.
    #[must_use]
    pub fn argument(&self, name: &str) -> Option<&Value> {
        let properties = self.input_schema.as_ref()?.get("properties")?;
        Some(&properties.value.as_object()?.get(name)?.value)
    }
}
