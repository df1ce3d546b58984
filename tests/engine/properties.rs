//! What must hold for every input, on random inputs: the same from run to run, other and more of them
//! with the environment variables `SEED` and `TIMES`.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::bodies;
use crate::bodies::texts::{self, Dictionary};

/// Numbers that are random enough, for 64 bits of seed (xorshift64*).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn bytes(&mut self, most: usize) -> Vec<u8> {
        let length = (self.next() >> 16) as usize % (most + 1);
        (0..length).map(|_| (self.next() >> 32) as u8).collect()
    }
}

fn variable(name: &str) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(1)
}

/// Holds `check` to random inputs; of one that fails, says the smallest that was found.
fn hold(cases: u64, most: usize, check: impl Fn(&[u8])) {
    hold_from(variable("SEED"), cases, most, check);
}

fn hold_from(seed: u64, cases: u64, most: usize, check: impl Fn(&[u8])) {
    // Not 0, which stays 0.
    let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let fails = |bytes: &[u8]| catch_unwind(AssertUnwindSafe(|| check(bytes))).is_err();
    for case in 0..cases * variable("TIMES") {
        let bytes = random.bytes(most);
        if fails(&bytes) {
            let small = shrink(bytes, fails);
            eprintln!("case {case} fails, and in small: {small:?}");
            check(&small);
            panic!("it fails only sometimes");
        }
    }
}

/// Bytes that still fail, of which none can be left out and none be made less.
fn shrink(mut bytes: Vec<u8>, fails: impl Fn(&[u8]) -> bool) -> Vec<u8> {
    loop {
        let before = bytes.clone();
        for size in [32, 8, 4, 2, 1] {
            let mut at = 0;
            while at + size <= bytes.len() {
                let mut fewer = bytes.clone();
                fewer.drain(at..at + size);
                if fails(&fewer) { bytes = fewer } else { at += size }
            }
        }
        for at in 0..bytes.len() {
            for less in [0, 1, bytes[at] / 2, bytes[at].saturating_sub(1)] {
                let old = bytes[at];
                bytes[at] = less;
                if less < old && fails(&bytes) {
                    break;
                }
                bytes[at] = old;
            }
        }
        if bytes == before {
            return bytes;
        }
    }
}

#[test]
fn engine_and_oracle_are_of_one_mind() {
    let mut effects = [0; 3];
    let count = std::cell::RefCell::new(&mut effects);
    hold(100_000, 250, |bytes| {
        let found = bodies::evaluate::run(&bodies::cases::case(bytes));
        count.borrow_mut().iter_mut().zip(found).for_each(|(all, here)| *all += here);
    });
    // Of a generator that only makes denials nothing would be learnt.
    assert!(effects.iter().all(|effect| *effect > 20_000), "{effects:?}");
}

#[test]
fn what_is_proved_of_two_policies_holds() {
    const THREADS: u64 = 4;
    let learn = |thread: u64| {
        let learnt = std::cell::RefCell::new(bodies::foresight::Learnt::default());
        let seed = variable("SEED").wrapping_mul(1_000_003).wrapping_add(thread);
        let check = |bytes: &[u8]| bodies::foresight::check(bytes, &mut learnt.borrow_mut());
        hold_from(seed, 2_600, 260, check);
        learnt.into_inner()
    };
    let learnt = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|n| scope.spawn(move || learn(n))).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .fold(bodies::foresight::Learnt::default(), bodies::foresight::Learnt::and)
    });
    assert!(learnt.pairs >= 10_000, "{learnt:?}");
    // Of a comparison that mostly knows nothing, or of pairs that do not differ, nothing would be learnt.
    assert!(learnt.changes > 5_000 && learnt.proved > 5_000, "{learnt:?}");
    assert!(learnt.unknown * 10 < learnt.changes + learnt.proved, "{learnt:?}");
}

#[test]
fn what_is_proved_of_the_calls_that_fit_a_catalog_holds() {
    let learnt = std::cell::RefCell::new(bodies::foresight::Learnt::default());
    hold(400, 200, |bytes| bodies::narrowed::check(bytes, &mut learnt.borrow_mut()));
    let learnt = learnt.into_inner();
    assert!(learnt.changes > 100 && learnt.proved > 500, "{learnt:?}");
    assert!(learnt.unknown * 5 < learnt.changes + learnt.proved, "{learnt:?}");
}

#[test]
fn numbers_are_exact() {
    hold(20_000, 40, bodies::number::check);
}

#[test]
fn json_is_read_as_others_read_it() {
    hold(20_000, 60, |bytes| bodies::json::check(&texts::of(bytes, Dictionary::Json)));
}

#[test]
fn calls_of_any_text_are_decided_as_they_are_read() {
    hold(20_000, 60, |bytes| bodies::text::check(&texts::of(bytes, Dictionary::Json)));
    hold(10_000, 80, |bytes| bodies::text::check(&texts::of(bytes, Dictionary::Protocol)));
}

#[test]
fn policies_of_any_text_are_read_to_the_end() {
    hold(5_000, 80, |bytes| bodies::policy::check(&texts::of(bytes, Dictionary::Policy)));
    hold(3_000, 250, |bytes| bodies::policy::check(&texts::damaged_policy(bytes)));
}

#[test]
fn compiled_policies_of_any_bytes_are_refused_or_decide() {
    let (all, policies) = (std::cell::Cell::new(0), std::cell::Cell::new(0));
    hold(10_000, 250, |bytes| {
        all.set(all.get() + 1);
        policies.set(policies.get() + u32::from(bodies::stored::check(bytes)));
    });
    // Of changes that are all refused, or never, nothing would be learnt.
    let share = f64::from(policies.get()) / f64::from(all.get());
    assert!((0.03..0.97).contains(&share), "{share}");
}

#[test]
fn what_is_read_again_is_as_if_it_were_read_first() {
    let policies = std::cell::Cell::new(0);
    hold(3_000, 160, |bytes| policies.set(policies.get() + bodies::again::check(bytes)));
    // Of texts of which hardly one is a policy nothing would be learnt of what is said of them.
    assert!(policies.get() > 4_000, "{}", policies.get());
}

#[test]
fn changes_are_made_and_nothing_else() {
    let made = std::cell::Cell::new(0);
    hold(8_000, 120, |bytes| made.set(made.get() + bodies::edit::check(bytes)));
    // Where nearly every change is refused nothing would be learnt.
    assert!(made.get() > 8_000, "{}", made.get());
    hold(2_000, 60, |bytes| bodies::edit::check_text(&texts::damaged_policy(bytes)));
}

#[test]
fn locks_are_read_and_reviews_say_what_differs() {
    hold(700, 80, |bytes| bodies::pin::check(&texts::of(bytes, Dictionary::Pin)));
    hold(700, 250, bodies::pin::check);
}

#[test]
fn messages_lists_and_streams_are_read_in_one_way() {
    hold(20_000, 80, |bytes| bodies::protocol::check(&texts::of(bytes, Dictionary::Protocol)));
    hold(10_000, 60, |bytes| bodies::protocol::check(&texts::of(bytes, Dictionary::Stream)));
}

#[test]
fn patterns_of_any_text_are_read_to_the_end() {
    hold(20_000, 24, |bytes| bodies::pattern::check(&texts::of(bytes, Dictionary::Pattern)));
}

/// Each file of tests/fuzz/corpus, as the fuzzer runs it: finds of the past, and seeds.
#[test]
fn the_corpus_holds() {
    let check = |target: &str, bytes: &[u8]| match target {
        "edit" => drop(bodies::edit::check(bytes)),
        "evaluate" => bodies::evaluate::check(bytes),
        "json" => bodies::json::check(bytes),
        "pin" => bodies::pin::check(bytes),
        "policy" => bodies::policy::check(bytes),
        "protocol" => bodies::protocol::check(bytes),
        "stored" => drop(bodies::stored::check(bytes)),
        "text" => bodies::text::check(bytes),
        _ => panic!("no target is called `{target}`"),
    };
    for target in ["edit", "evaluate", "json", "pin", "policy", "protocol", "stored", "text"] {
        let folder = super::project("tests/fuzz/corpus").join(target);
        let files: Vec<_> =
            std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path()).collect();
        assert!(!files.is_empty(), "{} is empty", folder.display());
        for file in files {
            eprintln!("{}", file.display());
            check(target, &std::fs::read(&file).unwrap());
        }
    }
}
