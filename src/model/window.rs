//! Time: moments in milliseconds, and the windows that limits count in.

use std::borrow::Cow;
use std::fmt;

use crate::digits::in_digits;

/// A moment: milliseconds of UTC since 1970-01-01T00:00:00Z, leap seconds not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(pub u64);

impl Time {
    /// Whole seconds from here until `later`, rounded up; 0 if that is not later.
    #[must_use]
    pub fn seconds_until(self, later: Time) -> u64 {
        later.0.saturating_sub(self.0).div_ceil(1000)
    }
}

/// The length of a limit's windows. Windows are fixed and aligned in UTC: those of `n` seconds begin
/// at multiples of `n` seconds since the epoch, so a minute begins at :00 and a day at 00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    seconds: u32,
}

impl Window {
    /// 60 seconds.
    pub const MINUTE: Window = Window { seconds: 60 };
    /// 3,600 seconds.
    pub const HOUR: Window = Window { seconds: 3_600 };
    /// 86,400 seconds.
    pub const DAY: Window = Window { seconds: 86_400 };

    /// A window of so many seconds; `None` for 0 and for more than 2^32 - 1 (136 years).
    #[must_use]
    pub fn from_seconds(seconds: u64) -> Option<Window> {
        u32::try_from(seconds).ok().filter(|&seconds| seconds > 0).map(|seconds| Window { seconds })
    }

    /// The window that a policy names `minute`, `hour` or `day`.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Window> {
        match word {
            "minute" => Some(Window::MINUTE),
            "hour" => Some(Window::HOUR),
            "day" => Some(Window::DAY),
            _ => None,
        }
    }

    /// The length in seconds, from 1.
    #[must_use]
    pub fn seconds(self) -> u32 {
        self.seconds
    }

    /// `minute`, `hour` or `day`, if it is one.
    #[must_use]
    pub fn word(self) -> Option<&'static str> {
        match self {
            Window::MINUTE => Some("minute"),
            Window::HOUR => Some("hour"),
            Window::DAY => Some("day"),
            _ => None,
        }
    }

    /// As a message says it behind "per": `minute`, `hour`, `day`, `90 seconds`, `second`.
    #[must_use]
    pub fn in_words(self) -> Cow<'static, str> {
        match (self.word(), self.seconds) {
            (Some(word), _) => word.into(),
            (None, 1) => "second".into(),
            (None, seconds) => [&in_digits(seconds.into()), " seconds"].concat().into(),
        }
    }

    fn millis(self) -> u64 {
        u64::from(self.seconds).saturating_mul(1000)
    }

    /// The start of the window that `now` lies in.
    #[must_use]
    pub fn start(self, now: Time) -> Time {
        Time(now.0.saturating_sub(now.0.checked_rem(self.millis()).unwrap_or(0)))
    }

    /// The moment at which the window that began at `start` is over.
    #[must_use]
    pub fn end(self, start: Time) -> Time {
        Time(start.0.saturating_add(self.millis()))
    }
}

impl fmt::Display for Window {
    /// As [`Window::in_words`].
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.in_words())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_aligned_in_utc() {
        // 2026-11-21T11:32:51.500Z
        let now = Time(1_795_260_771_500);
        assert_eq!(Window::MINUTE.start(now), Time(1_795_260_720_000));
        assert_eq!(Window::HOUR.start(now), Time(1_795_258_800_000));
        assert_eq!(Window::DAY.start(now), Time(1_795_219_200_000));
        assert_eq!(now.seconds_until(Window::MINUTE.end(Window::MINUTE.start(now))), 9);
        assert_eq!(Window::from_seconds(0), None);
        assert_eq!(Window::from_seconds(60), Some(Window::MINUTE));
        assert_eq!(Window::from_seconds(90).unwrap().to_string(), "90 seconds");
    }
}
