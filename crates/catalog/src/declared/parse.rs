//! Documents of JSON, TOML and YAML, read into types that bear any shape, within limits.

use std::borrow::Cow;

use serde::de::DeserializeOwned;
use serde_saphyr::budget::Budget;

use super::MAX_LOCK_BYTES;
use super::found::Found;
use super::loose::{Shape, Table};

/// The most values of a document of JSON, by the commas between them.
pub(super) const MAX_JSON_VALUES: usize = 2_000_000;
/// The most bytes of a document of TOML, which is held whole while it is read.
pub(super) const MAX_TOML_BYTES: usize = 8 << 20;
/// The most values of a document of TOML, by what stands between them.
pub(super) const MAX_TOML_VALUES: usize = 1_000_000;
/// The most bytes of a document of YAML.
pub(super) const MAX_YAML_BYTES: usize = 16 << 20;
/// The most lists and tables of YAML in one another.
pub(super) const MAX_YAML_DEPTH: usize = 64;
/// The most values of a document of YAML.
pub(super) const MAX_YAML_NODES: usize = 2_000_000;
/// The most places where a document of YAML repeats another.
pub(super) const MAX_YAML_ALIASES: usize = 1_000;
/// The longest message of a parser that is told.
const MAX_MESSAGE_CHARS: usize = 160;

/// Returns the file as text; what is no UTF-8 is replaced. A file with a zero byte is none.
pub(super) fn text<'a>(body: &'a [u8], found: &mut Found) -> Cow<'a, str> {
    if !fits(body, MAX_LOCK_BYTES as usize, found) {
        return Cow::Borrowed("");
    }
    let text = lossy(body);
    if text.contains('\0') {
        found.broken("it is no text: it holds a zero byte");
        return Cow::Borrowed("");
    }
    text
}

/// Returns bytes as text, in UTF-16 where they begin with its mark, else in UTF-8; what is neither is
/// replaced, and the mark is taken off.
pub(super) fn lossy(body: &[u8]) -> Cow<'_, str> {
    match decoded(body) {
        Cow::Borrowed(plain) => String::from_utf8_lossy(plain),
        Cow::Owned(plain) => Cow::Owned(String::from_utf8_lossy(&plain).into_owned()),
    }
}

/// Returns a body of UTF-16, which begins with its mark, as UTF-8; any other as it is, without the mark.
pub(super) fn decoded(body: &[u8]) -> Cow<'_, [u8]> {
    let (is_little, rest) = match body {
        [0xff, 0xfe, rest @ ..] => (true, rest),
        [0xfe, 0xff, rest @ ..] => (false, rest),
        _ => return Cow::Borrowed(body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body)),
    };
    // Of a file that was cut off, half a unit may be left, which is none.
    let unit = if is_little { u16::from_le_bytes } else { u16::from_be_bytes };
    let units = rest.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    let letters = char::decode_utf16(units).map(|one| one.unwrap_or(char::REPLACEMENT_CHARACTER));
    Cow::Owned(letters.collect::<String>().into_bytes())
}

/// Reads a document of JSON; one that cannot be read is a problem and nothing.
pub(super) fn json<T: DeserializeOwned + Default>(body: &[u8], found: &mut Found) -> T {
    if !fits(body, MAX_LOCK_BYTES as usize, found) {
        return T::default();
    }
    let body = decoded(body);
    if !is_few(&body, b",", MAX_JSON_VALUES, found) {
        return T::default();
    }
    serde_json::from_slice(&body).unwrap_or_else(|error| failed("JSON", &error.to_string(), found))
}

/// Reads a document of TOML; one that cannot be read is a problem and nothing.
pub(super) fn toml<T: DeserializeOwned + Default>(body: &[u8], found: &mut Found) -> T {
    if !fits(body, MAX_TOML_BYTES, found) {
        return T::default();
    }
    let body = decoded(body);
    if !is_few(&body, b",=[", MAX_TOML_VALUES, found) {
        return T::default();
    }
    let Ok(text) = std::str::from_utf8(&body) else { return failed("TOML", "not UTF-8", found) };
    toml::from_str(text).unwrap_or_else(|error| {
        let line = error.span().map(|span| {
            let head = body.get(..span.start).unwrap_or(&body);
            head.split(|byte| *byte == b'\n').count()
        });
        let place = line.map(|line| format!(" at line {line}")).unwrap_or_default();
        failed("TOML", &format!("{}{place}", error.message()), found)
    })
}

/// Reads the first document of YAML; one that cannot be read is a problem and nothing.
pub(super) fn yaml<T: DeserializeOwned + Default>(body: &[u8], found: &mut Found) -> T {
    if !fits(body, MAX_YAML_BYTES, found) {
        return T::default();
    }
    let body = decoded(body);
    let Ok(text) = std::str::from_utf8(&body) else { return failed("YAML", "not UTF-8", found) };
    if text.trim().is_empty() {
        return T::default();
    }
    let mut options = serde_saphyr::Options::default();
    let mut limits = Budget::default();
    limits.max_depth = MAX_YAML_DEPTH;
    limits.max_nodes = MAX_YAML_NODES;
    limits.max_events = 3 * MAX_YAML_NODES;
    limits.max_aliases = MAX_YAML_ALIASES;
    options.budget = Some(limits);
    options.with_snippet = false;
    serde_saphyr::from_str_with_options(text, options)
        .unwrap_or_else(|error| failed("YAML", &error.to_string(), found))
}

/// Where nothing was found in a document, looks again whether it is of its format: a table that has one
/// of these fields, in that shape. One that is not is a problem.
pub(super) fn expect(
    read: fn(&[u8], &mut Found) -> Table<Shape>,
    body: &[u8],
    any_of: &[(&str, Shape)],
    found: &mut Found,
) {
    if !found.is_bare() {
        return;
    }
    let fields = read(body, found);
    let has = |(name, shape): &(&str, Shape)| {
        fields.0.iter().any(|(field, is)| field == name && is == shape)
    };
    if found.is_bare() && !any_of.iter().any(has) {
        let names: Vec<&str> = any_of.iter().map(|(name, _)| *name).collect();
        found.broken(format!("it is not what its name says: no `{}`", names.join("`, `")));
    }
}

/// Says that a document cannot be read, and why, in a line.
pub(super) fn failed<T: Default>(format: &str, message: &str, found: &mut Found) -> T {
    let line = message.lines().next().unwrap_or_default();
    let line: String = line.chars().take(MAX_MESSAGE_CHARS).collect();
    found.broken(format!("it is no {format} that can be read: {line}"));
    T::default()
}

/// Returns whether no more values stand there than are read, by what parts them.
fn is_few(body: &[u8], between: &[u8], max_values: usize, found: &mut Found) -> bool {
    let values = body.iter().filter(|byte| between.contains(byte)).count();
    if values > max_values {
        found.over(format!("more than {max_values} values; it is not read"));
    }
    values <= max_values
}

fn fits(body: &[u8], max_bytes: usize, found: &mut Found) -> bool {
    if body.len() > max_bytes {
        found.over(format!("more than {max_bytes} bytes; it is not read"));
    }
    body.len() <= max_bytes
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use plimsoll_model::GapKind;

    use super::super::loose::{List, Table, Text};
    use super::*;

    fn gap<T>(read: fn(&[u8], &mut Found) -> T, body: &str) -> Option<GapKind> {
        let mut found = Found::new("npm");
        read(body.as_bytes(), &mut found);
        found.finish().problems.first().and_then(|problem| problem.gap)
    }

    fn padded(head: &str, bytes: usize) -> String {
        format!("{head}{}", " ".repeat(bytes - head.len()))
    }

    #[test]
    fn texts_of_sixteen_bits_are_decoded() {
        let utf16 = |text: &str, mark: &[u8], bytes: fn(u16) -> [u8; 2]| {
            [mark.to_vec(), text.encode_utf16().flat_map(bytes).collect()].concat()
        };
        let little = utf16("é=1", b"\xff\xfe", u16::to_le_bytes);
        let big = utf16("{\"a\": \"😀\"}", b"\xfe\xff", u16::to_be_bytes);
        let mut found = Found::new("npm");
        assert_eq!(text(&little, &mut found), "é=1");
        assert_eq!(text(&little[..little.len() - 1], &mut found), "é=");
        assert_eq!(text(b"\xff\xfe\x00\xd8", &mut found), "\u{fffd}");
        assert_eq!(&*json::<Table<Text>>(&big, &mut found).0[0].1, "😀");
        let toml_body = utf16("a = 1", b"\xff\xfe", u16::to_le_bytes);
        assert_eq!(&*toml::<Table<Text>>(&toml_body, &mut found).0[0].1, "1");
        let yaml_body = utf16("a: 1", b"\xff\xfe", u16::to_le_bytes);
        assert_eq!(&*yaml::<Table<Text>>(&yaml_body, &mut found).0[0].1, "1");
        assert!(found.is_bare());
        assert_eq!(text(b"a\0", &mut found), "");
        assert_eq!(found.finish().problems[0].gap, Some(GapKind::Unreadable));
    }

    #[test]
    fn a_document_in_which_nothing_was_found_has_the_shape_of_its_format() {
        let shape = |body: &str| {
            let mut found = Found::new("npm");
            let fields = [("version", Shape::Word), ("packages", Shape::Table)];
            expect(json, body.as_bytes(), &fields, &mut found);
            found.finish().problems.first().map(|problem| problem.detail.clone())
        };
        assert_eq!((shape("{\"version\": 1}"), shape("{\"packages\": {}}")), (None, None));
        let none = Some("it is not what its name says: no `version`, `packages`".to_owned());
        for body in ["[]", "null", "1", "{}", "{\"packages\": []}", "{\"version\": null}"] {
            assert_eq!(shape(body), none, "{body}");
        }
        assert!(shape("{").is_some_and(|detail| detail.starts_with("it is no JSON")));
    }

    #[test]
    fn json_has_limits_of_size_values_and_depth() {
        let read = json::<Table<Text>>;
        assert_eq!(gap(read, &padded("{}", MAX_LOCK_BYTES as usize)), None);
        assert_eq!(gap(read, &padded("{}", MAX_LOCK_BYTES as usize + 1)), Some(GapKind::Limit));
        assert_eq!(gap(read, &"[".repeat(1_000_000)), Some(GapKind::Unreadable));
        let list = |commas: usize| format!("{{\"a\": [0{}]}}", ",0".repeat(commas));
        assert_eq!(gap(read, &list(MAX_JSON_VALUES)), None);
        assert_eq!(gap(read, &list(MAX_JSON_VALUES + 1)), Some(GapKind::Limit));
        let deep = format!("{{\"a\": {}{}}}", "[".repeat(1_000_000), "]".repeat(1_000_000));
        assert_eq!(gap(read, &deep), None, "what is not looked at is passed over");
        assert_eq!(gap(read, "\u{feff}{}"), None);
    }

    #[test]
    fn toml_has_limits_of_size_values_and_depth() {
        let read = toml::<Table<Text>>;
        assert_eq!(gap(read, &padded("a=1", MAX_TOML_BYTES)), None);
        assert_eq!(gap(read, &padded("a=1", MAX_TOML_BYTES + 1)), Some(GapKind::Limit));
        let list = |count: usize| format!("a=[{}]", "0,".repeat(count));
        assert_eq!(gap(read, &list(MAX_TOML_VALUES - 2)), None);
        assert_eq!(gap(read, &list(MAX_TOML_VALUES - 1)), Some(GapKind::Limit));
        assert_eq!(gap(read, &format!("a={}", "[".repeat(100_000))), Some(GapKind::Unreadable));
        assert_eq!(gap(read, &format!("{}a=1", "a.".repeat(100_000))), Some(GapKind::Unreadable));
    }

    #[test]
    fn yaml_has_limits_of_size_nodes_depth_and_repeats() {
        let read = yaml::<Table<List<Text>>>;
        assert_eq!(gap(read, &padded("a: []\n", MAX_YAML_BYTES)), None);
        assert_eq!(gap(read, &padded("a: []\n", MAX_YAML_BYTES + 1)), Some(GapKind::Limit));
        let list = |count: usize| format!("a:\n{}", "- b\n".repeat(count));
        assert_eq!(gap(read, &list(1000)), None);
        assert_eq!(gap(read, &list(MAX_YAML_NODES + 1)), Some(GapKind::Unreadable));
        let deep = |depth: usize| format!("a: {}{}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(gap(read, &deep(MAX_YAML_DEPTH - 1)), None);
        assert_eq!(gap(read, &deep(MAX_YAML_DEPTH)), Some(GapKind::Unreadable));
        assert_eq!(gap(read, &deep(500_000)), Some(GapKind::Unreadable));
        let again = |count: usize| format!("a: &x [b]\nb:\n{}", "- *x\n".repeat(count));
        assert_eq!(gap(read, &again(10)), None);
        assert_eq!(gap(read, &again(MAX_YAML_ALIASES + 1)), Some(GapKind::Unreadable));
        // Each repeats the one before nine times.
        let mut bomb = String::from("a0: &a0 [x,x,x,x,x,x,x,x,x]\n");
        for number in 1..12 {
            let before = vec![format!("*a{}", number - 1); 9].join(",");
            let _ = writeln!(bomb, "a{number}: &a{number} [{before}]");
        }
        assert_eq!(gap(read, &bomb), Some(GapKind::Unreadable));
    }

    #[test]
    fn messages_are_one_short_line() {
        let mut found = Found::new("npm");
        let _: Text = failed("JSON", &format!("{}\nsecond", "é".repeat(1000)), &mut found);
        let detail = &found.finish().problems[0].detail;
        assert_eq!(detail.chars().filter(|letter| *letter == 'é').count(), MAX_MESSAGE_CHARS);
        assert!(!detail.contains("second"));
    }
}
