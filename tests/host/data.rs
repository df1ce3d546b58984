//! The data of tests/attacks: the bytes that a case stands for.

use std::io::{Read, Write};

use base64ct::{Base64, Encoding};
use flate2::Compression;
use flate2::read::{GzDecoder, ZlibDecoder};
use flate2::write::{GzEncoder, ZlibEncoder};
use serde_json::Value;

/// Words, and the texts that they stand for.
pub type Words = Vec<(String, String)>;

/// The bytes that the data stand for; `None` in an encoding that is not known here.
pub fn bytes_of(data: &Value, words: &Words) -> Option<Vec<u8>> {
    match data {
        Value::Null => Some(Vec::new()),
        Value::String(text) => {
            let replace =
                |text: String, (word, other): &(String, String)| text.replace(word, other);
            Some(words.iter().fold(text.clone(), replace).into_bytes())
        }
        Value::Array(parts) => parts
            .iter()
            .map(|part| bytes_of(part, words))
            .collect::<Option<Vec<_>>>()
            .map(|parts| parts.concat()),
        _ => {
            if let Some(text) = data["base64"].as_str() {
                return Some(Base64::decode_vec(text).unwrap());
            }
            if let Some(repeat) = data.get("repeat") {
                let times = usize::try_from(data["times"].as_u64().unwrap()).unwrap();
                return Some(bytes_of(repeat, words)?.repeat(times));
            }
            encoded(&bytes_of(&data["body"], words)?, data["encode"].as_str().unwrap())
        }
    }
}

/// Bytes in an encoding; of the charsets those of Unicode are known.
pub fn encoded(bytes: &[u8], encoding: &str) -> Option<Vec<u8>> {
    let text = || std::str::from_utf8(bytes).unwrap();
    Some(match encoding {
        "gzip" => {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        }
        "deflate" => {
            let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        }
        "utf-8" => bytes.to_vec(),
        "utf-16-le" => text().encode_utf16().flat_map(u16::to_le_bytes).collect(),
        "utf-16-be" => text().encode_utf16().flat_map(u16::to_be_bytes).collect(),
        "utf-32-le" => text().chars().flat_map(|c| u32::from(c).to_le_bytes()).collect(),
        "utf-32-be" => text().chars().flat_map(|c| u32::from(c).to_be_bytes()).collect(),
        // With a mark that says which.
        "utf-16" | "utf-32" => {
            let text = format!("\u{feff}{}", text());
            return encoded(text.as_bytes(), &format!("{encoding}-le"));
        }
        _ => return None,
    })
}

/// Whether the words are in the bytes, in an encoding that is known here.
pub fn shows(bytes: &[u8], words: &str) -> bool {
    let contains =
        |bytes: &[u8], words: &[u8]| bytes.windows(words.len()).any(|found| found == words);
    let charsets = ["utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"];
    if charsets.iter().any(|charset| contains(bytes, &encoded(words.as_bytes(), charset).unwrap()))
    {
        return true;
    }
    let inflated = |decoder: &mut dyn Read| {
        let mut plain = Vec::new();
        // What there is of it until it ends.
        let _ = decoder.read_to_end(&mut plain);
        contains(&plain, words.as_bytes())
    };
    (0..bytes.len()).any(|at| match &bytes[at..] {
        rest @ [0x1f, 0x8b, ..] => inflated(&mut GzDecoder::new(rest)),
        rest @ [0x78, 0x9c, ..] => inflated(&mut ZlibDecoder::new(rest)),
        _ => false,
    })
}

#[test]
fn what_is_encoded_shows() {
    for encoding in ["gzip", "deflate", "utf-8", "utf-16", "utf-16-be", "utf-32", "utf-32-be"] {
        let bytes = [b"...".to_vec(), encoded(b"the words and more", encoding).unwrap()].concat();
        assert!(shows(&bytes, "words"), "{encoding}");
        assert!(!shows(&bytes, "sword"), "{encoding}");
    }
}
