//! The native report against its schema, and back again.

use plimsoll_model::Report;
use plimsoll_report::{FORMATS, REPORT_SCHEMA, Style, parse_report};
use serde_json::{Value, json};

use crate::sample;
use crate::tables::written;

fn samples() -> Vec<Report> {
    vec![
        sample::rich(),
        sample::inventory(),
        sample::folder(),
        sample::not_judged(),
        sample::empty(),
    ]
}

/// Forbids fields that the schema does not name.
fn strict(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            fields.values_mut().for_each(strict);
            if fields.contains_key("properties") && fields.get("type") == Some(&json!("object")) {
                fields.insert("additionalProperties".to_owned(), json!(false));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(strict),
        _ => {}
    }
}

fn validator() -> jsonschema::Validator {
    let mut schema: Value = serde_json::from_str(REPORT_SCHEMA).unwrap();
    strict(&mut schema);
    jsonschema::draft202012::new(&schema).unwrap()
}

fn value(report: &Report) -> Value {
    serde_json::from_str(&written("json", report, &Style::default())).unwrap()
}

#[test]
fn the_schema_is_one() {
    let schema: Value = serde_json::from_str(REPORT_SCHEMA).unwrap();
    assert!(jsonschema::meta::is_valid(&schema));
}

#[test]
fn every_sample_is_valid_and_has_no_field_that_the_schema_lacks() {
    let validator = validator();
    for report in samples() {
        let value = value(&report);
        let errors: Vec<String> = validator
            .iter_errors(&value)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }
}

#[test]
fn what_is_wrong_is_not_valid() {
    let validator = validator();
    let good = value(&sample::rich());
    for (pointer, bad) in [
        ("/schema_version", json!(2)),
        ("/as_of", json!("today")),
        ("/coverage/verdict", json!("clean")),
        ("/coverage/gaps/0/kind", json!("other")),
        ("/findings/0/severity", json!("HIGH")),
        ("/findings/0/state", json!("open")),
        ("/findings/0/cvss/0/score", json!(11)),
        ("/findings/0/package", json!("libssl3")),
        ("/packages/0/evidence", json!([])),
        ("/packages/0/layer", json!(-1)),
        ("/packages/9/owner", json!("python3")),
        ("/packages/3/vendor", json!(null)),
        ("/target/layers/0/verified", json!("yes")),
        ("/target/digest", json!("3f1c")),
        ("/advice/steps/0/action", json!("pray")),
        ("/summary/by_severity/high", json!(null)),
        ("/findings", json!(null)),
    ] {
        let mut value = good.clone();
        *value.pointer_mut(pointer).unwrap() = bad;
        assert!(!validator.is_valid(&value), "{pointer}");
    }
    for field in ["target", "coverage", "packages", "problems", "summary", "database", "tool"] {
        let mut value = good.clone();
        value.as_object_mut().unwrap().remove(field).unwrap();
        assert!(!validator.is_valid(&value), "{field}");
    }
    let mut value = good;
    value["target"]["colour"] = json!("red");
    assert!(!validator.is_valid(&value));
}

#[test]
fn a_report_reads_back_as_it_was() {
    for report in samples() {
        let text = written("json", &report, &Style::default());
        assert_eq!(parse_report(text.as_bytes()).unwrap(), report);
    }
}

#[test]
fn two_writes_are_the_same_bytes() {
    for format in FORMATS {
        for report in samples() {
            let first = written(format.name, &report, &Style::default());
            assert_eq!(first, written(format.name, &report.clone(), &Style::default()));
            assert!(first.ends_with('\n') && !first.ends_with("\n\n"));
        }
    }
}

#[test]
fn an_inventory_has_no_findings_database_or_advice() {
    let value = value(&sample::inventory());
    for field in ["findings", "database", "advice"] {
        assert!(value.get(field).is_none(), "{field}");
    }
}

#[test]
fn no_raw_control_character_reaches_the_terminal() {
    let text = written("json", &sample::rich(), &Style::default());
    assert!(text.contains("evil\\u001b[2J\\u202epkg\\nTotal: 0"), "{text}");
    assert!(text.contains("1.0\\u009b31m"), "{text}");
    assert!(text.chars().all(|letter| letter == '\n' || !letter.is_control()));
}
