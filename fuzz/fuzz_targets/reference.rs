//! What a user names: references and platforms. A platform that is read is read again the same, if
//! it is not so long that it is shown cut.

#![no_main]

use libfuzzer_sys::fuzz_target;
use plimsoll_source::{Platform, Reference};

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    match Reference::parse(&text) {
        Ok(reference) => {
            let _ = reference.describe();
        }
        Err(error) => {
            let told = error.to_string();
            assert!(told.chars().all(|letter| !letter.is_control()), "{told:?}");
        }
    }
    if let Ok(platform) = text.parse::<Platform>()
        && text.len() <= 200
    {
        let again: Platform = platform.to_string().parse().expect("a platform is read again");
        assert_eq!(again, platform);
        assert!(platform.accepts(&again));
    }
});
