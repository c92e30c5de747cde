//! Ids, days and addresses in few bytes. Each form is used only where it gives the text back.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::text::{Text, Texts};

/// The letters of a GHSA id.
const GHSA_LETTERS: &[u8; 20] = b"23456789cfghjmpqrvwx";

/// An id of a weakness.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(super) enum Id<'a> {
    /// `CVE-2023-0286`: year and number.
    Cve(u16, u32),
    /// `GHSA-jfh8-c2jp-5v3q`: the twelve letters as one number.
    Ghsa(u64),
    /// `DSA-5343-1`: what is in front of the last number, and the number.
    Numbered(#[serde(borrow)] Text<'a>, u32),
    /// Any other.
    Other(#[serde(borrow)] Cow<'a, str>),
}

impl Id<'_> {
    /// Takes an id in.
    pub(super) fn new(id: &str, texts: &mut Texts) -> Id<'static> {
        if let Some((year, number)) = parse_cve(id) {
            return Id::Cve(year, number);
        }
        if let Some(number) = parse_ghsa(id) {
            return Id::Ghsa(number);
        }
        if let Some((front, digits)) = id.rsplit_once('-')
            && let Ok(number) = digits.parse::<u32>()
            && number.to_string() == digits
        {
            return Id::Numbered(texts.intern(&format!("{front}-")), number);
        }
        Id::Other(Cow::Owned(id.to_owned()))
    }

    /// Returns the id as it was.
    pub(super) fn resolve(self, texts: &[String]) -> Result<String, &'static str> {
        Ok(match self {
            Self::Cve(year, number) => cve(year, number),
            Self::Ghsa(number) => ghsa(number),
            Self::Numbered(front, number) => format!("{}{number}", front.resolve(texts)?),
            Self::Other(id) => id.into_owned(),
        })
    }
}

impl<'a> Id<'a> {
    pub(super) fn text_mut(&mut self) -> Option<&mut Text<'a>> {
        match self {
            Self::Numbered(front, _) => Some(front),
            _ => None,
        }
    }
}

/// Reads `CVE-2023-0286`; `None` for any other text, also for one that is not spelled the usual way.
pub(super) fn parse_cve(id: &str) -> Option<(u16, u32)> {
    let (year, number) = id.strip_prefix("CVE-")?.split_once('-')?;
    let (year, number) = (year.parse().ok()?, number.parse().ok()?);
    (cve(year, number) == id).then_some((year, number))
}

fn cve(year: u16, number: u32) -> String {
    format!("CVE-{year:04}-{number:04}")
}

fn parse_ghsa(id: &str) -> Option<u64> {
    let mut number = 0;
    for letter in id.strip_prefix("GHSA-")?.bytes().filter(|byte| *byte != b'-').take(13) {
        let place = GHSA_LETTERS.iter().position(|known| *known == letter)?;
        number = number * 20 + place as u64;
    }
    (ghsa(number) == id).then_some(number)
}

fn ghsa(mut number: u64) -> String {
    let mut letters = [0; 12];
    for letter in letters.iter_mut().rev() {
        *letter = GHSA_LETTERS[(number % 20) as usize];
        number /= 20;
    }
    let mut id = String::from("GHSA");
    for (place, letter) in letters.into_iter().enumerate() {
        if place % 4 == 0 {
            id.push('-');
        }
        id.push(char::from(letter));
    }
    id
}

/// A day.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(super) enum Day<'a> {
    /// `2023-02-08` as 20230208.
    Number(u32),
    /// Any other text.
    Other(#[serde(borrow)] Cow<'a, str>),
}

impl Day<'_> {
    pub(super) fn new(day: &str) -> Day<'static> {
        let number = day.bytes().filter(u8::is_ascii_digit).take(9);
        let number = number.fold(0, |number: u32, digit| number * 10 + u32::from(digit - b'0'));
        if day_text(number) == day {
            return Day::Number(number);
        }
        Day::Other(Cow::Owned(day.to_owned()))
    }

    pub(super) fn resolve(self) -> String {
        match self {
            Self::Number(number) => day_text(number),
            Self::Other(day) => day.into_owned(),
        }
    }
}

fn day_text(number: u32) -> String {
    format!("{:04}-{:02}-{:02}", number / 10_000, number / 100 % 100, number % 100)
}

/// An address: a front that many rows share, and its end.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(super) struct Address<'a> {
    #[serde(borrow)]
    front: Text<'a>,
    #[serde(borrow)]
    end: End<'a>,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
enum End<'a> {
    /// The id of the row.
    Id,
    /// This text.
    Own(#[serde(borrow)] Cow<'a, str>),
}

impl<'a> Address<'a> {
    /// Takes an address in; `id` is that of the row.
    pub(super) fn new(url: &str, id: &str, texts: &mut Texts) -> Address<'static> {
        if let Some(front) = url.strip_suffix(id)
            && !id.is_empty()
        {
            return Address { front: texts.intern(front), end: End::Id };
        }
        let at = url.rfind('/').map_or(0, |at| at + 1);
        let (front, end) = url.split_at(at);
        Address { front: texts.intern(front), end: End::Own(Cow::Owned(end.to_owned())) }
    }

    /// Returns the address as it was.
    pub(super) fn resolve(self, id: &str, texts: &[String]) -> Result<String, &'static str> {
        let mut url = self.front.resolve(texts)?;
        url.push_str(match &self.end {
            End::Id => id,
            End::Own(end) => end,
        });
        Ok(url)
    }

    pub(super) fn text_mut(&mut self) -> &mut Text<'a> {
        &mut self.front
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_comes_back() {
        let mut texts = Texts::default();
        for (id, packed) in [
            ("CVE-2023-0286", true),
            ("CVE-2021-44228", true),
            ("GHSA-jfh8-c2jp-5v3q", true),
            ("CVE-2021-00044228", false),
            ("CVE-21-1", false),
            ("GHSA-jfh8-c2jp-5v3", false),
            ("GHSA-jfh8-c2jp-5v3qq", false),
            ("GHSA-aaaa-c2jp-5v3q", false),
            ("DSA-5343-1", false),
            ("TEMP-0000000-0CA7E3", false),
            ("ALAS-2023-007", false),
            ("", false),
            ("-", false),
        ] {
            let made = Id::new(id, &mut texts);
            assert_eq!(matches!(made, Id::Cve(..) | Id::Ghsa(_)), packed, "{id}");
            let settled = std::mem::take(&mut texts).settle();
            let mut made = made;
            if let Some(text) = made.text_mut() {
                settled.place(text);
            }
            assert_eq!(made.resolve(&[]).unwrap(), id);
        }
    }

    #[test]
    fn every_day_comes_back() {
        for day in ["2023-02-08", "0000-00-00", "2023-2-8", "20230208", "", "99999-01-01", "x"] {
            assert_eq!(Day::new(day).resolve(), day);
        }
    }
}
