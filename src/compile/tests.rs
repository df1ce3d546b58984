use super::index::Index;

#[test]
fn every_name_is_found_and_no_other() {
    for count in [0, 1, 2, 3, 7, 100, 10_000] {
        let name = |n: usize| format!("tool_{n}");
        let names: Vec<String> = (0..count).map(name).collect();
        let index = Index::new(names.iter().zip(0..), |_, _| panic!("none comes twice"));
        for n in 0..count {
            assert_eq!(index.get(&name(n)), Some(&n), "{n} of {count}");
        }
        for other in ["", "tool", "tool_", "Tool_1", "tool_01", &name(count), "tool_1\0"] {
            assert_eq!(index.get(other), None, "{other} of {count}");
        }
    }
}

#[test]
fn names_of_every_length_are_told_apart() {
    let names: Vec<String> = (0..200).flat_map(|n| ["a", "\0", "é"].map(|c| c.repeat(n))).collect();
    let mut distinct = names.clone();
    distinct.sort();
    distinct.dedup();
    let index = Index::new(distinct.iter().map(|name| (name, name.clone())), |_, _| {});
    for name in &names {
        assert_eq!(index.get(name), Some(name));
    }
}

#[test]
fn a_name_that_comes_again_is_joined() {
    let names = ["a", "b", "a", "c", "b", "a"].map(str::to_owned);
    let index = Index::new(names.iter().zip(1..), |one, other| *one += other);
    assert_eq!(["a", "b", "c"].map(|name| index.get(name)), [Some(&10), Some(&7), Some(&4)]);
}
