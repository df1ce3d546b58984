use super::index::Index;

#[test]
fn every_name_is_found_and_no_other() {
    for count in [0, 1, 2, 3, 7, 100, 10_000] {
        let name = |n: usize| format!("tool_{n}");
        let index = Index::new((0..count).map(|n| (name(n), n)));
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
    let index = Index::new(distinct.iter().cloned().map(|name| (name.clone(), name)));
    for name in &names {
        assert_eq!(index.get(name), Some(name));
    }
}
