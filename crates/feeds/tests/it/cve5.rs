//! Records of the CVE programme.

use plimsoll_feeds::{Harvest, Input, Row, Texts, cve5};
use plimsoll_model::Detail;

const RECORD: &str = r#"{"dataType": "CVE_RECORD", "dataVersion": "5.1",
 "cveMetadata": {"cveId": "CVE-2024-0001", "state": "PUBLISHED",
   "datePublished": "2024-09-23T17:25:00.000Z", "dateUpdated": "2024-09-24T00:00:00.000Z"},
 "containers": {
   "cna": {"title": "Local account stays enabled", "providerMetadata": {"shortName": "PureStorage"},
     "descriptions": [{"lang": "en", "value": "A condition exists\nin FlashArray Purity."}],
     "metrics": [{"cvssV3_1": {"version": "3.1", "vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H"}},
                 {"other": {"type": "text"}}],
     "problemTypes": [{"descriptions": [{"lang": "en", "cweId": "CWE-1188", "type": "CWE"}, {"description": "none"}]}],
     "references": [{"url": "https://support.example/1", "tags": ["vendor-advisory"]}]},
   "adp": [{"providerMetadata": {"shortName": "CISA-ADP"},
     "metrics": [{"cvssV4_0": {"vectorString": "CVSS:4.0/AV:N", "baseScore": 9.3}}]}]}}"#;

fn read(record: &str, texts: Texts) -> Result<Detail, String> {
    let mut harvest = Harvest::of(["cve:2024"], texts);
    let mut body = record.as_bytes();
    cve5::parse(Input { address: "x", body: &mut body }, &mut harvest)
        .map_err(|error| error.to_string())?;
    let draft = harvest.into_drafts().remove("cve:2024").unwrap();
    let (key, row) = draft.rows.into_iter().next().ok_or("no row")?;
    assert_eq!(key, "CVE-2024-0001");
    let Row::Detail(detail) = row else { panic!("not a detail") };
    Ok(*detail)
}

#[test]
fn both_containers_are_read() {
    let detail = read(RECORD, Texts::All).unwrap();
    assert_eq!(detail.title.as_deref(), Some("Local account stays enabled"));
    assert_eq!(detail.description.as_deref(), Some("A condition exists in FlashArray Purity."));
    assert_eq!(detail.cwe, ["CWE-1188"]);
    assert_eq!(detail.published.as_deref(), Some("2024-09-23"));
    assert_eq!(detail.urls, ["https://support.example/1"]);
    let ratings: Vec<String> =
        detail.cvss.iter().map(|c| format!("{} {} {}", c.source, c.version, c.score)).collect();
    assert_eq!(ratings, ["cna 3.1 10", "cisa-adp 4.0 9.3"]);
    assert!(!detail.rejected);
}

#[test]
fn without_texts_the_best_rating_stays() {
    let detail = read(RECORD, Texts::Of(std::collections::BTreeSet::new())).unwrap();
    assert_eq!((detail.description, detail.title, detail.cvss.len()), (None, None, 1));
}

#[test]
fn a_rejected_record_is_kept_as_such() {
    let record = r#"{"cveMetadata": {"cveId": "CVE-2024-0001", "state": "REJECTED"},
        "containers": {"cna": {"rejectedReasons": []}}}"#;
    assert!(read(record, Texts::All).unwrap().rejected);
    assert!(read(r#"{"cveMetadata": {"cveId": "GHSA-1"}}"#, Texts::All).is_err());
    assert!(read("{}", Texts::All).is_err());
    assert!(read(&RECORD[..200], Texts::All).is_err());
}
