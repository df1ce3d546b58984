//! Catalogs: what a server answers to `tools/list`, in the forms in which people keep it.

use super::faults;
use crate::diagnostic::{Code, Diagnostic, fill};
use crate::json::{Limits, Node, Object, Value};
use crate::model::{Catalog, Tool};

/// Reads a catalog (UTF-8 JSON of at most 32 MiB): the result of `tools/list`, the JSON-RPC response
/// that carries it, a list of tools, or `{server, tools}`.
///
/// # Errors
/// What is wrong with it, in the order of the text.
pub fn catalog(text: &[u8]) -> Result<Catalog, Vec<Diagnostic>> {
    match faults::json(text, &Limits::CATALOG) {
        (Some(node), faults) if faults.is_empty() => catalog_from(&node),
        (_, faults) => Err(faults),
    }
}

/// As [`catalog`], from what was read already.
///
/// # Errors
/// What is wrong with it, in the order of the text.
pub fn catalog_from(node: &Node) -> Result<Catalog, Vec<Diagnostic>> {
    let (list, pointer, object) = find_tools(node).map_err(|fault| vec![*fault])?;
    let mut catalog =
        Catalog { server: object.and_then(|object| text(object, "server")), ..Catalog::default() };
    let mut faults = Vec::new();
    for (at, node) in list.iter().enumerate() {
        match tool(node) {
            Ok(tool) => catalog.tools.push(tool),
            Err((wrong, message)) => {
                let pointer = fill("{}/{}", &[pointer, &at.to_string()]);
                let code = Code::InvalidCatalog;
                faults.push(Diagnostic::new(code, wrong.span, &pointer, message));
            }
        }
    }
    if faults.is_empty() { Ok(catalog) } else { Err(faults) }
}

/// The tools of a catalog as they stand there, each an object with a name.
pub(crate) struct Listed<'d> {
    /// The server's name, if it is said.
    pub(crate) server: Option<String>,
    pub(crate) tools: &'d [Node],
    /// The pointer of their list.
    pub(crate) pointer: &'static str,
}

/// Finds the tools of a catalog.
///
/// # Errors
/// As [`catalog_from`].
pub(crate) fn listed(node: &Node) -> Result<Listed<'_>, Vec<Diagnostic>> {
    let catalog = catalog_from(node)?;
    let (tools, pointer, _) = find_tools(node).map_err(|fault| vec![*fault])?;
    Ok(Listed { server: catalog.server, tools, pointer })
}

/// The list of tools, its pointer, and the object that has it.
type Found<'d> = (&'d [Node], &'static str, Option<&'d Object>);

fn find_tools(node: &Node) -> Result<Found<'_>, Box<Diagnostic>> {
    let fault = |node: &Node, pointer, message: String| {
        let help = "it is what a server answers to `tools/list`: `{\"tools\": [...]}`";
        let diagnostic = Diagnostic::new(Code::InvalidCatalog, node.span, pointer, message);
        Err(Box::new(diagnostic.help(help)))
    };
    let (object, pointer) = match &node.value {
        Value::List(tools) => return Ok((tools, "", None)),
        Value::Object(object) => match object.get("result").map(|result| &result.value) {
            Some(Value::Object(result)) if object.get("tools").is_none() => {
                (result, "/result/tools")
            }
            _ => (object, "/tools"),
        },
        other => {
            return fault(
                node,
                "",
                fill("a catalog is an object or a list, not {}", &[other.kind()]),
            );
        }
    };
    match object.get("tools").map(|tools| (tools, &tools.value)) {
        Some((_, Value::List(tools))) => Ok((tools, pointer, Some(object))),
        Some((tools, other)) => {
            fault(tools, pointer, fill("`tools` must be a list, not {}", &[other.kind()]))
        }
        None if object.get("error").is_some() => {
            fault(node, "", "the server answered with an error, not with its tools".to_owned())
        }
        None => fault(node, "", "a catalog needs `tools`".to_owned()),
    }
}

fn tool(node: &Node) -> Result<Tool, (&Node, String)> {
    let Some(object) = node.value.as_object() else {
        return Err((node, fill("a tool must be an object, not {}", &[node.value.kind()])));
    };
    let name = match object.get("name").map(|name| (name, &name.value)) {
        Some((_, Value::String(name))) => name.clone(),
        Some((at, other)) => {
            return Err((at, fill("the name of a tool must be a string, not {}", &[other.kind()])));
        }
        None => return Err((node, "a tool needs `name`".to_owned())),
    };
    let part = |key| object.get(key).and_then(|part| part.value.as_object());
    let annotations = part("annotations");
    Ok(Tool {
        name,
        title: text(object, "title").or_else(|| text(annotations?, "title")),
        description: text(object, "description"),
        input_schema: part("inputSchema").cloned(),
        annotations: annotations.cloned(),
    })
}

fn text(object: &Object, key: &str) -> Option<String> {
    object.get(key)?.value.as_str().map(str::to_owned)
}
