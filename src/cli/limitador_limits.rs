//! `cattlegrid limitador-limits`: the limits of a configuration as Limitador reads them.

use std::fmt::Write;

use cattlegrid::diagnostic::render;
use cattlegrid::edge::{self, Store};
use cattlegrid::json::quote;

use super::files::Reader;
use super::{Answer, Failure, print_exactly};

/// What stands first in what is written.
const HEADER: &str = "\
# The limits of the policies, written by `cattlegrid limitador-limits`: write it again when they change.
#
#   limitador-server --rate-limit-headers DRAFT_VERSION_03 FILE redis_cached redis://HOST:PORT
#
# Without those headers the filter cannot know that its limits are counted, and believes none of its answers.

";

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The configuration of the filter, a JSON file; `-` reads standard input
    configuration: String,
}

pub(super) fn run(arguments: &Arguments) -> Result<Answer, Failure> {
    let source = Reader::default().read(&arguments.configuration)?;
    let settings = edge::read(&source.bytes)
        .map_err(|faults| Failure(render(&source.name, &source.text(), &faults)))?;
    let Store::Service(service) = &settings.store else {
        let why = "the configuration has no `rate_limit_service` in its `store`: each proxy counts for itself";
        return Err(Failure(format!("error: {why}")));
    };
    let mut out = String::from(HEADER);
    let mut limits = settings.shared_limits().peekable();
    if limits.peek().is_none() {
        out.push_str("[]\n");
    }
    for limit in limits {
        // The descriptors of a call are those of its limits, so a limit's own is not always in one place.
        // Each is called `descriptors` like their list: Limitador passes a limit over, whose expressions
        // name what is no variable of its own, and does not know the variables of CEL's loops from others.
        // Quotes of JSON are quotes of YAML too, and the name has nothing that would want an escape in
        // quotes of any kind.
        let (namespace, name) = (quote(&service.domain), limit.name);
        // Writing to a string cannot fail.
        let _ = write!(
            out,
            "\
- namespace: {namespace}
  name: \"{name}\"
  max_value: {}
  seconds: {}
  conditions:
    - \"descriptors.exists(descriptors, descriptors['limit'] == '{name}')\"
  variables:
    - \"descriptors.filter(descriptors, descriptors['limit'] == '{name}')[0]['counter']\"
",
            limit.max, limit.seconds
        );
    }
    print_exactly(out.as_bytes())?;
    Ok(Answer::Yes)
}
