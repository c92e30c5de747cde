//! The mirror, as a folder and as a server.

use std::time::Duration;

use plimsoll_net::{Client, Limits, Mirror, NetError, Options, Silent};

use crate::street::{Street, say};

const ROOMY: Limits = Limits { max_bytes: 1000, max_time: Duration::from_secs(20) };

fn folder() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    for (path, text) in [
        ("a.example/v1/main.json", "main"),
        ("a.example/list/index.html", "html"),
        ("a.example/both/index.html", "html"),
        ("a.example/both/index.json", "json"),
        ("a.example/Red_Hat/x_y.json", "odd"),
    ] {
        let path = root.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    root
}

fn offline(root: &std::path::Path) -> Client {
    let mirror = Some(Mirror::parse(root.to_str().unwrap()).unwrap());
    Client::new(Options { mirror, offline: true, ..Options::default() })
}

fn text(client: &Client, address: &str) -> Result<String, NetError> {
    let bytes = client.get(address, ROOMY, &Silent)?.into_bytes()?;
    Ok(String::from_utf8(bytes).unwrap())
}

#[test]
fn a_folder_answers_offline() {
    let root = folder();
    let client = offline(root.path());
    let ask = |address: &str| text(&client, address);
    assert_eq!(ask("https://a.example/v1/main.json?at=now").unwrap(), "main");
    assert_eq!(ask("https://a.example/list/").unwrap(), "html");
    assert_eq!(ask("https://a.example/both/").unwrap(), "json");
    assert_eq!(ask("https://a.example/Red%20Hat/x:y.json").unwrap(), "odd");
}

#[test]
fn no_file_is_not_found_and_no_way_leads_out() {
    let root = folder();
    std::fs::write(root.path().join("secret"), "secret").unwrap();
    let client = offline(&root.path().join("a.example"));
    for address in [
        "https://a.example/v1/main.json",
        "https://v1/",
        "https://list/%2e%2e%2f%2e%2e%2fsecret",
        "https://a.example/..%2f..%2fsecret",
    ] {
        let error = text(&client, address).unwrap_err();
        assert!(matches!(error, NetError::NotFound { .. }), "{address}: {error}");
    }
    let error = text(&client, "file:///etc/passwd").unwrap_err();
    assert!(matches!(error, NetError::BadAddress { .. }), "{error}");
}

#[test]
fn a_file_over_the_limit_is_refused() {
    let root = folder();
    std::fs::write(root.path().join("a.example/large"), vec![0; 1001]).unwrap();
    let error = text(&offline(root.path()), "https://a.example/large").unwrap_err();
    assert!(matches!(error, NetError::TooLarge { limit: 1000, .. }), "{error}");
}

#[test]
fn a_server_answers_by_the_same_rule() {
    let street = Street::open(|_, head, stream| match head.split(' ').nth(1) {
        Some("/m/a.example/red_hat/x.json") => say(stream, "200 OK", &[], b"odd"),
        Some("/m/a.example/list/index.html") => say(stream, "200 OK", &[], b"html"),
        _ => say(stream, "404 Not Found", &[], b""),
    });
    let mirror = Some(Mirror::parse(&format!("{}/m/", street.address)).unwrap());
    let client = Client::new(Options { mirror, ..Options::default() });
    assert_eq!(text(&client, "https://a.example/red%20hat/x.json?q=1").unwrap(), "odd");
    assert_eq!(text(&client, "https://a.example/list/").unwrap(), "html");
    let error = text(&client, "https://a.example/none").unwrap_err();
    assert!(matches!(error, NetError::NotFound { .. }), "{error}");
    let error = text(&client, "https://a.example/..%2f..%2fx").unwrap_err();
    assert!(matches!(error, NetError::NotFound { .. }), "{error}");
}
