//! The machine that runs a pickle (`pickletools` of Python describes its operations).

use std::rc::Rc;

use super::value::{Function, Pickled, Storage, Value};

/// How deep tuples may be nested; those of tensors are nested twice.
const DEEPEST: usize = 32;
/// Keys under which training tools keep the weights beside other things.
const INNER: [&str; 3] = ["state_dict", "model_state_dict", "model"];

type Outcome<T> = Result<T, String>;

/// A stack, a memory, and the dictionaries that were made.
#[derive(Debug)]
pub(super) struct Machine<'a> {
    bytes: &'a [u8],
    at: usize,
    stack: Vec<Value>,
    memory: Vec<Value>,
    /// Keys and values of each dictionary.
    dicts: Vec<Vec<(Value, Value)>>,
}

impl<'a> Machine<'a> {
    /// The tensors of the dictionary that the pickle makes, by name.
    pub(super) fn run(bytes: &'a [u8]) -> Outcome<Vec<(String, Pickled)>> {
        let (stack, memory) = (Vec::new(), Vec::new());
        let mut machine = Machine { bytes, at: 0, stack, memory, dicts: Vec::new() };
        while machine.step()? {}
        let Some(Value::Dict(mut dict)) = machine.stack.pop() else {
            return Err("found another value".to_owned());
        };
        let inner = |dict: usize| {
            machine.dicts[dict].iter().find_map(|(key, value)| match (key, value) {
                (Value::Text(key), Value::Dict(inner)) if INNER.contains(&&**key) => Some(*inner),
                _ => None,
            })
        };
        dict = inner(dict).unwrap_or(dict);
        let tensors: Vec<_> = machine.dicts[dict]
            .iter()
            .filter_map(|(key, value)| match (key, value) {
                (Value::Text(name), Value::Tensor(tensor)) => {
                    Some((name.to_string(), tensor.as_ref().clone()))
                }
                _ => None,
            })
            .collect();
        if tensors.is_empty() { Err("found no tensor".to_owned()) } else { Ok(tensors) }
    }

    /// Makes one operation; false at the end.
    fn step(&mut self) -> Outcome<bool> {
        let operation = self.byte()?;
        match operation {
            b'.' => return Ok(false),
            // The version, and how long the next part is.
            0x80 => self.skip(1)?,
            0x95 => self.skip(8)?,
            b'(' => self.stack.push(Value::Mark),
            b'N' | 0x88 | 0x89 => self.stack.push(Value::Other),
            b'K' => {
                let value = self.number(1)?;
                self.stack.push(Value::Int(value));
            }
            b'M' => {
                let value = self.number(2)?;
                self.stack.push(Value::Int(value));
            }
            b'J' => {
                let value = self.number(4)? as i32;
                self.stack.push(Value::Int(value.into()));
            }
            0x8A => {
                let length = self.length(1)?;
                let value = whole(self.take(length)?);
                self.stack.push(value.map_or(Value::Other, Value::Int));
            }
            b'G' => {
                self.skip(8)?;
                self.stack.push(Value::Other);
            }
            b'X' => self.text(4)?,
            0x8C => self.text(1)?,
            b'U' | b'C' => {
                let length = self.length(1)?;
                self.skip(length)?;
                self.stack.push(Value::Other);
            }
            b')' => self.tuple(Vec::new())?,
            0x85..=0x87 => {
                let count = usize::from(operation - 0x84);
                let from = self.stack.len().checked_sub(count).ok_or_else(empty)?;
                let values = self.stack.split_off(from);
                self.tuple(values)?;
            }
            b't' => {
                let values = self.since_mark()?;
                self.tuple(values)?;
            }
            b'}' => self.dict(),
            b']' | 0x8F => self.stack.push(Value::Other),
            b'a' => {
                self.pop()?;
            }
            b'e' | 0x90 => {
                self.since_mark()?;
            }
            b's' => {
                let (value, key) = (self.pop()?, self.pop()?);
                self.set(vec![key, value])?;
            }
            b'u' => {
                let values = self.since_mark()?;
                self.set(values)?;
            }
            b'c' => {
                let (module, name) = (self.line()?, self.line()?);
                self.function(&module, &name)?;
            }
            0x93 => match (self.pop()?, self.pop()?) {
                (Value::Text(name), Value::Text(module)) => self.function(&module, &name)?,
                _ => return Err("found a function without a name".to_owned()),
            },
            b'Q' => {
                let storage = storage(&self.pop()?)?;
                self.stack.push(storage);
            }
            b'R' => {
                let (arguments, function) = (self.pop()?, self.pop()?);
                let value = self.call(&function, &arguments)?;
                self.stack.push(value);
            }
            // The state of an object, such as the versions of a model's parts.
            b'b' => {
                self.pop()?;
            }
            b'q' => {
                let at = self.length(1)?;
                self.remember(at)?;
            }
            b'r' => {
                let at = self.length(4)?;
                self.remember(at)?;
            }
            0x94 => self.remember(self.memory.len())?,
            b'h' => {
                let at = self.length(1)?;
                self.recall(at)?;
            }
            b'j' => {
                let at = self.length(4)?;
                self.recall(at)?;
            }
            other => return Err(format!("found the operation 0x{other:02x}")),
        }
        Ok(true)
    }

    fn take(&mut self, count: usize) -> Outcome<&'a [u8]> {
        let end = self.at.checked_add(count);
        let bytes = end.and_then(|end| self.bytes.get(self.at..end));
        let bytes = bytes.ok_or_else(|| "found its end too early".to_owned())?;
        self.at += count;
        Ok(bytes)
    }

    fn byte(&mut self) -> Outcome<u8> {
        self.take(1).map(|bytes| bytes[0])
    }

    fn skip(&mut self, count: usize) -> Outcome<()> {
        self.take(count).map(|_| ())
    }

    /// A number of up to four bytes, the lowest first.
    fn number(&mut self, bytes: usize) -> Outcome<i64> {
        let bytes = self.take(bytes)?;
        Ok(bytes.iter().rev().fold(0, |number, &byte| number << 8 | i64::from(byte)))
    }

    fn length(&mut self, bytes: usize) -> Outcome<usize> {
        Ok(self.number(bytes)? as usize)
    }

    /// A text with its length, in so many bytes, before it.
    fn text(&mut self, bytes: usize) -> Outcome<()> {
        let length = self.length(bytes)?;
        let text = std::str::from_utf8(self.take(length)?).map_err(|error| error.to_string())?;
        self.stack.push(Value::Text(text.into()));
        Ok(())
    }

    fn line(&mut self) -> Outcome<String> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let length = rest.iter().position(|&byte| byte == b'\n').ok_or_else(empty)?;
        let line = String::from_utf8_lossy(self.take(length)?).into_owned();
        self.skip(1)?;
        Ok(line)
    }

    fn pop(&mut self) -> Outcome<Value> {
        self.stack.pop().ok_or_else(empty)
    }

    /// The values since the last mark, which goes, too.
    fn since_mark(&mut self) -> Outcome<Vec<Value>> {
        let mark = self.stack.iter().rposition(|value| matches!(value, Value::Mark));
        let values = self.stack.split_off(mark.ok_or_else(empty)? + 1);
        self.stack.pop();
        Ok(values)
    }

    fn tuple(&mut self, values: Vec<Value>) -> Outcome<()> {
        let depth = |value: &Value| if let Value::Tuple(_, depth) = value { *depth } else { 0 };
        let depth = 1 + values.iter().map(depth).max().unwrap_or(0);
        if depth > DEEPEST {
            return Err(format!("found tuples nested {depth} deep"));
        }
        self.stack.push(Value::Tuple(values.into(), depth));
        Ok(())
    }

    fn dict(&mut self) {
        self.stack.push(Value::Dict(self.dicts.len()));
        self.dicts.push(Vec::new());
    }

    /// Puts keys and values, in turn, into the dictionary on top of the stack.
    fn set(&mut self, values: Vec<Value>) -> Outcome<()> {
        let Some(&Value::Dict(dict)) = self.stack.last() else { return Ok(()) };
        let mut values = values.into_iter();
        while let (Some(key), Some(value)) = (values.next(), values.next()) {
            self.dicts[dict].push((key, value));
        }
        Ok(())
    }

    fn function(&mut self, module: &str, name: &str) -> Outcome<()> {
        let function = Function::named(module, name);
        let function = function
            .ok_or_else(|| format!("found code, a call of {:?}", format!("{module}.{name}")))?;
        self.stack.push(Value::Function(function));
        Ok(())
    }

    fn call(&mut self, function: &Value, arguments: &Value) -> Outcome<Value> {
        let (Value::Function(function), Value::Tuple(arguments, _)) = (function, arguments) else {
            return Err("found a call of what is no function".to_owned());
        };
        match (function, &**arguments) {
            (Function::OrderedDict, _) => {
                self.dicts.push(Vec::new());
                Ok(Value::Dict(self.dicts.len() - 1))
            }
            (Function::Size, _) => Ok(Value::Other),
            (Function::Parameter, [tensor @ Value::Tensor(_), ..]) => Ok(tensor.clone()),
            (
                Function::Tensor,
                [Value::Storage(storage), Value::Int(offset), shape, stride, ..],
            ) => Ok(Value::Tensor(Rc::new(Pickled {
                storage: storage.clone(),
                offset: usize::try_from(*offset).map_err(|error| error.to_string())?,
                shape: sizes(shape)?,
                stride: sizes(stride)?,
            }))),
            _ => Err("found a call with other arguments".to_owned()),
        }
    }

    fn remember(&mut self, at: usize) -> Outcome<()> {
        let value = self.stack.last().cloned().ok_or_else(empty)?;
        // Python numbers them one after the other.
        match at.cmp(&self.memory.len()) {
            std::cmp::Ordering::Less => self.memory[at] = value,
            std::cmp::Ordering::Equal => self.memory.push(value),
            std::cmp::Ordering::Greater => return Err("found a gap in its memory".to_owned()),
        }
        Ok(())
    }

    fn recall(&mut self, at: usize) -> Outcome<()> {
        let value = self.memory.get(at).cloned().ok_or_else(empty)?;
        self.stack.push(value);
        Ok(())
    }
}

fn empty() -> String {
    "found a value missing".to_owned()
}

/// A whole number of up to eight bytes, the lowest first, the last one with the sign.
fn whole(bytes: &[u8]) -> Option<i64> {
    let mut wide = [if bytes.last().is_some_and(|last| last & 0x80 != 0) { 0xFF } else { 0 }; 8];
    wide.get_mut(..bytes.len())?.copy_from_slice(bytes);
    Some(i64::from_le_bytes(wide))
}

/// The sizes in a tuple.
fn sizes(value: &Value) -> Outcome<Vec<usize>> {
    let Value::Tuple(values, _) = value else { return Err("found a tensor without sizes".into()) };
    let size = |value: &Value| match value {
        Value::Int(size) => usize::try_from(*size).ok(),
        _ => None,
    };
    let sizes: Option<Vec<usize>> = values.iter().map(size).collect();
    sizes.ok_or_else(|| "found a size that is no whole number of 0 or more".to_owned())
}

/// The storage that an id of the archive names: `("storage", CLASS, KEY, DEVICE, ELEMENTS)`.
fn storage(id: &Value) -> Outcome<Value> {
    if let Value::Tuple(parts, _) = id
        && let [_, Value::Function(Function::Storage(dtype)), Value::Text(key), ..] = &**parts
    {
        return Ok(Value::Storage(Storage { key: key.clone(), dtype: *dtype }));
    }
    Err("found an id that is not that of a storage".to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn broken_programs_end_in_an_error() {
        for (program, part) in [
            (&b""[..], "end too early"),
            (b"\x80\x02.", "another value"),
            (b"}.", "no tensor"),
            (b"cos\nsystem\n.", "a call of \"os.system\""),
            (b"X\xff\xff\xff\xff", "end too early"),
            (b"K\x01K\x02R", "no function"),
            (b"ccollections\nOrderedDict\n)R.", "no tensor"),
            (b"ctorch._utils\n_rebuild_tensor_v2\n)R.", "other arguments"),
            (b"Nr\x05\0\0\0", "a gap"),
            (b"h\x07", "missing"),
            (b"t", "missing"),
            (b"\x00", "operation 0x00"),
        ] {
            let error = Machine::run(program).unwrap_err();
            assert!(error.contains(part), "{program:?}: {error}");
        }
        let nested = [b"N".as_slice(), &b"\x85".repeat(1 << 20)].concat();
        assert!(Machine::run(&nested).unwrap_err().contains("nested"));
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = Machine::run(&bytes);
        }
    }
}
