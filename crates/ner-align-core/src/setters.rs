//! Setters of options, in one style for all crates.

/// Writes a method `with_field(value)` for each field of an options type.
#[doc(hidden)]
#[macro_export]
macro_rules! setters {
    ($options:ident { $($setter:ident: $field:ident: $type:ty),+ $(,)? }) => {
        impl $options {
            $(
                #[doc = concat!("Sets [`", stringify!($field), "`](Self::", stringify!($field), ").")]
                #[must_use]
                pub fn $setter(mut self, $field: $type) -> Self {
                    self.$field = $field;
                    self
                }
            )+
        }
    };
}
