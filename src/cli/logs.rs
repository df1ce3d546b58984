//! Logs as commands read them: line by line, in memory for one of them, and the earliest next of several.

use std::fs::File;
use std::io::{BufRead, BufReader, IsTerminal, Read, Write};
use std::time::{Duration, Instant};

use cattlegrid::replay::{Entry, Format, Lines, MAX_LINE};

use super::Failure;
use super::files::{STDIN, reason};

/// How the lines of logs are written.
#[derive(Clone, Copy, Default, clap::ValueEnum)]
pub(super) enum Log {
    /// Each line says so itself
    #[default]
    Any,
    /// The decision log of the filter, as Envoy writes it
    Decisions,
    /// Access logs of Envoy in JSON
    Access,
    /// Messages of MCP, one a line
    Mcp,
    /// `{at, grant, session, tool, arguments}`
    Plain,
}

impl From<Log> for Format {
    fn from(log: Log) -> Format {
        match log {
            Log::Any => Format::Any,
            Log::Decisions => Format::Decisions,
            Log::Access => Format::Access,
            Log::Mcp => Format::Mcp,
            Log::Plain => Format::Plain,
        }
    }
}

/// A log that is being read.
struct Source {
    lines: Lines,
    text: BufReader<Box<dyn Read>>,
    next: Option<Entry>,
    name: String,
}

/// Reads logs from their beginning to their end, and gives each line's entry to `take`; of several the one
/// that is the earliest of those that come next.
///
/// # Errors
/// If one cannot be read.
pub(super) fn read(
    paths: &[String],
    log: Log,
    mut take: impl FnMut(Entry),
) -> Result<Vec<String>, Failure> {
    let mut progress = Progress::new(paths);
    let mut sources = Vec::new();
    for (number, path) in (0..).zip(paths) {
        let (name, text): (String, Box<dyn Read>) = match path.as_str() {
            "-" if paths.iter().filter(|path| *path == "-").count() > 1 => {
                let why = "error: standard input (`-`) can be read only once";
                return Err(Failure(why.to_owned()));
            }
            "-" => (STDIN.to_owned(), Box::new(std::io::stdin())),
            path => {
                (path.to_owned(), Box::new(File::open(path).map_err(|why| cannot(path, &why))?))
            }
        };
        let text = BufReader::with_capacity(1 << 17, text);
        sources.push(Source { lines: Lines::new(number, log.into()), text, next: None, name });
    }
    let mut line = Vec::new();
    for source in &mut sources {
        source.advance(&mut line, &mut progress)?;
    }
    loop {
        let waiting = sources.iter_mut().filter(|source| source.next.is_some());
        let earliest = waiting.min_by_key(|source| source.next.as_ref().map(|entry| entry.at));
        let Some(source) = earliest else { break };
        if let Some(entry) = source.next.take() {
            take(entry);
        }
        source.advance(&mut line, &mut progress)?;
    }
    progress.end();
    Ok(sources.into_iter().map(|source| source.name).collect())
}

impl Source {
    fn advance(&mut self, line: &mut Vec<u8>, progress: &mut Progress) -> Result<(), Failure> {
        line.clear();
        let most = MAX_LINE.saturating_add(1);
        let limit = u64::try_from(most).unwrap_or(u64::MAX);
        let read = (&mut self.text).take(limit).read_until(b'\n', line);
        let mut read = read.map_err(|why| cannot(&self.name, &why))?;
        if read == 0 {
            return Ok(());
        }
        // Of a line that is too long, only that it is.
        while read >= most && line.last() != Some(&b'\n') {
            let buffer = self.text.fill_buf().map_err(|why| cannot(&self.name, &why))?;
            if buffer.is_empty() {
                break;
            }
            let end = buffer.iter().position(|byte| *byte == b'\n');
            let length = end.map_or(buffer.len(), |end| end.saturating_add(1));
            self.text.consume(length);
            read = read.saturating_add(length);
            if end.is_some() {
                break;
            }
        }
        let bytes = match line.split_last() {
            Some((b'\n', rest)) => rest,
            _ => line,
        };
        self.next = Some(self.lines.read(bytes));
        progress.count(read);
        Ok(())
    }
}

fn cannot(path: &str, why: &std::io::Error) -> Failure {
    Failure(format!("error: cannot read {path}: {}", reason(why)))
}

/// How far it is, on a terminal.
struct Progress {
    shown: bool,
    /// The bytes of all files, if that is known.
    all: Option<u64>,
    done: u64,
    lines: u64,
    last: Instant,
}

impl Progress {
    fn new(paths: &[String]) -> Progress {
        let size = |path: &String| std::fs::metadata(path).ok().filter(|meta| meta.is_file());
        let sizes: Option<Vec<u64>> = paths.iter().map(|path| Some(size(path)?.len())).collect();
        Progress {
            shown: std::io::stderr().is_terminal(),
            all: sizes.map(|sizes| sizes.into_iter().fold(0, u64::saturating_add)),
            done: 0,
            lines: 0,
            last: Instant::now(),
        }
    }

    fn count(&mut self, bytes: usize) {
        self.done = self.done.saturating_add(u64::try_from(bytes).unwrap_or(0));
        self.lines = self.lines.saturating_add(1);
        let is_time = self.lines & 0xfff == 0 && self.last.elapsed() > Duration::from_millis(100);
        if !self.shown || !is_time {
            return;
        }
        self.last = Instant::now();
        const WIDTH: u64 = 30;
        let bar = self.all.filter(|all| *all > 0).map(|all| {
            let part = |of: u64| self.done.saturating_mul(of).checked_div(all).unwrap_or(0).min(of);
            let full = usize::try_from(part(WIDTH)).unwrap_or(0);
            let rest = usize::try_from(WIDTH).unwrap_or(0).saturating_sub(full);
            format!("[{}{}] {:>3} %  ", "#".repeat(full), "-".repeat(rest), part(100))
        });
        let bar = bar.unwrap_or_default();
        // Whoever does not look need not see it.
        let _ = write!(std::io::stderr(), "\r{bar}{} lines", self.lines);
    }

    fn end(&self) {
        if self.shown {
            let _ = write!(std::io::stderr(), "\r\u{1b}[K");
        }
    }
}
