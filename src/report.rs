//! What there is to know of servers' tools as static pages: one of all servers, one a server, one a tool.
//!
//! Everything that a server says is text on these pages, whatever it holds; nothing on them runs, and nothing
//! is loaded from anywhere. The same catalogs give the same pages, byte by byte.

mod file;
mod html;
mod link;
mod look;
mod related;
mod server;
mod tool;

pub use file::file_name;

use crate::classify::{Classified, Options, Profile, classify};
use crate::model::{Catalog, Tool};

/// What is shown, and how.
#[derive(Clone, Copy, Debug)]
pub struct Settings<'s> {
    /// How definitions are read.
    pub options: Options,
    /// Which recommended policy stands first.
    pub profile: Profile,
    /// Where the visual builder is, a URL; links lead there.
    pub builder: &'s str,
}

/// A page of the report.
#[derive(Clone, Debug)]
pub struct Page {
    /// Where it belongs, relative to the folder of the report: `index.html`, `shop/delete_order.html`.
    /// There is at most one folder in it, and of two paths none differs in capitals alone.
    pub path: String,
    /// All of it.
    pub html: String,
}

/// The catalogs of servers, and what is known of each.
#[derive(Debug)]
pub struct Report<'c> {
    servers: Vec<Server<'c>>,
    settings: Settings<'c>,
}

/// A server, its tools and its place in the report.
#[derive(Debug)]
struct Server<'c> {
    name: &'c str,
    /// Its folder.
    folder: String,
    /// Of two tools of one name the first, as everywhere.
    tools: Vec<Tool>,
    found: Vec<Classified>,
    /// The file of each tool.
    files: Vec<String>,
    /// So many tools have the name of another.
    doubled: usize,
}

impl<'c> Report<'c> {
    /// Reads the catalogs, each with what its server is called.
    #[must_use]
    pub fn new(catalogs: &[(&'c str, &'c Catalog)], settings: Settings<'c>) -> Report<'c> {
        let mut folders = file::Names::default();
        let servers = catalogs.iter().map(|(name, catalog)| {
            let mut seen = std::collections::BTreeSet::new();
            let (mut tools, mut found) = (Vec::new(), Vec::new());
            for (tool, is) in catalog.tools.iter().zip(classify(catalog, settings.options)) {
                if seen.insert(tool.name.as_str()) {
                    tools.push(tool.clone());
                    found.push(is);
                }
            }
            let mut names = file::Names::default();
            let files = tools.iter().map(|tool| names.take(&tool.name)).collect();
            let doubled = catalog.tools.len().saturating_sub(tools.len());
            Server { name, folder: folders.take(name), tools, found, files, doubled }
        });
        Report { servers: servers.collect(), settings }
    }

    /// The pages, one after the other: of all servers, and of each server and each of its tools.
    pub fn pages(&self) -> impl Iterator<Item = Page> + '_ {
        let first = std::iter::once_with(|| server::overview(self));
        first.chain(self.servers.iter().flat_map(move |of| {
            let related = related::Related::new(&of.tools);
            let own = std::iter::once_with(move || server::page(self, of));
            let tools =
                (0..of.tools.len()).filter_map(move |at| tool::page(self, of, at, &related));
            own.chain(tools)
        }))
    }
}

#[cfg(test)]
mod tests;
