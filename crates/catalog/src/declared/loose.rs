//! Values of JSON, TOML and YAML that may be of another shape than they should: then they are empty, and
//! the rest of the document is read all the same.

use std::marker::PhantomData;
use std::ops::Deref;

use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// The most entries of one list or table; beyond it the document is not read.
pub(super) const MAX_ENTRIES: usize = 100_000;

/// A text, number or truth value as text; anything else is empty.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub(super) struct Text(pub String);

/// A list; anything else is an empty one.
#[derive(Clone, Debug)]
pub(super) struct List<T>(pub Vec<T>);

/// A table in the order of the document; anything else is an empty one.
#[derive(Clone, Debug)]
pub(super) struct Table<T>(pub Vec<(String, T)>);

/// A text, or a table that is a `T`; anything else is an empty text.
#[derive(Clone, Debug)]
pub(super) enum Item<T> {
    /// A text.
    Text(String),
    /// A table.
    Table(T),
}

/// What a value is, without what it holds.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) enum Shape {
    /// Nothing.
    #[default]
    Nothing,
    /// A text, number or truth value.
    Word,
    /// A list.
    List,
    /// A table.
    Table,
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Text {
    /// Returns whether it is the truth value `true`.
    pub(super) fn is_true(&self) -> bool {
        self.0 == "true"
    }
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Default for Item<T> {
    fn default() -> Self {
        Self::Text(String::new())
    }
}

impl<T> Item<T> {
    /// Returns the table, if it is one.
    pub(super) fn table(&self) -> Option<&T> {
        match self {
            Self::Text(_) => None,
            Self::Table(table) => Some(table),
        }
    }
}

impl<T> List<Item<T>> {
    /// Returns the tables of the list.
    pub(super) fn tables(&self) -> impl Iterator<Item = &T> {
        self.0.iter().filter_map(Item::table)
    }
}

impl<T> Table<Item<T>> {
    /// Returns the entries that are tables.
    pub(super) fn tables(&self) -> impl Iterator<Item = (&str, &T)> {
        self.0.iter().filter_map(|(key, item)| Some((key.as_str(), item.table()?)))
    }
}

/// What becomes of each shape of a value; what is not told is thrown away.
trait Loose<'de>: Default {
    fn of_text(_: &str) -> Self {
        Self::default()
    }

    fn of_list<A: SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Self::default())
    }

    fn of_table<A: MapAccess<'de>>(mut table: A) -> Result<Self, A::Error> {
        while table.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Self::default())
    }
}

impl Loose<'_> for Text {
    fn of_text(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl<'de> Loose<'de> for Shape {
    fn of_text(_: &str) -> Self {
        Self::Word
    }

    fn of_list<A: SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Self::List)
    }

    fn of_table<A: MapAccess<'de>>(mut table: A) -> Result<Self, A::Error> {
        while table.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Self::Table)
    }
}

impl<'de, T: Deserialize<'de>> Loose<'de> for List<T> {
    fn of_list<A: SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        let mut taken = Vec::new();
        while let Some(item) = list.next_element()? {
            within_limit::<A::Error>(taken.len())?;
            taken.push(item);
        }
        Ok(Self(taken))
    }
}

impl<'de, T: Deserialize<'de>> Loose<'de> for Table<T> {
    fn of_table<A: MapAccess<'de>>(mut table: A) -> Result<Self, A::Error> {
        let mut taken = Vec::new();
        while let Some(entry) = table.next_entry()? {
            within_limit::<A::Error>(taken.len())?;
            taken.push(entry);
        }
        Ok(Self(taken))
    }
}

impl<'de, T: Deserialize<'de>> Loose<'de> for Item<T> {
    fn of_text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    fn of_table<A: MapAccess<'de>>(table: A) -> Result<Self, A::Error> {
        T::deserialize(MapAccessDeserializer::new(table)).map(Self::Table)
    }
}

fn within_limit<E: de::Error>(taken: usize) -> Result<(), E> {
    if taken < MAX_ENTRIES {
        return Ok(());
    }
    Err(E::custom(format_args!("more than {MAX_ENTRIES} entries in one list")))
}

struct LooseVisitor<T>(PhantomData<T>);

impl<'de, T: Loose<'de>> Visitor<'de> for LooseVisitor<T> {
    type Value = T;

    fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("any value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<T, E> {
        Ok(T::of_text(if value { "true" } else { "false" }))
    }

    fn visit_i64<E>(self, value: i64) -> Result<T, E> {
        Ok(T::of_text(&value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<T, E> {
        Ok(T::of_text(&value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<T, E> {
        Ok(T::of_text(&value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<T, E> {
        Ok(T::of_text(value))
    }

    fn visit_unit<E>(self) -> Result<T, E> {
        Ok(T::default())
    }

    fn visit_none<E>(self) -> Result<T, E> {
        Ok(T::default())
    }

    fn visit_some<D: Deserializer<'de>>(self, value: D) -> Result<T, D::Error> {
        value.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<T, A::Error> {
        T::of_list(list)
    }

    fn visit_map<A: MapAccess<'de>>(self, table: A) -> Result<T, A::Error> {
        T::of_table(table)
    }
}

macro_rules! loose {
    ($name:ty $(, $item:ident)?) => {
        impl<'de $(, $item: Deserialize<'de>)?> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(value: D) -> Result<Self, D::Error> {
                value.deserialize_any(LooseVisitor(PhantomData))
            }
        }
    };
}

loose!(Text);
loose!(Shape);
loose!(List<T>, T);
loose!(Table<T>, T);
loose!(Item<T>, T);

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default, serde::Deserialize)]
    #[serde(default)]
    struct Sample {
        text: Text,
        list: List<Text>,
        table: Table<Item<Inner>>,
    }

    #[derive(Debug, Default, serde::Deserialize)]
    #[serde(default)]
    struct Inner {
        version: Text,
    }

    fn json(text: &str) -> Sample {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn values_of_another_shape_are_empty() {
        let odd = json(r#"{"text": [{"a": [1]}], "list": {"a": 1}, "table": "x", "more": {}}"#);
        assert!(odd.text.is_empty() && odd.list.0.is_empty() && odd.table.0.is_empty());
        let plain = json(
            r#"{"text": 1.5, "list": [1, true, null, [], "é"], "table": {"b": "x", "a": {"version": -1}}}"#,
        );
        assert_eq!(&*plain.text, "1.5");
        let list: Vec<&str> = plain.list.0.iter().map(|text| &**text).collect();
        assert_eq!(list, ["1", "true", "", "", "é"]);
        assert!(plain.list.0[1].is_true());
        assert!(matches!(&plain.table.0[0].1, Item::Text(text) if text == "x"));
        let tables: Vec<_> =
            plain.table.tables().map(|(key, inner)| (key, &*inner.version)).collect();
        assert_eq!(tables, [("a", "-1")]);
    }

    #[test]
    fn lists_have_a_limit() {
        let list = |count: usize| format!("[{}]", vec!["1"; count].join(","));
        assert!(serde_json::from_str::<List<Text>>(&list(MAX_ENTRIES)).is_ok());
        let error = serde_json::from_str::<List<Text>>(&list(MAX_ENTRIES + 1)).unwrap_err();
        assert!(error.to_string().starts_with("more than 100000 entries"), "{error}");
    }
}
