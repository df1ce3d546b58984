//! What other programs run, written from the parts that a person has: texts from texts. No file is
//! read and no argument parsed here, so that the command line and the builder write the same bytes.

mod envoy;
mod filter;
mod upstream;

pub use envoy::{Envoy, EnvoyFault, EnvoyFiles, envoy};
pub use filter::{ApprovalKey, Filter, GrantOf, filter};
pub use upstream::{Address, Upstream, UrlFault};
