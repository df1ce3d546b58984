//! What takes part: a way to answer calls, by itself or many times over.

use std::hint::black_box;

use crate::case::Call;

pub trait Contestant {
    /// Whose it is.
    fn name(&self) -> &'static str;
    /// What it is given: `parsed` in its own form, or `text`.
    fn input(&self) -> &'static str;
    /// How many calls it has.
    fn calls(&self) -> u32;
    /// Whether it allows the call of this index.
    fn answer(&mut self, at: usize) -> bool;
    /// Answers calls in turn, so many; how many of the answers were right.
    fn turn(&mut self, repeats: u32) -> u32;
}

struct Entry<T, F> {
    name: &'static str,
    input: &'static str,
    /// Each call as it is given to the contestant, and the right answer.
    calls: Vec<(T, bool)>,
    decide: F,
}

impl<T, F: FnMut(&T) -> bool> Contestant for Entry<T, F> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn input(&self) -> &'static str {
        self.input
    }

    fn calls(&self) -> u32 {
        self.calls.len() as u32
    }

    fn answer(&mut self, at: usize) -> bool {
        (self.decide)(&self.calls[at].0)
    }

    fn turn(&mut self, repeats: u32) -> u32 {
        let (mut right, mut left) = (0, repeats);
        loop {
            for (call, allowed) in &self.calls {
                if left == 0 {
                    return right;
                }
                left -= 1;
                right += u32::from((self.decide)(black_box(call)) == *allowed);
            }
        }
    }
}

/// A contestant that is given each call as `read` makes it of the text, which is not timed.
pub fn parsed<T: 'static>(
    name: &'static str,
    calls: &[Call],
    read: impl Fn(&str) -> T,
    decide: impl FnMut(&T) -> bool + 'static,
) -> Box<dyn Contestant> {
    let calls = calls.iter().map(|call| (read(&call.text), call.allowed)).collect();
    Box::new(Entry { name, input: "parsed", calls, decide })
}

/// A contestant that is given the text.
pub fn text(
    name: &'static str,
    calls: &[Call],
    mut decide: impl FnMut(&str) -> bool + 'static,
) -> Box<dyn Contestant> {
    let calls = calls.iter().map(|call| (call.text.clone(), call.allowed)).collect();
    let decide = move |text: &String| decide(text);
    Box::new(Entry { name, input: "text", calls, decide })
}

/// Work on the text that is no decision, and so always right.
pub fn work(
    name: &'static str,
    calls: &[Call],
    mut run: impl FnMut(&str) + 'static,
) -> Box<dyn Contestant> {
    let calls = calls.iter().map(|call| (call.text.clone(), true)).collect();
    let decide = move |text: &String| {
        run(text);
        true
    };
    Box::new(Entry { name, input: "text", calls, decide })
}

/// Something that is done again and again.
pub fn again(
    name: &'static str,
    input: &'static str,
    mut run: impl FnMut() -> bool + 'static,
) -> Box<dyn Contestant> {
    Box::new(Entry { name, input, calls: vec![((), true)], decide: move |&(): &()| run() })
}
