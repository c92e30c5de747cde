//! ZIP archives out of the bytes of the fuzzer, with right sums, and archives in them.

use std::io::Write as _;

use arbitrary::{Result, Unstructured};

const NAMES: &[&str] = &[
    "META-INF/MANIFEST.MF",
    "META-INF/maven/org.example/lib/pom.properties",
    "META-INF/maven/org.example/lib/pom.xml",
    "META-INF/maven/g/a/pom.properties",
    "META-INF/maven/g/a/pom.xml",
    "BOOT-INF/lib/log4j-core-2.14.1.jar",
    "WEB-INF/lib/a.jar",
    "lib/b-1.0-SNAPSHOT.war",
    "a/B.class",
    "org/apache/logging/log4j/core/lookup/JndiLookup.class",
    "x/org/apache/logging/log4j/core/LoggerContext.class",
    "com/fasterxml/jackson/databind/ObjectMapper.class",
    "com/fasterxml/jackson/databind/cfg/PackageVersion.class",
    "META-INF/io.netty.versions.properties",
    "io/netty/util/internal/PlatformDependent.class",
    "org/yaml/snakeyaml/Yaml.class",
    "META-INF/",
    "../../etc/passwd",
];

const BODIES: &[&[u8]] = &[
    b"Manifest-Version: 1.0\r\nImplementation-Title: lib\r\nImplementation-Version: 1.2\r\n\
      Implementation-Vendor-Id: org.example\r\nBundle-SymbolicName: org.example.lib;x=y\r\n\
      Bundle-Version: 1.2.0\r\n\r\n",
    b"#x\ngroupId=org.example\nartifactId=lib\nversion=1.2\n",
    b"version=${project.version}\ngroupId=g\nartifactId=a\n",
    b"<project><parent><groupId>g</groupId><version>1</version></parent><!-- x --><artifactId>a</artifactId>\
      <licenses><license><name>MIT</name></license></licenses></project>",
    b"\xca\xfe\xba\xbe\0\0\0\x34\0\x05\x05\0\0\0\0\0\0\0\x07\x01\0\x06\x32.13.3\x01\0\x01x",
    b"netty-common.version=4.1.94.Final\n",
    b"A: 1\n\nName: org/yaml/snakeyaml/\nImplementation-Version: 1.26\n",
    b"Plugin-Version: 1 \r\n .2\r\nShort-Name: x\r\n",
    b"",
];

/// What members are made of.
#[derive(Clone, Copy)]
struct Kit<'a> {
    names: &'a [&'a str],
    bodies: &'a [&'a [u8]],
}

/// Makes a Java archive; `depth` is how many may be in each other.
pub fn archive(u: &mut Unstructured<'_>, depth: u32) -> Result<Vec<u8>> {
    make(u, depth, Kit { names: NAMES, bodies: BODIES })
}

/// Makes an archive of documents with these names and bodies, and others.
pub fn documents(u: &mut Unstructured<'_>, names: &[&str], bodies: &[&[u8]]) -> Result<Vec<u8>> {
    make(u, 0, Kit { names, bodies })
}

fn make(u: &mut Unstructured<'_>, depth: u32, kit: Kit<'_>) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut directory = Vec::new();
    let count = u.int_in_range(0..=6)?;
    for _ in 0..count {
        member(u, depth, kit, &mut bytes, &mut directory)?;
    }
    let start = bytes.len() as u32;
    bytes.extend_from_slice(&directory);
    bytes.extend_from_slice(b"PK\x05\x06\0\0\0\0");
    let told = if u.ratio(1, 16)? { u.arbitrary()? } else { count as u16 };
    bytes.extend_from_slice(&told.to_le_bytes());
    bytes.extend_from_slice(&told.to_le_bytes());
    bytes.extend_from_slice(&(directory.len() as u32).to_le_bytes());
    bytes.extend_from_slice(&start.to_le_bytes());
    bytes.extend_from_slice(&[0, 0]);
    if u.ratio(1, 3)? {
        crate::patch::apply(&mut bytes, &crate::patch::patches(u)?);
    }
    Ok(bytes)
}

fn member(
    u: &mut Unstructured<'_>,
    depth: u32,
    kit: Kit<'_>,
    bytes: &mut Vec<u8>,
    directory: &mut Vec<u8>,
) -> Result<()> {
    let mut name = u.choose(kit.names)?.as_bytes().to_vec();
    if u.ratio(1, 5)? {
        let count = u.int_in_range(0..=30)?;
        name.extend_from_slice(u.bytes(count)?);
    }
    let is_archive = name.ends_with(b".jar") || name.ends_with(b".war");
    let body = match u.int_in_range(0..=3)? {
        _ if is_archive && depth > 0 => make(u, depth - 1, kit)?,
        0 => {
            let count = u.int_in_range(0..=200)?.min(u.len());
            u.bytes(count)?.to_vec()
        }
        _ => u.choose(kit.bodies)?.to_vec(),
    };
    let mut sum = flate2::Crc::new();
    sum.update(&body);
    let method = *u.choose(&[0u16, 8, 8, 0, 8, 0, 12, 93])?;
    let packed = match method {
        8 if u.ratio(1, 4)? => deflate(&body),
        8 => stored_block(&body),
        _ => body.clone(),
    };
    let told = if u.ratio(1, 16)? { u.arbitrary()? } else { body.len() as u32 };
    let mut head = Vec::new();
    head.extend_from_slice(&20u16.to_le_bytes());
    let flags = if u.ratio(1, 12)? { u.arbitrary()? } else { 0u16 };
    head.extend_from_slice(&flags.to_le_bytes());
    head.extend_from_slice(&method.to_le_bytes());
    head.extend_from_slice(&[0; 4]);
    head.extend_from_slice(&sum.sum().to_le_bytes());
    head.extend_from_slice(&(packed.len() as u32).to_le_bytes());
    head.extend_from_slice(&told.to_le_bytes());
    head.extend_from_slice(&(name.len() as u16).to_le_bytes());
    head.extend_from_slice(&[0, 0]);
    let offset = bytes.len() as u32;
    bytes.extend_from_slice(b"PK\x03\x04");
    bytes.extend_from_slice(&head);
    bytes.extend_from_slice(&name);
    bytes.extend_from_slice(&packed);
    directory.extend_from_slice(b"PK\x01\x02\x14\0");
    directory.extend_from_slice(&head);
    directory.extend_from_slice(&[0; 10]);
    directory.extend_from_slice(&offset.to_le_bytes());
    directory.extend_from_slice(&name);
    Ok(())
}

/// Writes deflate's simplest form, since an encoder costs more time than all the reading.
fn stored_block(body: &[u8]) -> Vec<u8> {
    let Ok(length) = u16::try_from(body.len()) else { return deflate(body) };
    [&[1], &length.to_le_bytes()[..], &(!length).to_le_bytes(), body].concat()
}

fn deflate(body: &[u8]) -> Vec<u8> {
    let level = flate2::Compression::fast();
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), level);
    let _ = encoder.write_all(body);
    encoder.finish().unwrap_or_default()
}
