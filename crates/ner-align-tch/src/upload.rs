//! Numbers of a batch on their way to the device.

use tch::{Device, Kind, TchError, Tensor};

use crate::error::Result;

/// These lists as tensors on the device. One copy carries all of them. To a CUDA device it goes from
/// pinned memory, and nothing waits for it.
pub(crate) fn upload<const N: usize>(lists: [&[i64]; N], device: Device) -> Result<[Tensor; N]> {
    let all = Tensor::f_from_slice(&lists.concat())?;
    let all = match device {
        Device::Cuda(_) => {
            // A system may have no memory to pin; then the copy waits for itself.
            let pinned = all.f_internal_pin_memory(device).unwrap_or(all);
            pinned.f_to_device_(device, Kind::Int64, true, false)?
        }
        _ => all.f_to_device(device)?,
    };
    let parts = all.f_split_with_sizes(lists.map(|list| list.len() as i64), 0)?;
    let other = |parts: Vec<Tensor>| TchError::Shape(format!("{} parts", parts.len()));
    Ok(parts.try_into().map_err(other)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_arrive_one_by_one() {
        let [first, none, last] = upload([&[3, 1, 2], &[], &[7]], Device::Cpu).unwrap();
        assert_eq!(Vec::<i64>::try_from(&first).unwrap(), [3, 1, 2]);
        assert_eq!(none.size(), [0]);
        assert_eq!(Vec::<i64>::try_from(&last).unwrap(), [7]);
    }
}
