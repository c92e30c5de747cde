//! The product tree of a document, by id: what a component of a product is.

use std::collections::HashMap;

use super::component::{self, Named};
use super::document::{Branch, Product, ProductTree};

/// Most steps from a component up to its product.
const MAX_STEPS: usize = 4;

/// Products and relationships by their ids.
pub(super) struct Tree<'d> {
    products: HashMap<&'d str, &'d Product<'d>>,
    /// Component and what it belongs to.
    relations: HashMap<&'d str, (&'d str, &'d str)>,
}

/// A component of a product.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Member<'d> {
    /// The CPE of the product.
    pub(super) cpe: &'d str,
    /// What the component is; a package knows its module.
    pub(super) named: Named,
}

impl<'d> Tree<'d> {
    pub(super) fn new(tree: &'d ProductTree<'d>) -> Self {
        let mut products = HashMap::new();
        collect(&tree.branches, &mut products);
        for product in &tree.full_product_names {
            products.insert(&*product.product_id, product);
        }
        let relations = tree.relationships.iter().map(|relation| {
            let ends = (&*relation.product_reference, &*relation.relates_to_product_reference);
            (&*relation.full_product_name.product_id, ends)
        });
        Self { products, relations: relations.collect() }
    }

    /// Finds what an id of a status stands for; `None` when it is no component of a product that has
    /// a CPE, or has no package URL.
    pub(super) fn find(&self, id: &str) -> Option<Member<'d>> {
        let (component, mut parent) = *self.relations.get(id)?;
        let mut module = None;
        for _ in 0..MAX_STEPS {
            let Some((middle, above)) = self.relations.get(parent) else { break };
            if let Some(Named::Module(name)) = self.named(middle) {
                module = Some(name);
            }
            parent = *above;
        }
        let cpe = self.products.get(parent)?.helper.cpe.as_deref()?;
        let mut named = self.named(component)?;
        if let Named::Package(package) = &mut named
            && package.module.is_none()
        {
            package.module = module;
        }
        Some(Member { cpe, named })
    }

    fn named(&self, id: &str) -> Option<Named> {
        let product = self.products.get(id)?;
        Some(component::read(product.helper.purl.as_deref()?, id))
    }
}

/// Branches lie as deep as the JSON reader lets them, which is below 128.
fn collect<'d>(branches: &'d [Branch<'d>], products: &mut HashMap<&'d str, &'d Product<'d>>) {
    for branch in branches {
        if let Some(product) = &branch.product {
            products.insert(&*product.product_id, product);
        }
        collect(&branch.branches, products);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redhat::document;

    const DOCUMENT: &str = r#"{"document": {"tracking": {"id": "CVE-2024-1"}}, "product_tree": {
        "branches": [{"branches": [
            {"product": {"product_id": "AppStream", "product_identification_helper":
                {"cpe": "cpe:/a:redhat:enterprise_linux:8::appstream"}}},
            {"branches": [{"product": {"product_id": "ruby:3.0:80:ad", "product_identification_helper":
                {"purl": "pkg:rpmmod/redhat/ruby@3.0:80:ad"}}}]},
            {"product": {"product_id": "ruby-0:3-1.x", "product_identification_helper":
                {"purl": "pkg:rpm/redhat/ruby@3-1.module%2Bel8?arch=x86_64"}}}]}],
        "full_product_names": [{"product_id": "bare"}],
        "relationships": [
            {"full_product_name": {"product_id": "M"}, "product_reference": "ruby:3.0:80:ad",
                "relates_to_product_reference": "AppStream"},
            {"full_product_name": {"product_id": "MR"}, "product_reference": "ruby-0:3-1.x",
                "relates_to_product_reference": "M"},
            {"full_product_name": {"product_id": "no-purl"}, "product_reference": "bare",
                "relates_to_product_reference": "AppStream"},
            {"full_product_name": {"product_id": "loop"}, "product_reference": "ruby-0:3-1.x",
                "relates_to_product_reference": "loop"}]}}"#;

    #[test]
    fn a_package_of_a_module_of_a_product_is_found() {
        let document = document::read("x", None, DOCUMENT.as_bytes()).unwrap().unwrap();
        let tree = Tree::new(&document.product_tree);
        let member = tree.find("MR").unwrap();
        assert_eq!(member.cpe, "cpe:/a:redhat:enterprise_linux:8::appstream");
        let Named::Package(package) = member.named else { panic!() };
        assert_eq!((package.name.as_str(), package.module.as_deref()), ("ruby", Some("ruby:3.0")));
        assert_eq!(tree.find("M").unwrap().named, Named::Module("ruby:3.0".to_owned()));
        for none in ["no-purl", "loop", "AppStream", "bare", ""] {
            assert_eq!(tree.find(none), None, "{none}");
        }
    }
}
