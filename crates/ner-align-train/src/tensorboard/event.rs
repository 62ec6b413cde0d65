//! The few fields of TensorFlow's `Event` message that event files of scalars need, as protobuf.

/// Wire types of protobuf.
const VARINT: u64 = 0;
const FIXED64: u64 = 1;
const BYTES: u64 = 2;
const FIXED32: u64 = 5;

/// The first event of a file.
pub(super) fn version(wall: f64) -> Vec<u8> {
    let mut event = head(wall, 0);
    bytes(&mut event, 3, b"brain.Event:2");
    event
}

/// The event of a run that starts or resumes with this step: `SessionLog` with the status `START`.
pub(super) fn start(wall: f64, step: usize) -> Vec<u8> {
    let mut event = head(wall, step);
    let mut log = Vec::new();
    key(&mut log, 1, VARINT);
    varint(&mut log, 1);
    bytes(&mut event, 7, &log);
    event
}

/// Values of one step: a `Summary` of `simple_value`s.
pub(super) fn scalars(wall: f64, step: usize, scalars: &[(&str, f64)]) -> Vec<u8> {
    let mut summary = Vec::new();
    for (tag, scalar) in scalars {
        let mut value = Vec::new();
        bytes(&mut value, 1, tag.as_bytes());
        key(&mut value, 2, FIXED32);
        value.extend((*scalar as f32).to_le_bytes());
        bytes(&mut summary, 1, &value);
    }
    let mut event = head(wall, step);
    bytes(&mut event, 5, &summary);
    event
}

/// `wall_time`, in seconds since 1970, and `step`.
fn head(wall: f64, step: usize) -> Vec<u8> {
    let mut event = Vec::new();
    key(&mut event, 1, FIXED64);
    event.extend(wall.to_le_bytes());
    key(&mut event, 2, VARINT);
    varint(&mut event, step as u64);
    event
}

fn key(out: &mut Vec<u8>, field: u64, wire: u64) {
    varint(out, field << 3 | wire);
}

fn bytes(out: &mut Vec<u8>, field: u64, data: &[u8]) {
    key(out, field, BYTES);
    varint(out, data.len() as u64);
    out.extend(data);
}

/// Seven bits a byte, the lowest first; the eighth says that more follow.
fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}
