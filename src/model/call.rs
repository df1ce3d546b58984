//! Calls.

use crate::json::Object;

/// One `tools/call`, with who makes it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Call {
    /// The tool's name, byte for byte.
    pub tool: String,
    /// The arguments; none is the empty object.
    pub arguments: Object,
    /// The label of the grant; `None` for calls without an identity.
    pub grant: Option<String>,
    /// The id of the MCP session; `None` where there are no sessions.
    pub session: Option<String>,
    /// The name of the server that has the tool.
    pub server: Option<String>,
    /// An approval token that came with the call.
    pub approval: Option<String>,
}
