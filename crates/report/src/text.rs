//! Foreign text made safe to show, and its width on a terminal.
//!
//! Widths follow Unicode Standard Annex 11. Which characters are hidden or reorder their neighbours
//! follows Unicode Standard Annex 9 and Unicode Technical Report 36.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthChar;

/// Columns of one text beyond which it is cut; the JSON report has it whole.
pub(crate) const MAX_SHOWN_COLUMNS: usize = 400;
/// Accents on one letter; more of them are spelled out, since stacks of them run over other lines.
const MAX_ACCENTS: usize = 2;

/// Returns the text with everything spelled out that a terminal would obey, hide or reorder: control
/// characters, line breaks, bidi controls and characters without a width become `\u{1b}`.
///
/// Showing a shown text again changes nothing.
pub fn shown(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut accents = MAX_ACCENTS;
    for letter in text.chars() {
        if is_accent(letter) && accents < MAX_ACCENTS {
            accents += 1;
            safe.push(letter);
        } else if is_plain(letter) {
            accents = if letter == ' ' { MAX_ACCENTS } else { 0 };
            safe.push(letter);
        } else {
            accents = MAX_ACCENTS;
            let _ = write!(safe, "{}", letter.escape_unicode());
        }
    }
    safe
}

/// Latin accents, but for the joiner U+034F, which shows nothing.
fn is_accent(letter: char) -> bool {
    matches!(letter, '\u{300}'..='\u{36f}') && letter != '\u{34f}'
}

fn is_plain(letter: char) -> bool {
    if letter.is_ascii() {
        return !letter.is_ascii_control();
    }
    !is_unseen(letter) && letter.width().is_some_and(|width| width > 0)
}

/// Returns whether a terminal obeys, hides or reorders by this character.
pub(crate) fn is_unseen(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// Returns the columns that a shown text takes: never fewer than a terminal gives it.
pub(crate) fn width(text: &str) -> usize {
    text.chars().map(|letter| letter.width().unwrap_or(0)).sum()
}

/// Cuts a shown text to at most `columns`; a cut one ends in `…`.
pub(crate) fn cut(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    if columns == 0 {
        return String::new();
    }
    let (head, _) = split(text, columns - 1);
    format!("{}…", head.trim_end())
}

/// Splits a shown text so that the head takes at most `columns`.
pub(crate) fn split(text: &str, columns: usize) -> (&str, &str) {
    let mut taken = 0;
    for (at, letter) in text.char_indices() {
        let width = letter.width().unwrap_or(0);
        if taken + width > columns {
            return text.split_at(at);
        }
        taken += width;
    }
    (text, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_obeys_is_spelled_out() {
        assert_eq!(shown("a\u{1b}[31mb"), "a\\u{1b}[31mb");
        assert_eq!(shown("a\nb\tc\r\u{7f}"), "a\\u{a}b\\u{9}c\\u{d}\\u{7f}");
        assert_eq!(shown("\u{9b}2J"), "\\u{9b}2J");
        assert_eq!(shown("x\u{202e}y\u{2066}\u{200b}"), "x\\u{202e}y\\u{2066}\\u{200b}");
        assert_eq!(shown("☀\u{fe0f}\u{2028}"), "☀\\u{fe0f}\\u{2028}");
    }

    #[test]
    fn plain_text_of_any_script_stays() {
        for text in ["libssl3", "cafe\u{301}", "日本語", "Ünïcode – „quoted“", "\\u{1b}"]
        {
            assert_eq!(shown(text), text);
        }
    }

    #[test]
    fn stacked_and_leading_accents_are_spelled_out() {
        assert_eq!(shown("e\u{301}\u{302}\u{303}"), "e\u{301}\u{302}\\u{303}");
        assert_eq!(shown("\u{301}e"), "\\u{301}e");
    }

    #[test]
    fn cuts_are_by_columns_and_say_so() {
        assert_eq!(cut("abcdef", 6), "abcdef");
        assert_eq!(cut("abcdef", 4), "abc…");
        assert_eq!(cut("日本語", 5), "日本…");
        assert_eq!(cut("日本語", 4), "日…");
        assert_eq!(cut("ab cd", 4), "ab…");
        assert_eq!(cut("abc", 0), "");
    }
}
