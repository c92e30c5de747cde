//! The texts in the constant pool of a class file.
//!
//! Source: The Java Virtual Machine Specification, chapter 4,
//! <https://docs.oracle.com/javase/specs/jvms/se21/html/jvms-4.html#jvms-4.4>.

const MAGIC: [u8; 4] = [0xca, 0xfe, 0xba, 0xbe];

/// Returns the texts of a class, in the order of the pool, up to where it is damaged. Those that are not
/// UTF-8 are left out.
pub(super) fn texts(class: &[u8]) -> Vec<&str> {
    let mut texts = Vec::new();
    let Some(rest) = class.strip_prefix(&MAGIC) else { return texts };
    // Minor and major version, then the number of the constants and one.
    let Some((count, mut rest)) = rest.get(4..).and_then(number) else { return texts };
    let mut index = 1;
    while index < count {
        let Some((tag, after)) = rest.split_first() else { return texts };
        let size = match tag {
            1 => {
                let Some((length, after)) = number(after) else { return texts };
                let Some(bytes) = after.get(..usize::from(length)) else { return texts };
                texts.extend(std::str::from_utf8(bytes));
                2 + usize::from(length)
            }
            3 | 4 | 9 | 10 | 11 | 12 | 17 | 18 => 4,
            5 | 6 => 8,
            7 | 8 | 16 | 19 | 20 => 2,
            15 => 3,
            _ => return texts,
        };
        let Some(next) = after.get(size..) else { return texts };
        rest = next;
        // Long and double take two places.
        index = index.saturating_add(if matches!(tag, 5 | 6) { 2 } else { 1 });
    }
    texts
}

fn number(bytes: &[u8]) -> Option<(u16, &[u8])> {
    let (number, rest) = bytes.split_first_chunk::<2>()?;
    Some((u16::from_be_bytes(*number), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A class with these constants: texts, and a `long` between them.
    fn class(texts: &[&str]) -> Vec<u8> {
        let mut class = MAGIC.to_vec();
        class.extend([0, 0, 0, 52]);
        class.extend((texts.len() as u16 + 3).to_be_bytes());
        class.extend([5, 0, 0, 0, 0, 0, 0, 0, 7]);
        for text in texts {
            class.push(1);
            class.extend((text.len() as u16).to_be_bytes());
            class.extend(text.as_bytes());
        }
        class
    }

    #[test]
    fn texts_are_read_past_other_constants() {
        let class = class(&["2.13.3", "jackson-databind"]);
        assert_eq!(texts(&class), ["2.13.3", "jackson-databind"]);
        assert_eq!(texts(&class[..class.len() - 1]), ["2.13.3"]);
    }

    #[test]
    fn any_cut_is_borne() {
        let class = class(&["2.13.3", "x"]);
        for end in 0..class.len() {
            assert!(texts(&class[..end]).len() < 2);
        }
        assert!(texts(b"hello").is_empty());
    }
}
