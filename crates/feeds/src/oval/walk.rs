//! From a tree of criteria to packages, each with what must hold beside it.

use super::{Criteria, Leaf};

/// What must hold beside a package: of each group, any one. `[[Oracle Linux 8], [x86_64], …]`.
pub(crate) type Beside<'c, 'a> = [Vec<&'c Leaf<'a>>];

/// Calls `take` for each leaf that `is_package` knows as one, with the leaves that must hold beside it.
///
/// A member of an `All` without packages restricts the packages of the other members; in an `Any` it
/// restricts nothing. Groups in groups of such leaves are taken as one: publishers write
/// `All(Any(product, …), Any(package, …))` and no more.
pub(crate) fn each_package<'c, 'a, E>(
    criteria: &'c Criteria<'a>,
    is_package: &dyn Fn(&Leaf<'a>) -> bool,
    take: &mut dyn FnMut(&Beside<'c, 'a>, &'c Leaf<'a>) -> Result<(), E>,
) -> Result<(), E> {
    descend(criteria, is_package, &mut Vec::new(), take)
}

fn descend<'c, 'a, E>(
    criteria: &'c Criteria<'a>,
    is_package: &dyn Fn(&Leaf<'a>) -> bool,
    beside: &mut Vec<Vec<&'c Leaf<'a>>>,
    take: &mut dyn FnMut(&Beside<'c, 'a>, &'c Leaf<'a>) -> Result<(), E>,
) -> Result<(), E> {
    match criteria {
        Criteria::Leaf(leaf) if is_package(leaf) => take(beside, leaf),
        Criteria::Leaf(_) => Ok(()),
        Criteria::Any(members) => {
            members.iter().try_for_each(|member| descend(member, is_package, beside, take))
        }
        Criteria::All(members) => {
            let outer = beside.len();
            let (packages, others): (Vec<_>, Vec<_>) =
                members.iter().partition(|member| holds_package(member, is_package));
            beside.extend(others.into_iter().map(|other| {
                let mut leaves = Vec::new();
                leaves_of(other, &mut leaves);
                leaves
            }));
            let result =
                packages.into_iter().try_for_each(|m| descend(m, is_package, beside, take));
            beside.truncate(outer);
            result
        }
    }
}

fn holds_package<'a>(criteria: &Criteria<'a>, is_package: &dyn Fn(&Leaf<'a>) -> bool) -> bool {
    match criteria {
        Criteria::Leaf(leaf) => is_package(leaf),
        Criteria::All(members) | Criteria::Any(members) => {
            members.iter().any(|member| holds_package(member, is_package))
        }
    }
}

fn leaves_of<'c, 'a>(criteria: &'c Criteria<'a>, leaves: &mut Vec<&'c Leaf<'a>>) {
    match criteria {
        Criteria::Leaf(leaf) => leaves.push(leaf),
        Criteria::All(members) | Criteria::Any(members) => {
            for member in members {
                leaves_of(member, leaves);
            }
        }
    }
}
