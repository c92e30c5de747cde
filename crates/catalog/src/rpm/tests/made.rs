//! Headers and databases made for the tests.

/// A value of a header.
#[derive(Clone, Copy)]
pub(super) enum Value<'a> {
    Text(&'a str),
    Texts(&'a [&'a str]),
    Numbers(&'a [u32]),
}

/// Makes a header of tags and values.
pub(super) fn header(entries: &[(u32, Value<'_>)]) -> Vec<u8> {
    let (mut index, mut data) = (Vec::new(), Vec::new());
    for (tag, value) in entries {
        let offset = data.len() as u32;
        let (kind, count) = match value {
            Value::Text(text) => {
                data.extend_from_slice(text.as_bytes());
                data.push(0);
                (6, 1)
            }
            Value::Texts(texts) => {
                texts.iter().for_each(|text| {
                    data.extend_from_slice(text.as_bytes());
                    data.push(0);
                });
                (8, texts.len() as u32)
            }
            Value::Numbers(numbers) => {
                numbers.iter().for_each(|number| data.extend_from_slice(&number.to_be_bytes()));
                (4, numbers.len() as u32)
            }
        };
        for number in [*tag, kind, offset, count] {
            index.extend_from_slice(&number.to_be_bytes());
        }
    }
    let mut blob = (entries.len() as u32).to_be_bytes().to_vec();
    blob.extend_from_slice(&(data.len() as u32).to_be_bytes());
    blob.extend_from_slice(&index);
    blob.extend_from_slice(&data);
    blob
}

/// A header of a package of that name, so long.
pub(super) fn long_header(name: &str, bytes: usize) -> Vec<u8> {
    let filling = "x".repeat(bytes);
    let entries = [
        (1000, Value::Text(name)),
        (1001, Value::Text("1")),
        (1002, Value::Text("1")),
        (1005, Value::Text(&filling)),
    ];
    header(&entries)
}

/// The pages of [`sqlite`].
pub(super) const PAGE_BYTES: usize = 512;

/// Makes a database of SQLite: page 1 has the schema, page 2 the one row, pages from 3 on its rest.
pub(super) fn sqlite(blob: &[u8]) -> Vec<u8> {
    let mut record = Vec::from([0, 0]);
    push_varint(&mut record, 12 + 2 * blob.len() as u64);
    record[0] = record.len() as u8;
    record.extend_from_slice(blob);
    let schema = b"\x06\x17\x1d\x1d\x01\x0ftablePackagesPackages\x02-";
    let mut file = page(100, schema, schema.len());
    file[..16].copy_from_slice(b"SQLite format 3\0");
    file[16..18].copy_from_slice(&(PAGE_BYTES as u16).to_be_bytes());
    let least = (PAGE_BYTES - 12) * 32 / 255 - 23;
    let fitting = least + (record.len() - least) % (PAGE_BYTES - 4);
    let local = if fitting <= PAGE_BYTES - 35 { fitting } else { least };
    assert!(record.len() > PAGE_BYTES - 35, "the row takes more than a page");
    let (head, rest) = record.split_at(local);
    let head = [head, &3u32.to_be_bytes()].concat();
    file.extend_from_slice(&page(0, &head, record.len()));
    let parts = rest.chunks(PAGE_BYTES - 4);
    let last = parts.len() - 1;
    for (index, part) in parts.enumerate() {
        let next = if index == last { 0 } else { index as u32 + 4 };
        file.extend_from_slice(&next.to_be_bytes());
        file.extend_from_slice(part);
        file.resize(file.len().next_multiple_of(PAGE_BYTES), 0);
    }
    file
}

/// Makes a leaf of one cell whose b-tree begins at `at`.
fn page(at: usize, payload: &[u8], bytes: usize) -> Vec<u8> {
    let mut cell = Vec::new();
    push_varint(&mut cell, bytes as u64);
    cell.push(1);
    cell.extend_from_slice(payload);
    let start = PAGE_BYTES - cell.len();
    let mut page = vec![0; PAGE_BYTES];
    page[at] = 13;
    page[at + 4] = 1;
    page[at + 8..at + 10].copy_from_slice(&(start as u16).to_be_bytes());
    page[start..].copy_from_slice(&cell);
    page
}

fn push_varint(bytes: &mut Vec<u8>, number: u64) {
    for shift in [21, 14, 7] {
        if number >> shift > 0 {
            bytes.push((number >> shift) as u8 | 0x80);
        }
    }
    bytes.push(number as u8 & 0x7f);
}
