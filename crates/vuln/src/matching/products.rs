//! Which products of its distribution a target has: what its repositories give, or what is usual.

use std::collections::BTreeMap;

use plimsoll_model::{Channel, Distro, DistroRow, Package};

use crate::cpe;
use crate::database::{Database, DatabaseError};
use crate::shard::ShardError;

/// The products of a target, by layer.
#[derive(Debug, Default)]
pub(super) struct Products {
    /// `None` holds those of packages whose layer tells nothing.
    by_layer: BTreeMap<Option<u32>, Vec<String>>,
    /// Why the repositories that the target names could not be looked up.
    pub(super) unavailable: Option<(String, DatabaseError)>,
}

impl Products {
    /// Finds the products of a target out.
    ///
    /// # Errors
    /// A damaged shard.
    pub(super) fn of(distro: Option<&Distro>, database: &dyn Database) -> Result<Self, ShardError> {
        let mut products = Self::default();
        let Some((distro, row)) = distro.and_then(|distro| Some((distro, distro.row?))) else {
            return Ok(products);
        };
        // What a target stays on, extended support for one, is judged by the usual products too where
        // nothing is said of its own: that it has no weaknesses would be a guess.
        let usual: Vec<String> =
            row.products.iter().map(|name| name.replace("{}", &distro.release)).collect();
        let mut all = usual.clone();
        for channel in &distro.channels {
            let found = products.of_channel(row, channel, database)?;
            all.extend(found.iter().cloned());
            let of_layer = products.by_layer.entry(channel.layer).or_default();
            of_layer.extend(found);
            of_layer.extend(usual.iter().cloned());
        }
        products.by_layer.entry(None).or_default().extend(all);
        products.by_layer.retain(|_, names| !names.is_empty());
        for names in products.by_layer.values_mut() {
            names.sort();
            names.dedup();
        }
        Ok(products)
    }

    fn of_channel(
        &mut self,
        row: &DistroRow,
        channel: &Channel,
        database: &dyn Database,
    ) -> Result<Vec<String>, ShardError> {
        let mut found = Vec::new();
        for name in &channel.names {
            if name.starts_with("cpe:/") {
                found.push(name.clone());
            } else if let Some((_, product)) = row.services.iter().find(|(of, _)| of == name) {
                found.push((*product).to_owned());
            } else if !row.product_map.is_empty() && self.unavailable.is_none() {
                match database.shard(row.product_map) {
                    Ok(shard) => found.extend(shard.strings(name)?.unwrap_or_default()),
                    Err(error) => self.unavailable = Some((row.product_map.to_owned(), error)),
                }
            }
        }
        Ok(found)
    }

    /// Returns the products that a package may be from.
    pub(super) fn of_package(&self, package: &Package) -> &[String] {
        let of_layer = package.layer.and_then(|layer| self.by_layer.get(&Some(layer)));
        of_layer.or_else(|| self.by_layer.get(&None)).map_or(&[], Vec::as_slice)
    }
}

/// Returns whether a record about one of these products speaks of a package that may be from one of
/// those.
pub(super) fn meet(record: &[String], target: &[String]) -> bool {
    record
        .iter()
        .any(|record| target.iter().any(|target| record == target || cpe::covers(record, target)))
}
