//! Whole numbers as people write them.

/// A number in decimal digits. In wasm by hand, in a third of the standard library's code, which is there once for
/// each width of numbers.
pub(crate) fn in_digits(number: u64) -> String {
    if cfg!(target_family = "wasm") { digits_small(number) } else { number.to_string() }
}

fn digits_small(number: u64) -> String {
    let mut rest = number;
    let mut digits = Vec::with_capacity(20);
    while rest > 9 {
        digits.push(b'0' | (rest % 10) as u8);
        rest /= 10;
    }
    digits.push(b'0' | rest as u8);
    backwards(&digits)
}

/// The text of ASCII characters of which the last stands first.
// Once in a small module.
#[cfg_attr(target_family = "wasm", inline(never))]
pub(crate) fn backwards(characters: &[u8]) -> String {
    characters.iter().rev().copied().map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_as_the_standard_library_does() {
        let tens = (0..20).map(|power| 10u64.pow(power));
        let near = tens.flat_map(|ten| [ten - 1, ten, ten + 1, ten.saturating_mul(9)]);
        for number in near.chain([u64::from(u32::MAX), u64::MAX]) {
            assert_eq!(digits_small(number), number.to_string());
        }
    }
}
