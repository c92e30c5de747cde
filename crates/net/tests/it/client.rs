//! Retries, resumption, limits, redirects and the offline switch.

use std::io::{Read, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use plimsoll_net::{Client, Limits, NetError, Options, Progress, Silent};

use crate::street::{Street, say};

const ROOMY: Limits = Limits { max_bytes: 1 << 20, max_time: Duration::from_secs(20) };

fn client() -> Client {
    Client::new(Options { first_pause: Duration::from_millis(1), ..Options::default() })
}

fn fetch(street: &Street, path: &str, limits: Limits) -> Result<Vec<u8>, NetError> {
    client().get(&format!("{}{path}", street.address), limits, &Silent)?.into_bytes()
}

#[test]
fn too_many_requests_waits_as_asked_and_tries_again() {
    let street = Street::open(|number, _, stream| match number {
        0 => say(stream, "429 Too Many Requests", &["Retry-After: 1"], b""),
        _ => say(stream, "200 OK", &["ETag: \"a\""], b"body"),
    });
    let before = Instant::now();
    assert_eq!(fetch(&street, "/x", ROOMY).unwrap(), b"body");
    assert!(before.elapsed() >= Duration::from_secs(1));
    assert_eq!(street.requests().len(), 2);
}

#[test]
fn a_server_in_trouble_is_tried_a_few_times() {
    let street = Street::open(|_, _, stream| say(stream, "503 Service Unavailable", &[], b""));
    let error = fetch(&street, "/x", ROOMY).unwrap_err();
    assert!(matches!(error, NetError::Refused { status: 503, .. }), "{error}");
    assert_eq!(street.requests().len(), 4);
    assert!(error.hint().is_some());
}

#[test]
fn what_is_not_there_is_an_answer() {
    for status in ["404 Not Found", "410 Gone"] {
        let street = Street::open(move |_, _, stream| say(stream, status, &[], b"no"));
        let error = fetch(&street, "/x", ROOMY).unwrap_err();
        assert!(matches!(error, NetError::NotFound { .. }), "{error}");
        assert_eq!(street.requests().len(), 1);
    }
    let street = Street::open(|_, _, stream| say(stream, "403 Forbidden", &[], b"no"));
    let error = fetch(&street, "/x", ROOMY).unwrap_err();
    assert!(matches!(error, NetError::Refused { status: 403, .. }), "{error}");
    assert_eq!(street.requests().len(), 1);
}

#[test]
fn a_broken_body_is_resumed() {
    let street = Street::open(|number, head, stream| match number {
        0 => say(stream, "200 OK", &["ETag: \"v1\"", "Content-Length: 10"], b"0123"),
        1 => {
            assert!(
                head.contains("range: bytes=4-") && head.contains("if-range: \"v1\""),
                "{head}"
            );
            let headers = ["ETag: \"v1\"", "Content-Range: bytes 4-9/10", "Content-Length: 6"];
            say(stream, "206 Partial Content", &headers, b"45");
        }
        _ => {
            assert!(head.contains("range: bytes=6-"), "{head}");
            let headers = ["ETag: \"v1\"", "Content-Range: bytes 6-9/10"];
            say(stream, "206 Partial Content", &headers, b"6789");
        }
    });
    assert_eq!(fetch(&street, "/x", ROOMY).unwrap(), b"0123456789");
    assert_eq!(street.requests().len(), 3);
}

#[test]
fn halves_of_different_files_are_never_joined() {
    let street = Street::open(|number, _, stream| match number {
        0 => say(stream, "200 OK", &["ETag: \"v1\"", "Content-Length: 10"], b"0123"),
        _ => say(stream, "200 OK", &["ETag: \"v2\""], b"abcdefghij"),
    });
    let error = fetch(&street, "/x", ROOMY).unwrap_err();
    assert!(matches!(error, NetError::Changed { .. }), "{error}");

    let street = Street::open(|_, _, stream| say(stream, "200 OK", &["Content-Length: 10"], b"01"));
    let error = fetch(&street, "/x", ROOMY).unwrap_err();
    assert!(matches!(error, NetError::Broken { bytes: 2, .. }), "{error}");
    assert_eq!(street.requests().len(), 1);
}

#[test]
fn a_body_that_travels_packed_is_unpacked_within_the_limit() {
    let packed = |bytes: &[u8]| {
        let mut pack = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        pack.write_all(bytes).unwrap();
        pack.finish().unwrap()
    };
    let bodies = [packed(b"plain text"), packed(&vec![0; 100_000])];
    let street = Street::open(move |number, head, stream| {
        assert!(head.contains("accept-encoding: gzip"), "{head}");
        say(stream, "200 OK", &["Content-Encoding: gzip"], &bodies[number]);
    });
    let limits = Limits { max_bytes: 50_000, ..ROOMY };
    assert_eq!(fetch(&street, "/x", limits).unwrap(), b"plain text");
    let error = fetch(&street, "/x", limits).unwrap_err();
    assert!(matches!(error, NetError::TooLarge { limit: 50_000, .. }), "{error}");
}

#[test]
fn a_body_of_an_unknown_coding_is_refused() {
    let street =
        Street::open(|_, _, stream| say(stream, "200 OK", &["Content-Encoding: br"], b"?"));
    let error = fetch(&street, "/x", ROOMY).unwrap_err();
    assert!(matches!(error, NetError::Broken { .. }), "{error}");
}

#[test]
fn a_body_over_the_limit_is_refused_said_or_unsaid() {
    let street = Street::open(|number, _, stream| {
        if number == 0 {
            return say(stream, "200 OK", &[], &[b'x'; 101]);
        }
        // No length: the body ends with the connection.
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
        let _ = stream.write_all(&[b'x'; 101]);
    });
    let limits = Limits { max_bytes: 100, ..ROOMY };
    for _ in 0..2 {
        let error = fetch(&street, "/x", limits).unwrap_err();
        assert!(matches!(error, NetError::TooLarge { limit: 100, .. }), "{error}");
    }
    assert_eq!(fetch(&street, "/x", Limits { max_bytes: 101, ..ROOMY }).unwrap().len(), 101);
}

#[test]
fn a_body_that_drips_is_cut_off() {
    let street = Street::open(|_, _, stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
        for _ in 0..200 {
            std::thread::sleep(Duration::from_millis(20));
            if stream.write_all(b".").is_err() {
                return;
            }
        }
    });
    let before = Instant::now();
    let limits = Limits { max_time: Duration::from_millis(300), ..ROOMY };
    let error = fetch(&street, "/x", limits).unwrap_err();
    assert!(matches!(error, NetError::Timeout { .. }), "{error}");
    assert!(before.elapsed() < Duration::from_secs(3));
}

#[test]
fn only_silence_is_timed_not_the_whole_body() {
    let street = Street::open(|number, _, stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n");
        let pause = if number == 0 { 100 } else { 2000 };
        for _ in 0..10 {
            std::thread::sleep(Duration::from_millis(pause));
            if stream.write_all(b".").is_err() {
                return;
            }
        }
    });
    let silence_timeout = Duration::from_millis(500);
    let client = Client::new(Options { silence_timeout, ..Options::default() });
    let ask = || client.get(&format!("{}/x", street.address), ROOMY, &Silent)?.into_bytes();
    assert_eq!(ask().unwrap().len(), 10);
    let before = Instant::now();
    let error = ask().unwrap_err();
    assert!(matches!(error, NetError::Broken { bytes: 0, .. }), "{error}");
    assert!(before.elapsed() < Duration::from_millis(1900));
}

#[test]
fn a_broken_packed_body_is_resumed_in_the_same_packing() {
    let mut pack = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    pack.write_all(b"plain text, told twice: plain text").unwrap();
    let bytes = pack.finish().unwrap();
    let (total, half) = (bytes.len(), bytes.len() / 2);
    let street = Street::open(move |number, head, stream| {
        let length = format!("Content-Length: {total}");
        let range = format!("Content-Range: bytes {half}-{}/{total}", total - 1);
        let (etag, gzip) = ("ETag: \"v1\"", "Content-Encoding: gzip");
        match number % 2 {
            0 => say(stream, "200 OK", &[etag, gzip, &length], &bytes[..half]),
            _ if number == 1 => {
                assert!(head.contains(&format!("range: bytes={half}-")), "{head}");
                say(stream, "206 Partial Content", &[etag, gzip, &range], &bytes[half..]);
            }
            // The rest of another form of the file.
            _ => say(stream, "206 Partial Content", &[etag, &range], &bytes[half..]),
        }
    });
    assert_eq!(fetch(&street, "/x", ROOMY).unwrap(), b"plain text, told twice: plain text");
    let error = fetch(&street, "/x", ROOMY).unwrap_err();
    assert!(matches!(error, NetError::Changed { .. }), "{error}");
}

#[test]
fn a_server_that_says_nothing_is_given_up() {
    let street = Street::open(|_, _, _| std::thread::sleep(Duration::from_millis(1500)));
    let limits = Limits { max_time: Duration::from_millis(400), ..ROOMY };
    let error = fetch(&street, "/x", limits).unwrap_err();
    assert!(matches!(error, NetError::Timeout { .. }), "{error}");
}

#[test]
fn redirects_are_followed_but_not_for_ever() {
    let street = Street::open(|_, head, stream| match head.split(' ').nth(1) {
        Some("/from") => say(stream, "302 Found", &["Location: /to"], b""),
        Some("/to") => say(stream, "200 OK", &[], b"there"),
        _ => say(stream, "302 Found", &["Location: /loop"], b""),
    });
    assert_eq!(fetch(&street, "/from", ROOMY).unwrap(), b"there");
    let before = street.requests().len();
    let error = fetch(&street, "/loop", ROOMY).unwrap_err();
    assert!(matches!(error, NetError::Redirect { .. }), "{error}");
    assert!(street.requests().len() - before <= 10);
}

#[test]
fn a_closed_door_is_unreachable_and_remembered() {
    let port = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    let client =
        Client::new(Options { first_pause: Duration::from_millis(500), ..Options::default() });
    let ask = || client.get(&format!("http://127.0.0.1:{port}/x"), ROOMY, &Silent).unwrap_err();
    let before = Instant::now();
    let error = ask();
    assert!(matches!(error, NetError::Unreachable { .. }), "{error}");
    assert!(before.elapsed() >= Duration::from_millis(500), "one pause");
    assert!(error.to_string().contains("127.0.0.1"));
    let before = Instant::now();
    ask();
    assert!(before.elapsed() < Duration::from_millis(500), "no pause the second time");
}

#[test]
fn offline_opens_no_socket() {
    let street = Street::open(|_, _, stream| say(stream, "200 OK", &[], b"body"));
    let client = Client::new(Options { offline: true, ..Options::default() });
    let error = client.get(&format!("{}/x", street.address), ROOMY, &Silent).unwrap_err();
    assert!(matches!(error, NetError::Offline { .. }), "{error}");
    assert!(error.hint().is_some_and(|hint| hint.contains("--mirror")));
    std::thread::sleep(Duration::from_millis(50));
    assert!(street.requests().is_empty());
}

#[test]
fn progress_hears_every_byte_once() {
    #[derive(Default)]
    struct Count(AtomicU64, AtomicU64);
    impl Progress for Count {
        fn started(&self, _: &str, total: Option<u64>) {
            assert_eq!(total, Some(8));
        }
        fn received(&self, _: &str, bytes: u64) {
            self.0.fetch_add(bytes, Ordering::Relaxed);
        }
        fn ended(&self, _: &str) {
            self.1.fetch_add(1, Ordering::Relaxed);
        }
    }
    let street = Street::open(|number, _, stream| match number {
        0 => say(stream, "200 OK", &["ETag: \"v\"", "Content-Length: 8"], b"0123"),
        _ => say(stream, "206 Partial", &["Content-Range: bytes 4-7/8"], b"4567"),
    });
    let (client, count) = (client(), Count::default());
    let mut response = client.get(&format!("{}/x", street.address), ROOMY, &count).unwrap();
    assert_eq!((response.etag(), response.length()), (Some("\"v\""), Some(8)));
    let mut text = String::new();
    response.read_to_string(&mut text).unwrap();
    drop(response);
    assert_eq!(text, "01234567");
    assert_eq!((count.0.into_inner(), count.1.into_inner()), (8, 1));
}
