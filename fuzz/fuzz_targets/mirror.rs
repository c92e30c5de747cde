//! From address to place in a mirror folder. The folder is empty and lies beside a file, so that an
//! address that is answered has left it.

#![no_main]

use std::sync::OnceLock;
use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use plimsoll_fuzz::Scratch;
use plimsoll_net::{Client, Limits, Mirror, NetError, Options, Silent};

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let _ = Mirror::parse(&text);
    let limits = Limits { max_bytes: 1 << 20, max_time: Duration::from_secs(1) };
    for address in [text.clone().into_owned(), format!("https://example.org/{text}")] {
        match client().get(&address, limits, &Silent) {
            Ok(_) => panic!("{address:?} leaves the mirror"),
            Err(NetError::NotFound { place, .. }) => {
                let place = place.split('`').nth(1).unwrap_or_default();
                let inside = place.split('/').all(|part| !matches!(part, "." | ".."));
                assert!(inside && !place.starts_with('/'), "{address:?} is at {place:?}");
            }
            Err(_) => {}
        }
    }
});

fn client() -> &'static Client {
    static CLIENT: OnceLock<Client> = OnceLock::new();
    CLIENT.get_or_init(|| {
        let scratch = Scratch::get();
        scratch.write("secret", b"outside");
        let root = scratch.path().join("mirror");
        std::fs::create_dir_all(&root).expect("a folder for the mirror");
        let mirror = Some(Mirror::Folder(root));
        Client::new(Options { mirror, offline: true, ..Options::default() })
    })
}
