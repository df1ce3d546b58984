//! Links into the builder: a policy and its tools in the fragment of its address, which no browser sends to
//! anybody. It is the form of the links that the builder itself gives out.

use base64ct::{Base64UrlUnpadded, Encoding};
use miniz_oxide::deflate::compress_to_vec;

use crate::json::{Value, quote, write};
use crate::model::Tool;

/// Browsers take addresses of two million characters; more than this is no link.
const LONGEST: usize = 1_500_000;

/// How hard a link is pressed: more makes it hardly shorter.
const LEVEL: u8 = 6;

/// The address at which the builder opens a policy with these tools; `None` if they are too many for an address.
pub(super) fn to<'t>(
    builder: &str,
    name: &str,
    policy: &str,
    title: &str,
    tools: impl Iterator<Item = &'t Tool>,
) -> Option<String> {
    let tools: Vec<String> = tools.map(definition).collect();
    let draft = format!(
        r#"{{"name":{},"policy":{},"catalog":{{"title":{},"source":{{"tools":[{}]}}}}}}"#,
        quote(&name.chars().take(80).collect::<String>()),
        quote(policy.trim_end()),
        quote(title),
        tools.join(",")
    );
    let packed = Base64UrlUnpadded::encode_string(&compress_to_vec(draft.as_bytes(), LEVEL));
    let link = format!("{builder}#draft={packed}");
    (link.len() <= LONGEST).then_some(link)
}

/// A tool as its server defined it, as JSON.
fn definition(tool: &Tool) -> String {
    let mut out = format!(r#"{{"name":{}"#, quote(&tool.name));
    for (key, text) in [("title", &tool.title), ("description", &tool.description)] {
        if let Some(text) = text {
            out.push_str(&format!(r#","{key}":{}"#, quote(text)));
        }
    }
    for (key, object) in [("inputSchema", &tool.input_schema), ("annotations", &tool.annotations)] {
        if let Some(object) = object {
            out.push_str(&format!(r#","{key}":{}"#, write(&Value::Object(object.clone()))));
        }
    }
    out.push('}');
    out
}
