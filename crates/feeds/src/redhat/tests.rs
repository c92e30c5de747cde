//! The limits of documents and repositories, each met.

use serde_json::{Value, json};

use super::products::MAX_CPE_BYTES;
use super::{REDHAT, REDHAT_CPE, REPOSITORIES, entries, facts, read_bounded, repositories, rows};
use crate::error::FeedError;
use crate::feed::{Draft, Feed, Harvest, Input, Row, Texts};

const CPE: &str = "cpe:/o:redhat:enterprise_linux:9";

/// A document with one fixed build in one product.
fn document(cpe: &str, version: &str) -> Value {
    json!({
        "document": {"title": "t", "tracking": {"id": "CVE-2024-1", "status": "final"}},
        "product_tree": {
            "full_product_names": [
                {"product_id": "P", "product_identification_helper": {"cpe": cpe}},
                {"product_id": "C", "product_identification_helper":
                    {"purl": format!("pkg:rpm/redhat/hull@{version}?arch=x86_64")}}],
            "relationships": [{"full_product_name": {"product_id": "P:C"}, "product_reference": "C",
                "relates_to_product_reference": "P"}]},
        "vulnerabilities": [{"cve": "CVE-2024-1", "product_status": {"fixed": ["P:C"]}}]
    })
}

fn read(feed: &Feed, address: &str, namespace: &str, json: &Value) -> Draft {
    let text = json.to_string();
    let mut body = text.as_bytes();
    let mut harvest = Harvest::of([namespace], Texts::All);
    (feed.parse)(Input { address, body: &mut body }, &mut harvest).unwrap();
    harvest.into_drafts().remove(namespace).unwrap()
}

fn rows_of(document: &Value) -> (usize, u64) {
    let draft = read(&REDHAT, "x/2024/cve-2024-1.json", "redhat:9", document);
    (draft.rows.len(), draft.dropped)
}

fn only_row(document: &Value) -> plimsoll_model::Advisory {
    let draft = read(&REDHAT, "x/2024/cve-2024-1.json", "redhat:9", document);
    let [(_, Row::Lean(row))] = draft.rows.as_slice() else { panic!("{:?}", draft.rows) };
    row.advisory()
}

#[test]
fn a_document_has_only_so_many_bytes() {
    let read = |limit| read_bounded(Input { address: "x", body: &mut &b"{    }"[..] }, limit);
    assert_eq!(read(6).unwrap(), b"{    }");
    let error = read(5).unwrap_err();
    assert!(matches!(error, FeedError::Limit { what: "bytes", limit: 5, .. }), "{error}");
}

#[test]
fn names_and_versions_that_are_too_long_are_no_rows() {
    assert_eq!(rows_of(&document(CPE, "1-2.el9")), (1, 0));
    let longest = |bytes: usize| format!("1-{}", "2".repeat(bytes - 2));
    assert_eq!(rows_of(&document(CPE, &longest(entries::MAX_VERSION_BYTES))), (1, 0));
    assert_eq!(rows_of(&document(CPE, &longest(entries::MAX_VERSION_BYTES + 1))), (0, 1));
    let cpe = |bytes: usize| format!("{CPE}::{}", "x".repeat(bytes - CPE.len() - 2));
    assert_eq!(rows_of(&document(&cpe(MAX_CPE_BYTES), "1-2")), (1, 0));
    assert_eq!(rows_of(&document(&cpe(MAX_CPE_BYTES + 1), "1-2")), (0, 0), "left out");
    // A fix without a build cannot be compared.
    let mut none = document(CPE, "1-2");
    none["product_tree"]["full_product_names"][1]["product_identification_helper"]["purl"] =
        json!("pkg:rpm/redhat/hull?arch=x86_64");
    assert_eq!(rows_of(&none), (0, 1));
}

#[test]
fn titles_addresses_and_ratings_are_limited() {
    let mut many = document(CPE, "1-2.el9");
    many["document"]["title"] = json!("x".repeat(rows::MAX_TITLE_CHARS + 1));
    let rating = |place: usize| {
        let products = if place == facts::MAX_RATINGS { json!(["P:C"]) } else { json!(["other"]) };
        let vector = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:L/A:N";
        json!({"cvss_v3": {"version": "3.1", "baseScore": 5.3, "vectorString": vector},
            "products": products})
    };
    many["vulnerabilities"][0]["scores"] = (0..=facts::MAX_RATINGS).map(rating).collect();
    let row = only_row(&many);
    assert_eq!(row.title.unwrap().chars().count(), rows::MAX_TITLE_CHARS);
    assert!(row.cvss.is_empty(), "the last rating is beyond the limit");

    // One build in many products, each with an advisory of its own.
    let count = rows::MAX_URLS + 3;
    let mut many = document(CPE, "1-2.el9");
    let tree = &mut many["product_tree"];
    for n in 0..count {
        tree["full_product_names"]
            .as_array_mut()
            .unwrap()
            .push(json!({"product_id": format!("P{n}"),
            "product_identification_helper": {"cpe": format!("{CPE}::{n}")}}));
        tree["relationships"].as_array_mut().unwrap().push(json!({
            "full_product_name": {"product_id": format!("P{n}:C")}, "product_reference": "C",
            "relates_to_product_reference": format!("P{n}")}));
    }
    let ids: Vec<String> = (0..count).map(|n| format!("P{n}:C")).collect();
    let fixes = ids.iter().map(|id| {
        json!({"category": "vendor_fix", "url": format!("https://h.example/{id}"), "product_ids": [id]})
    });
    many["vulnerabilities"][0]["remediations"] = fixes.collect();
    many["vulnerabilities"][0]["product_status"]["fixed"] = json!(ids);
    let row = only_row(&many);
    assert_eq!((row.urls.len(), row.scope.products.len()), (rows::MAX_URLS, count));
}

#[test]
fn a_repository_holds_only_so_many_products() {
    let dropped = |count: usize| {
        let cpes: Vec<String> = (0..count).map(|n| format!("cpe:/a:redhat:{n}")).collect();
        let json = json!({"data": {"one": {"cpes": cpes}}});
        let draft = read(&REDHAT_CPE, REPOSITORIES, "redhat-cpe", &json);
        (draft.rows.len(), draft.dropped)
    };
    assert_eq!(dropped(repositories::MAX_PRODUCTS), (1, 0));
    assert_eq!(dropped(repositories::MAX_PRODUCTS + 1), (0, 1));
}
