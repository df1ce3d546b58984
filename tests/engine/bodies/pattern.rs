//! Reading any pattern ends, and so does searching with it.

use cattlegrid::model::Pattern;

pub fn check(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    match Pattern::parse(&text) {
        Ok(pattern) => {
            assert_eq!(pattern.as_str(), text);
            for haystack in ["", "a", "ab\naé", &text] {
                pattern.is_match(haystack);
            }
        }
        Err(fault) => {
            assert!(
                fault.start <= fault.end && text.get(fault.start..fault.end).is_some(),
                "{text}"
            );
            assert!(!fault.kind.to_string().is_empty());
        }
    }
}
