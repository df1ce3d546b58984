//! Preconditions that ask about limits of a tool by its name.

use super::EditFault;
use super::draft::Draft;
use crate::diagnostic::name;
use crate::json::{Node, Object, Value, pointer_token};

/// A precondition that names a tool.
pub(super) struct Asker<'d> {
    /// The tool whose precondition it is; empty for all tools.
    pub(super) owner: &'d str,
    /// The tool that it names.
    pub(super) tool: &'d str,
    /// JSON Pointer of that name.
    pointer: String,
}

/// Those of a document, in no order.
pub(super) fn askers(root: &Object) -> Vec<Asker<'_>> {
    let entries = root.get("tools").and_then(|tools| tools.value.as_object());
    let entries = entries.map(Object::members).unwrap_or_default();
    let all = root.get("all_tools").map(|node| ("", "/all_tools".to_owned(), node));
    let tools = entries.iter().map(|member| {
        let key = &*member.key;
        (key, format!("/tools/{}", pointer_token(key)), &member.node)
    });
    let mut askers = Vec::new();
    for (owner, at, node) in all.into_iter().chain(tools) {
        let list = node.value.as_object().and_then(|owner| owner.get("preconditions"));
        for (index, asked) in
            list.and_then(|list| list.value.as_list()).unwrap_or_default().iter().enumerate()
        {
            let tool = asked.value.as_object().and_then(|asked| asked.get("tool")?.value.as_str());
            if let Some(tool) = tool {
                let pointer = format!("{at}/preconditions/{index}/tool");
                askers.push(Asker { owner, tool, pointer });
            }
        }
    }
    askers
}

/// Gives a member another key. Of a tool that is its name: what asks about its limits follows.
pub(super) fn rename<'d>(
    draft: &mut Draft<'d>,
    root: &'d Node,
    pointer: &str,
    to: &str,
) -> Result<(Option<String>, Vec<String>), EditFault> {
    let tool = |asker: &Asker<'_>| pointer == format!("/tools/{}", pointer_token(asker.tool));
    let askers = root.value.as_object().map(askers).unwrap_or_default();
    let mut followed: usize = 0;
    // While the pointers are still those of the document.
    for asker in askers.iter().filter(|asker| tool(asker) && asker.tool != to) {
        draft.put(&asker.pointer, &Value::String(to.to_owned()))?;
        followed = followed.saturating_add(1);
    }
    let reveal = draft.rename(pointer, to)?;
    let note = match followed {
        0 => None,
        1 => Some(format!("the precondition that asks about it names {} now", name(to))),
        _ => Some(format!("the {followed} preconditions that ask about it name {} now", name(to))),
    };
    Ok((Some(reveal), note.into_iter().collect()))
}
